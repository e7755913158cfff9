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

/// The labels of the last order before a segment (ORC-28). Senders write one order for several reports; what is restricted stays so
/// until the next order says otherwise.
pub(super) fn labels_before(all: &Segments<'_>, segment: &Segment<'_>) -> SensitivitySet {
    let order = all.filter(|order| order.number() < segment.number() && order.is("ORC")).last();
    order.map_or(SensitivitySet::NONE, |orc| labels(&orc.field(28).component(1).text()))
}

/// What restricts all that a message says: access restrictions (ARV, HL7 table 0717), and the protection of the person (PD1-12).
pub(super) fn restricted(message: &Message<'_>) -> SensitivitySet {
    let mut all = SensitivitySet::NONE;
    for arv in message.segments().named("ARV") {
        // `D` lifts a restriction. It lifts none that other messages gave: what they labelled stays so until they say otherwise.
        if !arv.field(2).component(1).text().trim().eq_ignore_ascii_case("D") {
            all = all.or(arv
                .field(3)
                .repetitions()
                .map(|value| restriction(&value.component(1).text()))
                .fold(SensitivitySet::NONE, SensitivitySet::or));
        }
    }
    let is_protected = |pd1: Segment<'_>| pd1.field(12).text().trim().eq_ignore_ascii_case("Y");
    if message.segments().named("PD1").any(is_protected) { all.with(Sensitivity::Restricted) } else { all }
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
