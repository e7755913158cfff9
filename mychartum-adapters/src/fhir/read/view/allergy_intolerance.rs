//! FHIR R4 `AllergyIntolerance`.

use mychartum_core::chart::{AllergyIntolerance, ClinicalStatus, Criticality, Reaction, VerificationStatus};
use mychartum_core::kernel::text::Label;
use mychartum_core::sync::Reason;

use super::{coded, concept, point, required};
use crate::fhir::read::base::Base;
use crate::fhir::read::element::{
    CodeableConcept, Many, One, Period, Reference, Texts, Txt, concepts, date, element, label,
};
use crate::fhir::read::resolve::Resolver;

element! {
    /// The elements of an allergy that a chart keeps.
    AllergyElement<'a> {
        clinical: One<CodeableConcept<'a>> = "clinicalStatus",
        verification: One<CodeableConcept<'a>> = "verificationStatus",
        code: One<CodeableConcept<'a>> = "code",
        substance: One<CodeableConcept<'a>> = "substance",
        category: Texts<'a> = "category",
        criticality: Txt<'a> = "criticality",
        reaction: Many<ReactionElement<'a>> = "reaction",
        onset: Txt<'a> = "onsetDateTime",
        onset_period: One<Period<'a>> = "onsetPeriod",
        recorded: Txt<'a> = "recordedDate",
        asserted: Txt<'a> = "assertedDate",
        recorder: One<Reference<'a>> = "recorder",
        asserter: One<Reference<'a>> = "asserter",
    }
}

element! {
    /// FHIR `AllergyIntolerance.reaction`.
    ReactionElement<'a> {
        manifestation: Many<CodeableConcept<'a>> = "manifestation",
        severity: Txt<'a> = "severity",
        description: Txt<'a> = "description",
    }
}

/// What a chart keeps of an allergy.
///
/// # Errors
/// [`Reason::Missing`] where it does not say to what.
pub(super) fn read(
    allergy: &AllergyElement<'_>,
    base: &Base<'_>,
    resolver: &Resolver<'_>,
) -> Result<AllergyIntolerance, Reason> {
    let recorder = allergy.recorder.get().or(allergy.asserter.get());
    let view = AllergyIntolerance {
        clinical_status: coded(allergy.clinical.get(), ClinicalStatus::of, ClinicalStatus::Unknown),
        verification_status: coded(allergy.verification.get(), VerificationStatus::of, VerificationStatus::Unknown),
        code: Some(concept(&allergy.code))
            .filter(|code| !code.is_empty())
            .unwrap_or_else(|| concept(&allergy.substance)),
        categories: allergy.category.0.iter().filter_map(|category| Label::clipped(category)).collect(),
        criticality: allergy.criticality.get().map(Criticality::of),
        reactions: allergy.reaction.iter().filter_map(reaction).collect(),
        onset: point(&allergy.onset, &allergy.onset_period),
        recorded: date(&allergy.recorded).or_else(|| date(&allergy.asserted)),
        recorder: recorder.and_then(|who| resolver.party(who, "Practitioner")),
        notes: base.notes(),
    };
    required(view.code.is_empty(), "code", view.standing())?;
    Ok(view)
}

fn reaction(element: &ReactionElement<'_>) -> Option<Reaction> {
    let reaction = Reaction {
        manifestations: concepts(&element.manifestation),
        severity: label(&element.severity),
        description: label(&element.description),
    };
    Some(reaction).filter(|reaction| *reaction != Reaction::default())
}
