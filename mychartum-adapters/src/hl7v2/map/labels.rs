//! Sensitivity labels that messages give: adapters label, and core decides what that means.

use mychartum_core::kernel::{Sensitivity, SensitivitySet};

use crate::hl7v2::{Message, Segment, Segments};

/// The labels that a confidentiality code means (HL7 tables 0177 and 0272). A code that is not known is one of its own.
pub(super) fn labels(code: &str) -> SensitivitySet {
    match code.trim().to_ascii_uppercase().as_str() {
        "" | "U" | "N" | "L" | "EMP" => SensitivitySet::NONE,
        "AID" | "HIV" => SensitivitySet::of(&[Sensitivity::Hiv]),
        "ETH" => SensitivitySet::of(&[Sensitivity::Eth]),
        "PSY" => SensitivitySet::of(&[Sensitivity::Psy]),
        "R" | "V" | "VIP" | "UWM" => SensitivitySet::of(&[Sensitivity::Restricted]),
        other => SensitivitySet::of(&[Sensitivity::of_code(other).unwrap_or(Sensitivity::Unknown)]),
    }
}

/// The last order before a segment, if it labels what is below it (ORC-28), and its labels. Senders write one order for several
/// reports; what is restricted stays so until the next order says otherwise.
pub(super) fn labelled_before<'m>(all: &Segments<'m>, segment: &Segment<'m>) -> (Option<Segment<'m>>, SensitivitySet) {
    let order = all.filter(|order| order.number() < segment.number() && order.is("ORC")).last();
    let given = order.map_or(SensitivitySet::NONE, |orc| labels(&orc.field(28).component(1).text()));
    (order.filter(|_| !given.is_empty()), given)
}

/// The segments that restrict all that a message says. They are in the original of everything that they restrict, so that what was
/// filed before is filed anew when it is restricted later.
pub(super) fn restricting<'m>(message: &'m Message<'m>) -> impl Iterator<Item = Segment<'m>> {
    message.segments().filter(|segment| segment.is("ARV") || is_protected(segment))
}

/// Whether a segment says that the person is protected (PD1-12).
fn is_protected(segment: &Segment<'_>) -> bool {
    segment.is("PD1") && segment.field(12).text().trim().eq_ignore_ascii_case("Y")
}

/// What restricts all that a message says: access restrictions (ARV, HL7 table 0717), and the protection of the person (PD1-12).
pub(super) fn restricted(message: &Message<'_>) -> SensitivitySet {
    let mut all = SensitivitySet::NONE;
    for arv in message.segments().named("ARV") {
        // `D` says that a restriction is over.
        if !arv.field(2).component(1).text().trim().eq_ignore_ascii_case("D") {
            all = all.or(arv
                .field(3)
                .repetitions()
                .map(|value| restriction(&value.component(1).text()))
                .fold(SensitivitySet::NONE, SensitivitySet::or));
        }
    }
    if message.segments().any(|segment| is_protected(&segment)) { all.with(Sensitivity::Restricted) } else { all }
}

fn restriction(value: &str) -> SensitivitySet {
    match value.trim().to_ascii_uppercase().as_str() {
        // None; opted in to, or out of, registries of patients.
        "" | "NO" | "OI" | "OO" => SensitivitySet::NONE,
        "HIV" => SensitivitySet::of(&[Sensitivity::Hiv]),
        "PSY" => SensitivitySet::of(&[Sensitivity::Psy]),
        "STD" => SensitivitySet::of(&[Sensitivity::Std]),
        "DRG" => SensitivitySet::of(&[Sensitivity::Eth]),
        "ALL" | "SMD" => SensitivitySet::of(&[Sensitivity::Restricted]),
        _ => SensitivitySet::of(&[Sensitivity::Unknown]),
    }
}
