//! FHIR R4 `MedicationRequest`.

use mychartum_core::chart::{MedicationRequest, MedicationStatus, Party};
use mychartum_core::kernel::Concept;
use mychartum_core::sync::Reason;

use super::dosage::{DosageElement, dosage};
use super::{reasons, required};
use crate::fhir::read::base::Base;
use crate::fhir::read::element::{CodeableConcept, Many, One, Period, Reference, Txt, date, element, label};
use crate::fhir::read::named::Named;
use crate::fhir::read::resolve::Resolver;

element! {
    /// The elements of a prescription that a chart keeps.
    PrescriptionElement<'a> {
        status: Txt<'a> = "status",
        intent: Txt<'a> = "intent",
        do_not_perform: Txt<'a> = "doNotPerform",
        concept: One<CodeableConcept<'a>> = "medicationCodeableConcept",
        reference: One<Reference<'a>> = "medicationReference",
        authored: Txt<'a> = "authoredOn",
        requester: One<RequesterElement<'a>> = "requester",
        dosage: Many<DosageElement<'a>> = "dosageInstruction",
        reason_code: Many<CodeableConcept<'a>> = "reasonCode",
        reason_reference: Many<Reference<'a>> = "reasonReference",
        dispense: One<DispenseElement<'a>> = "dispenseRequest",
    }
}

element! {
    /// FHIR R4 `MedicationRequest.requester`; the agent inside it, as FHIR STU3 had it, is read too.
    RequesterElement<'a> {
        agent: One<Reference<'a>> = "agent",
        ..whole: Reference<'a>,
    }
}

element! {
    /// FHIR `MedicationRequest.dispenseRequest`.
    DispenseElement<'a> {
        refills: Txt<'a> = "numberOfRepeatsAllowed",
        validity: One<Period<'a>> = "validityPeriod",
    }
}

/// What a chart keeps of a prescription.
///
/// # Errors
/// [`Reason::Missing`] where it names no medication.
pub(super) fn read(
    request: &PrescriptionElement<'_>,
    base: &Base<'_>,
    resolver: &Resolver<'_>,
) -> Result<MedicationRequest, Reason> {
    let (medication, medication_at) = medication(request, resolver);
    let requester = request.requester.get().map(|who| who.agent.get().unwrap_or(&who.whole));
    let dispense = request.dispense.get();
    let view = MedicationRequest {
        status: MedicationStatus::of(request.status.get().unwrap_or("")),
        intent: label(&request.intent),
        do_not_perform: request.do_not_perform.flag().unwrap_or(false),
        medication,
        medication_at,
        authored: date(&request.authored),
        requester: requester.and_then(|who| resolver.party(who, "Practitioner")),
        dosage: request.dosage.iter().filter_map(dosage).collect(),
        reasons: reasons(&request.reason_code, &request.reason_reference),
        refills: dispense.and_then(|dispense| dispense.refills.parse()),
        valid_until: dispense.and_then(|dispense| date(&dispense.validity.get()?.end)),
        notes: base.notes(),
        encounter: resolver.encounter(base),
    };
    required(view.medication.is_empty() && view.medication_at.is_none(), "medication", view.standing())?;
    Ok(view)
}

/// What is prescribed: its concept, that of a contained medication, or where the source names it.
fn medication(request: &PrescriptionElement<'_>, resolver: &Resolver<'_>) -> (Concept, Option<Party>) {
    let stated = request.concept.get().map(CodeableConcept::concept).unwrap_or_default();
    let Some(reference) = request.reference.get() else { return (stated, None) };
    let inside = resolver.contained(reference).map(Named::concept).filter(|concept| !concept.is_empty());
    match inside {
        Some(concept) => (if stated.is_empty() { concept } else { stated }, None),
        None => (stated, resolver.party(reference, "Medication")),
    }
}
