//! People: names, addresses, ways to reach them (HL7 v2 `XPN`, `XAD`, `XTN`).

use mychartum_core::chart::{AdministrativeGender, Contact, PersonName};
use mychartum_core::kernel::text::Label;

use crate::hl7v2::Repetition;

/// A name; none where neither a given nor a family name is said.
pub(crate) fn name(element: &Repetition<'_>) -> Option<PersonName> {
    let part = |number: usize| {
        let text = element.component(number).subcomponent(1).value()?;
        Label::clipped(text.trim())
    };
    let kind = element.component(7).value();
    let usage = match kind.as_deref().map(str::trim) {
        Some("L" | "C" | "K") => Some("official"),
        Some("D") => Some("usual"),
        Some("M") => Some("maiden"),
        Some("N" | "A" | "P") => Some("nickname"),
        Some("S") => Some("anonymous"),
        Some("BAD" | "NOUSE") => Some("old"),
        _ => None,
    };
    let name = PersonName {
        usage: usage.and_then(Label::clipped),
        text: None,
        given: [part(2), part(3)].into_iter().flatten().collect(),
        family: part(1),
        prefix: part(5).into_iter().collect(),
        suffix: part(4).into_iter().collect(),
    };
    (!name.given.is_empty() || name.family.is_some()).then_some(name)
}

/// An address in one line.
pub(crate) fn address(element: &Repetition<'_>) -> Option<Label> {
    let part = |number: usize| {
        let text = element.component(number).subcomponent(1).value()?;
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    let parts: Vec<String> = [1, 2, 3, 4, 5, 6].into_iter().filter_map(part).collect();
    Label::clipped(&parts.join(", "))
}

/// A number or address; the unformatted number counts, else the formatted one, else its parts.
pub(crate) fn contact(element: &Repetition<'_>, usage: &str) -> Option<Contact> {
    let part = |number: usize| {
        let text = element.component(number).value()?;
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    let (use_code, equipment) = (part(2), part(3));
    let written = part(4);
    let is_mail = use_code.as_deref() == Some("NET")
        || matches!(equipment.as_deref(), Some("Internet" | "X.400"))
        || written.as_deref().is_some_and(|text| text.contains('@'));
    let parts = || {
        let numbers: Vec<String> = [5, 6, 7].into_iter().filter_map(part).collect();
        Some(numbers.join(" ")).filter(|text| !text.is_empty())
    };
    let value = if is_mail { written.or_else(|| part(1)) } else { part(12).or_else(|| part(1)).or_else(parts) }?;
    let channel = match (is_mail, equipment.as_deref()) {
        (true, _) => "email",
        (false, Some("FX")) => "fax",
        (false, Some("BP")) => "pager",
        _ => "phone",
    };
    let usage = match (use_code.as_deref(), equipment.as_deref()) {
        (_, Some("CP")) => "mobile",
        (Some("WPN"), _) => "work",
        (Some("VHN" | "ORN"), _) => "temp",
        _ => usage,
    };
    Some(Contact { channel: Label::clipped(channel), usage: Label::clipped(usage), value: Label::clipped(&value)? })
}

/// Administrative sex (HL7 table 0001).
pub(crate) fn gender(code: &str) -> AdministrativeGender {
    match code.trim().to_ascii_uppercase().as_str() {
        "M" => AdministrativeGender::Male,
        "F" => AdministrativeGender::Female,
        "O" | "A" => AdministrativeGender::Other,
        _ => AdministrativeGender::Unknown,
    }
}
