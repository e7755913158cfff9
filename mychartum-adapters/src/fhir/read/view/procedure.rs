//! FHIR R4 `Procedure`.

use mychartum_core::chart::{Procedure, ProcedureStatus};
use mychartum_core::sync::Reason;

use super::condition::age;
use super::immunization::PerformerElement;
use super::{concept, point, reasons, required};
use crate::fhir::read::base::Base;
use crate::fhir::read::element::{
    Amount, CodeableConcept, Many, One, Period, Range, Reference, Txt, concepts, date, element, label,
};
use crate::fhir::read::resolve::Resolver;

element! {
    /// The elements of a procedure that a chart keeps.
    ProcedureElement<'a> {
        status: Txt<'a> = "status",
        not_done: Txt<'a> = "notDone",
        code: One<CodeableConcept<'a>> = "code",
        performed: Txt<'a> = "performedDateTime",
        performed_period: One<Period<'a>> = "performedPeriod",
        performed_text: Txt<'a> = "performedString",
        performed_age: Option<Amount<'a>> = "performedAge",
        performed_range: One<Range<'a>> = "performedRange",
        performer: Many<PerformerElement<'a>> = "performer",
        location: One<Reference<'a>> = "location",
        reason_code: Many<CodeableConcept<'a>> = "reasonCode",
        reason_reference: Many<Reference<'a>> = "reasonReference",
        body_site: Many<CodeableConcept<'a>> = "bodySite",
        outcome: One<CodeableConcept<'a>> = "outcome",
    }
}

/// What a chart keeps of a procedure.
///
/// # Errors
/// [`Reason::Missing`] without a code.
pub(super) fn read(
    procedure: &ProcedureElement<'_>,
    base: &Base<'_>,
    resolver: &Resolver<'_>,
) -> Result<Procedure, Reason> {
    let stated = ProcedureStatus::of(procedure.status.get().unwrap_or(""));
    let refused = procedure.not_done.flag() == Some(true) && stated != ProcedureStatus::EnteredInError;
    let age = || age(procedure.performed_age.as_ref(), procedure.performed_range.get());
    let view = Procedure {
        status: if refused { ProcedureStatus::NotDone } else { stated },
        code: concept(&procedure.code),
        performed: point(&procedure.performed, &procedure.performed_period),
        performed_end: procedure.performed_period.get().and_then(|period| date(&period.end)),
        performed_text: label(&procedure.performed_text).or_else(age),
        performers: procedure.performer.iter().filter_map(|who| resolver.party(who.who(), "Practitioner")).collect(),
        location: procedure.location.get().and_then(|location| resolver.party(location, "Location")),
        reasons: reasons(&procedure.reason_code, &procedure.reason_reference),
        body_sites: concepts(&procedure.body_site),
        outcome: procedure.outcome.get().and_then(CodeableConcept::label),
        notes: base.notes(),
        encounter: resolver.encounter(base),
    };
    required(view.code.is_empty(), "code", view.standing())?;
    Ok(view)
}
