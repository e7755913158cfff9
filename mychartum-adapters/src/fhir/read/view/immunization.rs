//! FHIR R4 `Immunization`.

use mychartum_core::chart::{Immunization, ImmunizationStatus, Standing};
use mychartum_core::sync::Reason;

use super::{concept, required};
use crate::fhir::read::base::Base;
use crate::fhir::read::element::{Amount, CodeableConcept, Many, One, Reference, Txt, date, element, label};
use crate::fhir::read::resolve::Resolver;

element! {
    /// The elements of a vaccination that a chart keeps.
    ImmunizationElement<'a> {
        status: Txt<'a> = "status",
        not_given: Txt<'a> = "notGiven",
        was_not_given: Txt<'a> = "wasNotGiven",
        vaccine: One<CodeableConcept<'a>> = "vaccineCode",
        occurrence: Txt<'a> = "occurrenceDateTime",
        occurrence_text: Txt<'a> = "occurrenceString",
        date: Txt<'a> = "date",
        lot: Txt<'a> = "lotNumber",
        dose: Option<Amount<'a>> = "doseQuantity",
        site: One<CodeableConcept<'a>> = "site",
        protocol: Many<ProtocolElement<'a>> = "protocolApplied",
        performer: Many<PerformerElement<'a>> = "performer",
        location: One<Reference<'a>> = "location",
    }
}

element! {
    /// FHIR `Immunization.protocolApplied`.
    ProtocolElement<'a> {
        number: Txt<'a> = "doseNumberPositiveInt",
        words: Txt<'a> = "doseNumberString",
    }
}

element! {
    /// FHIR `Immunization.performer` and `Procedure.performer`; a bare reference in its place is read too.
    PerformerElement<'a> {
        actor: One<Reference<'a>> = "actor",
        ..whole: Reference<'a>,
    }
}

impl PerformerElement<'_> {
    /// Who it is.
    pub(super) fn who(&self) -> &Reference<'_> {
        self.actor.get().unwrap_or(&self.whole)
    }
}

/// What a chart keeps of a vaccination.
///
/// # Errors
/// [`Reason::Missing`] without a vaccine.
pub(super) fn read(
    vaccine: &ImmunizationElement<'_>,
    base: &Base<'_>,
    resolver: &Resolver<'_>,
) -> Result<Immunization, Reason> {
    // Earlier versions of FHIR said `completed` of a vaccine that was not given, and set a flag beside it.
    let refused = vaccine.not_given.flag() == Some(true) || vaccine.was_not_given.flag() == Some(true);
    let stated = ImmunizationStatus::of(vaccine.status.get().unwrap_or(""));
    let given = matches!(stated, ImmunizationStatus::Completed | ImmunizationStatus::Unknown);
    let view = Immunization {
        status: if refused && given { ImmunizationStatus::NotDone } else { stated },
        vaccine: concept(&vaccine.vaccine),
        occurrence: date(&vaccine.occurrence).or_else(|| date(&vaccine.date)),
        occurrence_text: label(&vaccine.occurrence_text),
        lot: label(&vaccine.lot),
        dose: vaccine.dose.as_ref().and_then(Amount::quantity),
        site: vaccine.site.get().and_then(CodeableConcept::label),
        dose_number: vaccine.protocol.iter().find_map(|part| label(&part.number).or_else(|| label(&part.words))),
        performers: vaccine.performer.iter().filter_map(|who| resolver.party(who.who(), "Practitioner")).collect(),
        location: vaccine.location.get().and_then(|location| resolver.party(location, "Location")),
        notes: base.notes(),
        encounter: resolver.encounter(base),
    };
    // Without a status nothing was withdrawn: then it has to say what it is, although it is not shown as given.
    let standing = if view.status == ImmunizationStatus::Unknown { Standing::Fact } else { view.standing() };
    required(view.vaccine.is_empty(), "vaccineCode", standing)?;
    Ok(view)
}
