//! Visits and stays (PV1, PV2), as the event of their message says.

use mychartum_core::chart::{Encounter, EncounterStatus};
use mychartum_core::kernel::text::Label;

use crate::hl7v2::Segment;
use crate::hl7v2::map::element::{concept, people, place, time};
use crate::hl7v2::map::scene::Scene;

/// Whether an event says no more of how a visit stands than its segments do: that somebody is there.
pub(crate) fn is_of_segments(event: &str) -> bool {
    matches!(event, "A01" | "A02" | "A04" | "A06" | "A07" | "A08" | "A12" | "A22")
}

/// The visit of a message.
pub(crate) fn encounter(scene: &Scene<'_>, pv1: &Segment<'_>) -> Encounter {
    let zone = scene.settings.zone;
    let (start, end) = (time(pv1.field(44), zone), time(pv1.field(45), zone));
    let status = match scene.event.as_str() {
        "A11" | "A38" | "A27" => EncounterStatus::Cancelled,
        "A23" => EncounterStatus::EnteredInError,
        "A05" | "A14" => EncounterStatus::Planned,
        "A03" => EncounterStatus::Finished,
        "A21" => EncounterStatus::OnLeave,
        // A13 takes back a discharge, whatever PV1-45 still says.
        "A13" => EncounterStatus::InProgress,
        _ if end.is_some() => EncounterStatus::Finished,
        "A10" => EncounterStatus::Arrived,
        event if is_of_segments(event) => EncounterStatus::InProgress,
        _ => EncounterStatus::Unknown,
    };
    let class = pv1.field(2).component(1).value().map(|class| class.trim().to_ascii_uppercase());
    let class = class.map(|class| match class.as_str() {
        "I" => "IMP".to_owned(),
        "O" | "R" | "C" => "AMB".to_owned(),
        "E" => "EMER".to_owned(),
        "P" => "PRENC".to_owned(),
        _ => class,
    });
    let pv2 = scene.message.segments().find_named("PV2");
    let reason = pv2.map(|pv2| concept(&pv2.field(3).repetition(1))).filter(|reason| !reason.is_empty());
    let mut participants = people(pv1.field(7));
    for party in people(pv1.field(17)) {
        if !participants.contains(&party) {
            participants.push(party);
        }
    }
    Encounter {
        status,
        class: class.and_then(|class| Label::clipped(&class)),
        kinds: Vec::new(),
        start,
        end: end.filter(|_| status != EncounterStatus::InProgress),
        reasons: reason.into_iter().collect(),
        participants,
        locations: place(&pv1.field(3).repetition(1)).into_iter().collect(),
        provider: None,
        discharge: concept_label(pv1, 36),
    }
}

fn concept_label(pv1: &Segment<'_>, field: usize) -> Option<Label> {
    Label::clipped(concept(&pv1.field(field).repetition(1)).shown())
}
