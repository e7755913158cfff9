//! Prescriptions (ORC with RXE or RXO).

use mychartum_core::chart::{MedicationRequest, MedicationStatus};
use mychartum_core::kernel::Concept;
use mychartum_core::kernel::text::{Label, Narrative};

use crate::hl7v2::map::element::{concept, notes, people, said, time};
use crate::hl7v2::map::scene::Scene;
use crate::hl7v2::{Field, Segment};

/// A prescription: the order, what the pharmacy made of it, what was asked for; one of the last two is there.
pub(crate) fn medication(
    scene: &Scene<'_>,
    orc: &Segment<'_>,
    (rxe, rxo): (Option<&Segment<'_>>, Option<&Segment<'_>>),
) -> MedicationRequest {
    let zone = scene.settings.zone;
    let named = |field: Field<'_>| Some(concept(&field.repetition(1))).filter(|said| !said.is_empty());
    let medication: Option<Concept> =
        rxe.and_then(|rxe| named(rxe.field(2))).or_else(|| rxo.and_then(|rxo| named(rxo.field(1))));
    let words = |field: Field<'_>| {
        let all: Vec<String> = field.repetitions().filter_map(|one| Some(said(&one)?.as_str().to_owned())).collect();
        Narrative::clipped(&all.join("\n"))
    };
    let instructions = rxe.and_then(|rxe| words(rxe.field(7)).or_else(|| words(rxe.field(21))));
    let instructions = instructions.or_else(|| rxo.and_then(|rxo| words(rxo.field(7))));
    let amount = || {
        let (segment, from) = rxe.map(|rxe| (rxe, 3)).or_else(|| rxo.map(|rxo| (rxo, 2)))?;
        let least = segment.field(from).value()?;
        let unit = said(&segment.field(from + 2).repetition(1));
        Narrative::clipped(format!("{} {}", least.trim(), unit.as_ref().map_or("", Label::as_str)).trim())
    };
    // `PRN` and the like say that refills are allowed, and not how many.
    let count = |field: Field<'_>| field.value().and_then(|count| count.trim().parse::<u32>().ok());
    let refills = rxe.and_then(|rxe| count(rxe.field(12))).or_else(|| rxo.and_then(|rxo| count(rxo.field(13))));
    let reason = named(orc.field(16));
    MedicationRequest {
        status: status(orc),
        intent: Label::clipped("order"),
        do_not_perform: false,
        medication: medication.unwrap_or_default(),
        medication_at: None,
        authored: time(orc.field(9), zone).or_else(|| time(orc.field(15), zone)),
        requester: people(orc.field(12)).into_iter().next(),
        dosage: instructions.or_else(amount).into_iter().collect(),
        reasons: reason.into_iter().collect(),
        refills,
        valid_until: None,
        notes: rxe.into_iter().flat_map(|rxe| notes(rxe.followed_by("NTE"))).collect(),
        encounter: scene.visit.clone(),
    }
}

/// How it stands: what is asked for (ORC-1, HL7 table 0119), unless ORC-5 says how far it is (table 0038).
fn status(orc: &Segment<'_>) -> MedicationStatus {
    let code = |field: usize| orc.field(field).component(1).text().trim().to_ascii_uppercase();
    let stands = match code(5).as_str() {
        "CM" => Some(MedicationStatus::Completed),
        "CA" => Some(MedicationStatus::Cancelled),
        "DC" | "RP" => Some(MedicationStatus::Stopped),
        "HD" => Some(MedicationStatus::OnHold),
        _ => None,
    };
    let asked = match code(1).as_str() {
        "CA" | "OC" | "CR" | "UA" => MedicationStatus::Cancelled,
        "DC" | "OD" | "DR" | "RP" | "RQ" => MedicationStatus::Stopped,
        "HD" | "OH" | "HR" => MedicationStatus::OnHold,
        "NW" | "OK" | "SN" | "NA" | "XO" | "XX" | "RO" | "RL" | "OE" | "SC" | "RE" | "RF" | "AF" => {
            MedicationStatus::Active
        }
        _ => MedicationStatus::Unknown,
    };
    match (asked, stands) {
        (MedicationStatus::Cancelled | MedicationStatus::Stopped | MedicationStatus::OnHold, _) | (_, None) => asked,
        (_, Some(stands)) => stands,
    }
}
