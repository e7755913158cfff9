//! FHIR R4 `Appointment`.

use mychartum_core::chart::{Appointment, AppointmentStatus, SourceRef};
use mychartum_core::sync::Reason;

use super::reasons;
use crate::fhir::read::base::Base;
use crate::fhir::read::element::{
    CodeableConcept, Many, One, Reference, Txt, concepts, date, element, label, narrative,
};
use crate::fhir::read::resolve::Resolver;

element! {
    /// The elements of an appointment that a chart keeps.
    AppointmentElement<'a> {
        status: Txt<'a> = "status",
        category: Many<CodeableConcept<'a>> = "serviceCategory",
        service: Many<CodeableConcept<'a>> = "serviceType",
        kind: Many<CodeableConcept<'a>> = "appointmentType",
        reason_code: Many<CodeableConcept<'a>> = "reasonCode",
        reason_reference: Many<Reference<'a>> = "reasonReference",
        description: Txt<'a> = "description",
        start: Txt<'a> = "start",
        end: Txt<'a> = "end",
        participant: Many<ParticipantElement<'a>> = "participant",
        instruction: Txt<'a> = "patientInstruction",
    }
}

element! {
    /// FHIR `Appointment.participant`.
    ParticipantElement<'a> {
        actor: One<Reference<'a>> = "actor",
    }
}

/// Whose appointment it is and what a chart keeps of it.
///
/// # Errors
/// [`Reason::NoSubject`] where no patient takes part, [`Reason::Invalid`] where several do: nobody is chosen.
pub(super) fn read(
    appointment: &AppointmentElement<'_>,
    base: &Base<'_>,
    resolver: &Resolver<'_>,
) -> Result<(SourceRef, Appointment), Reason> {
    let mut subject = resolver.subject(base).ok();
    let mut participants = Vec::new();
    for actor in appointment.participant.iter().filter_map(|part| part.actor.get()) {
        // No type is guessed: participants may be of many types.
        let meant = resolver.subject_of(actor, "").filter(|found| found.kind.as_str() == "Patient");
        match (meant, &subject) {
            (Some(one), Some(known)) if one != *known => return Err(Reason::Invalid("participant")),
            (Some(one), _) => subject = Some(one),
            (None, _) => participants.extend(resolver.party(actor, "Practitioner")),
        }
    }
    let mut kinds = concepts(&appointment.service);
    kinds.extend(concepts(&appointment.kind));
    if kinds.is_empty() {
        kinds = concepts(&appointment.category);
    }
    let view = Appointment {
        status: AppointmentStatus::of(appointment.status.get().unwrap_or("")),
        kinds,
        reasons: reasons(&appointment.reason_code, &appointment.reason_reference),
        description: label(&appointment.description),
        start: date(&appointment.start),
        end: date(&appointment.end),
        participants,
        instructions: narrative(&appointment.instruction),
    };
    Ok((subject.ok_or(Reason::NoSubject)?, view))
}
