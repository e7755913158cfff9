//! Identifiers: who gave them, of what kind, and their value as text (HL7 v2 `CX`, `EI`).

use mychartum_core::chart::Identifier;
use mychartum_core::kernel::text::Label;

use crate::hl7v2::{Component, Field, Repetition};

/// Kinds of numbers that name no patient of a care provider (HL7 table 0203): of the state, insurers and banks; of accounts, visits and
/// orders; of staff and of guarantors.
const OTHER: [&str; 34] = [
    "SS", "SSN", "DL", "PPN", "NI", "NH", "NNUSA", "MC", "MA", "MCD", "MCR", "CC", "BC", "BA", "TAX", "PEN", "MI",
    "PC", "NIIP", "SB", "CZ", "AN", "ANC", "AND", "ANT", "VN", "ACSN", "GN", "EI", "EN", "PRN", "NPI", "DN", "MD",
];

/// Whether a number may name a patient, as its type and its authority say.
pub(crate) fn names_a_patient(id: &Repetition<'_>) -> bool {
    let kind = id.component(5).text().trim().to_ascii_uppercase();
    let authority = id.component(4).subcomponent(1).text().trim().to_ascii_uppercase();
    !OTHER.contains(&kind.as_str()) && !matches!(authority.as_str(), "SSN" | "USSSA" | "SSA")
}

/// The name of somebody or something by an identifier: its authority and its value, leading zeros and all.
pub(crate) fn entity(id: &Repetition<'_>, default_authority: &str) -> Option<String> {
    let value = id.component(1).value()?;
    let value = value.trim();
    let given = authority(&id.component(4));
    let by = given.as_deref().unwrap_or(default_authority);
    (!value.is_empty()).then(|| format!("{}|{}", bare(by), bare(value)))
}

/// The name of an order (ORC-2, ORC-3, OBR-2, OBR-3, `EI`): its number and who gave it.
pub(crate) fn order_number(field: Field<'_>) -> Option<String> {
    let id = field.repetition(1);
    let value = id.component(1).value()?;
    let namespace = [3, 2].into_iter().find_map(|number| id.component(number).value());
    let value = value.trim();
    (!value.is_empty()).then(|| format!("{}|{}", bare(namespace.as_deref().unwrap_or("").trim()), bare(value)))
}

/// Without the character that separates the parts of a name.
fn bare(text: &str) -> String {
    text.replace('%', "%25").replace('|', "%7C")
}

/// An authority (`HD`): its universal id where it has one, else its local name.
fn authority(authority: &Component<'_>) -> Option<String> {
    let part = |number| authority.subcomponent(number).value().map(|text| text.trim().to_owned());
    match (part(2).filter(|id| !id.is_empty()), part(3)) {
        (Some(id), kind) if kind.as_deref().is_none_or(|kind| kind.eq_ignore_ascii_case("ISO")) && is_oid(&id) => {
            Some(format!("urn:oid:{id}"))
        }
        (Some(id), _) => Some(id),
        (None, _) => part(1).filter(|name| !name.is_empty()),
    }
}

fn is_oid(text: &str) -> bool {
    text.contains('.') && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// An identifier as people know it.
pub(crate) fn identifier(id: &Repetition<'_>, kind: Option<&str>) -> Option<Identifier> {
    let kind = id.component(5).value().map(|kind| kind.into_owned()).or_else(|| kind.map(str::to_owned));
    Some(Identifier {
        system: authority(&id.component(4)).and_then(|system| Label::clipped(&system)),
        kind: kind.and_then(|kind| Label::clipped(kind.trim())),
        value: Label::clipped(&id.component(1).value()?)?,
    })
}
