//! FHIR R4 `Encounter`.

use mychartum_core::chart::{Encounter, EncounterStatus, Party};
use mychartum_core::kernel::text::Label;

use super::reasons;
use crate::fhir::read::element::{CodeableConcept, Many, One, Period, Reference, Txt, concepts, date, element};
use crate::fhir::read::resolve::Resolver;

element! {
    /// The elements of a visit that a chart keeps.
    EncounterElement<'a> {
        status: Txt<'a> = "status",
        class: One<CodeableConcept<'a>> = "class",
        kind: Many<CodeableConcept<'a>> = "type",
        period: One<Period<'a>> = "period",
        reason_code: Many<CodeableConcept<'a>> = "reasonCode",
        reason: Many<CodeableConcept<'a>> = "reason",
        reason_reference: Many<Reference<'a>> = "reasonReference",
        participant: Many<ParticipantElement<'a>> = "participant",
        location: Many<PlaceElement<'a>> = "location",
        provider: One<Reference<'a>> = "serviceProvider",
        stay: One<StayElement<'a>> = "hospitalization",
    }
}

element! {
    /// FHIR `Encounter.participant`.
    ParticipantElement<'a> {
        individual: One<Reference<'a>> = "individual",
        actor: One<Reference<'a>> = "actor",
    }
}

element! {
    /// FHIR `Encounter.location`.
    PlaceElement<'a> {
        location: One<Reference<'a>> = "location",
    }
}

element! {
    /// FHIR `Encounter.hospitalization`.
    StayElement<'a> {
        discharge: One<CodeableConcept<'a>> = "dischargeDisposition",
    }
}

/// What a chart keeps of a visit.
pub(super) fn read(visit: &EncounterElement<'_>, resolver: &Resolver<'_>) -> Encounter {
    let period = visit.period.get();
    let seen = |part: &ParticipantElement<'_>| {
        let who = part.individual.get().or(part.actor.get())?;
        resolver.party(who, "Practitioner")
    };
    let mut reasons = reasons(&visit.reason_code, &visit.reason_reference);
    if reasons.is_empty() {
        reasons = concepts(&visit.reason);
    }
    let mut locations: Vec<Party> = Vec::new();
    for place in visit.location.iter().filter_map(|place| resolver.party(place.location.get()?, "Location")) {
        // A stay names a place once for each time the patient was there.
        if !locations.contains(&place) {
            locations.push(place);
        }
    }
    Encounter {
        status: EncounterStatus::of(visit.status.get().unwrap_or("")),
        class: visit.class.get().and_then(|class| Label::clipped(class.codes().next()?)),
        kinds: concepts(&visit.kind),
        start: period.and_then(|period| date(&period.start)),
        end: period.and_then(|period| date(&period.end)),
        reasons,
        participants: visit.participant.iter().filter_map(seen).collect(),
        locations,
        provider: visit.provider.get().and_then(|provider| resolver.party(provider, "Organization")),
        discharge: visit.stay.get().and_then(|stay| stay.discharge.get()?.label()),
    }
}
