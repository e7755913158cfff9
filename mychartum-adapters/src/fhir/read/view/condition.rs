//! FHIR R4 `Condition`.

use mychartum_core::chart::{ClinicalStatus, Condition, VerificationStatus};
use mychartum_core::kernel::text::Label;
use mychartum_core::sync::Reason;

use super::{coded, concept, point, required};
use crate::fhir::read::base::Base;
use crate::fhir::read::element::{
    Amount, CodeableConcept, Many, One, Period, Range, Reference, Txt, concepts, date, element, label,
};
use crate::fhir::read::resolve::Resolver;

element! {
    /// The elements of a condition that a chart keeps.
    ConditionElement<'a> {
        clinical: One<CodeableConcept<'a>> = "clinicalStatus",
        verification: One<CodeableConcept<'a>> = "verificationStatus",
        code: One<CodeableConcept<'a>> = "code",
        category: Many<CodeableConcept<'a>> = "category",
        severity: One<CodeableConcept<'a>> = "severity",
        onset: Txt<'a> = "onsetDateTime",
        onset_period: One<Period<'a>> = "onsetPeriod",
        onset_text: Txt<'a> = "onsetString",
        onset_age: Option<Amount<'a>> = "onsetAge",
        onset_range: One<Range<'a>> = "onsetRange",
        abatement: Txt<'a> = "abatementDateTime",
        abatement_period: One<Period<'a>> = "abatementPeriod",
        abatement_age: Option<Amount<'a>> = "abatementAge",
        abatement_range: One<Range<'a>> = "abatementRange",
        abatement_text: Txt<'a> = "abatementString",
        abatement_flag: Txt<'a> = "abatementBoolean",
        recorded: Txt<'a> = "recordedDate",
        asserted: Txt<'a> = "assertedDate",
        recorder: One<Reference<'a>> = "recorder",
        asserter: One<Reference<'a>> = "asserter",
    }
}

/// What a chart keeps of a condition.
///
/// # Errors
/// [`Reason::Missing`] without a code.
pub(super) fn read(
    condition: &ConditionElement<'_>,
    base: &Base<'_>,
    resolver: &Resolver<'_>,
) -> Result<Condition, Reason> {
    let ended = condition.abatement_period.get().and_then(|period| date(&period.end).or_else(|| date(&period.start)));
    let recorder = condition.recorder.get().or(condition.asserter.get());
    let clinical = coded(condition.clinical.get(), ClinicalStatus::of, ClinicalStatus::Unknown);
    // What has ended, however that was said, is no longer active (FHIR R4 Condition, constraint con-4).
    let over = clinical == ClinicalStatus::Unknown && has_ended(condition);
    let age = || age(condition.onset_age.as_ref(), condition.onset_range.get());
    let view = Condition {
        clinical_status: if over { ClinicalStatus::Resolved } else { clinical },
        verification_status: coded(condition.verification.get(), VerificationStatus::of, VerificationStatus::Unknown),
        code: concept(&condition.code),
        categories: concepts(&condition.category),
        severity: condition.severity.get().and_then(CodeableConcept::label),
        onset: point(&condition.onset, &condition.onset_period),
        onset_text: label(&condition.onset_text).or_else(age),
        abatement: date(&condition.abatement).or(ended),
        recorded: date(&condition.recorded).or_else(|| date(&condition.asserted)),
        recorder: recorder.and_then(|who| resolver.party(who, "Practitioner")),
        notes: base.notes(),
        encounter: resolver.encounter(base),
    };
    required(view.code.is_empty(), "code", view.standing())?;
    Ok(view)
}

/// Whether an end was said that is no date: an age, words, a flag, a date that cannot be read.
fn has_ended(condition: &ConditionElement<'_>) -> bool {
    let unread = condition.abatement.get().is_some() && date(&condition.abatement).is_none();
    unread
        || condition.abatement_text.get().is_some()
        || condition.abatement_flag.flag() == Some(true)
        || condition.abatement_age.as_ref().is_some_and(|age| age.quantity().is_some())
        || condition.abatement_range.get().is_some()
}

/// An age, or a range of ages, in words.
pub(super) fn age(age: Option<&Amount<'_>>, range: Option<&Range<'_>>) -> Option<Label> {
    if let Some(age) = age.and_then(Amount::quantity) {
        return Label::clipped(&format!("age {}", age.for_people()));
    }
    let range = range?;
    let ends = [range.low.quantity()?, range.high.quantity()?].map(|end| end.for_people());
    Label::clipped(&format!("age {}", ends.join(" - ")))
}
