//! Problems and diagnoses (C-CDA R2.1 Problem Observation in a concern, a diagnosis act or a visit).

use mychartum_core::chart::{ClinicalStatus, Condition, VerificationStatus};
use mychartum_core::kernel::text::Label;
use mychartum_core::kernel::{CodeSystem, Coding, Concept};
use mychartum_core::sync::Reason;

use super::{Told, required};
use crate::ccda::read::element::{Interval, concept_of, interval, quantity};
use crate::ccda::read::section::Area;
use crate::ccda::read::xml::{Reach, Xml};

/// FHIR's categories of conditions.
const CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/condition-category";

/// What a chart keeps of a problem.
///
/// # Errors
/// [`Reason::Missing`] where it does not say which.
pub(super) fn read(told: &Told<'_, '_>) -> Result<Condition, Reason> {
    let span = told.node.at("effectiveTime").map(interval).unwrap_or_default();
    let view = Condition {
        clinical_status: clinical(told, "4.6", &span),
        verification_status: verification(told),
        code: told.concept_or_text(told.node.at("value")),
        categories: category(told).into_iter().collect(),
        severity: told.related("4.8").and_then(|found| Label::clipped(concept_of(told.page, found, "value").shown())),
        onset: span.start,
        onset_text: told.related("4.31").and_then(|found| age(found.at("value")?)),
        abatement: span.end,
        recorded: told.recorded(),
        recorder: told.recorder(),
        notes: told.notes(),
        encounter: told.visit(),
    };
    required(view.code.is_empty(), "value", view.standing())?;
    Ok(view)
}

/// Whether it is there now: as a status observation of this template says, else by its end, else as its concern stands.
pub(super) fn clinical(told: &Told<'_, '_>, template: &'static str, span: &Interval) -> ClinicalStatus {
    let value = told.related(template).and_then(|status| status.at("value"));
    let stated = match value.and_then(|value| value.said("code")).unwrap_or("") {
        "55561003" => ClinicalStatus::Active,
        "73425007" => ClinicalStatus::Inactive,
        "413322009" => ClinicalStatus::Resolved,
        "246455001" => ClinicalStatus::Recurrence,
        "263855007" => ClinicalStatus::Relapse,
        "277022003" => ClinicalStatus::Remission,
        _ => ClinicalStatus::Unknown,
    };
    if stated != ClinicalStatus::Unknown {
        return stated;
    }
    // An end counts though its date is not known: `<high nullFlavor="UNK"/>` says that it is over.
    if span.ended {
        return ClinicalStatus::Resolved;
    }
    let concern = told.outer.filter(|outer| outer.node.called() == "act");
    match concern.map(|act| act.status) {
        Some("active") => ClinicalStatus::Active,
        Some("completed" | "suspended" | "aborted") => ClinicalStatus::Inactive,
        _ => ClinicalStatus::Unknown,
    }
}

/// How sure it is: C-CDA only says when something is not so, or should never have been said.
pub(super) fn verification(told: &Told<'_, '_>) -> VerificationStatus {
    match told.status() {
        "nullified" => VerificationStatus::EnteredInError,
        _ if told.negated() => VerificationStatus::Refuted,
        _ => VerificationStatus::Unknown,
    }
}

fn category(told: &Told<'_, '_>) -> Option<Concept> {
    let (code, display) = if told.outer.is_some_and(|outer| outer.diagnoses) {
        ("encounter-diagnosis", "Encounter Diagnosis")
    } else if told.area == Area::Problems {
        ("problem-list-item", "Problem List Item")
    } else {
        return None;
    };
    let system = CodeSystem::of(CATEGORY);
    let coding = Coding { system, code: Label::clipped(code)?, display: Label::clipped(display) };
    Some(Concept { codings: vec![coding], text: None })
}

/// An age in words.
fn age(value: Xml<'_>) -> Option<Label> {
    let age = quantity(value)?;
    let unit = match value.said("unit")? {
        "a" => "years",
        "mo" => "months",
        "wk" => "weeks",
        "d" => "days",
        other => other,
    };
    Label::clipped(&format!("age {} {unit}", age.value.for_people()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ccda::read::sample::{entry, reason};
    use mychartum_core::chart::{Standing, View};

    fn concern(status: &str, observation: &str) -> String {
        format!(
            "<act><templateId root='2.16.840.1.113883.10.20.22.4.3'/><statusCode code='{status}'/>\
            <entryRelationship typeCode='SUBJ'><observation {observation}</observation></entryRelationship></act>"
        )
    }

    fn condition(status: &str, observation: &str) -> Condition {
        match entry("11450-4", &concern(status, observation)) {
            View::Condition(view) => *view,
            _ => panic!("no condition"),
        }
    }

    const PNEUMONIA: &str =
        "<value xsi:type='CD' code='233604007' codeSystem='2.16.840.1.113883.6.96' displayName='Pneumonia'/>";

    #[test]
    fn problems_end_as_they_say() {
        let status = |code: &str| {
            format!(
                "<entryRelationship><observation><templateId root='2.16.840.1.113883.10.20.22.4.6'/><value code='{code}'/></observation></entryRelationship>"
            )
        };
        for (act, inside, clinical) in [
            ("active", String::new(), ClinicalStatus::Active),
            ("completed", String::new(), ClinicalStatus::Inactive),
            ("odd", String::new(), ClinicalStatus::Unknown),
            (
                "active",
                "<effectiveTime><low value='2012'/><high value='2013'/></effectiveTime>".into(),
                ClinicalStatus::Resolved,
            ),
            (
                "active",
                "<effectiveTime><low value='2012'/><high nullFlavor='UNK'/></effectiveTime>".into(),
                ClinicalStatus::Resolved,
            ),
            (
                "active",
                "<effectiveTime><low value='2012'/><high nullFlavor='NI'/></effectiveTime>".into(),
                ClinicalStatus::Active,
            ),
            ("active", status("413322009"), ClinicalStatus::Resolved),
            ("completed", status("55561003"), ClinicalStatus::Active),
        ] {
            let read = condition(act, &format!(">{PNEUMONIA}{inside}"));
            assert_eq!((read.clinical_status, read.code.shown()), (clinical, "Pneumonia"), "{act} {inside}");
        }
    }

    #[test]
    fn what_is_not_so_is_no_fact() {
        assert_eq!(condition("active", &format!("negationInd='true'>{PNEUMONIA}")).standing(), Standing::Negated);
        assert_eq!(
            condition("active", &format!(">{PNEUMONIA}<statusCode code='nullified'/>")).standing(),
            Standing::Withdrawn
        );
        assert_eq!(condition("nullified", &format!(">{PNEUMONIA}")).standing(), Standing::Withdrawn);
        assert_eq!(condition("active", "negationInd='true'><value nullFlavor='NA'/>").standing(), Standing::Negated);
        assert_eq!(reason("11450-4", &concern("active", "><value nullFlavor='UNK'/>")).to_string(), "missing: value");
    }

    #[test]
    fn dates_people_and_words_are_kept() {
        let read = condition(
            "active",
            "><value xsi:type='CD' nullFlavor='OTH'><originalText>Bad knee</originalText><translation code='V49.75' codeSystem='2.16.840.1.113883.6.103'/></value>\
            <effectiveTime><low value='201204'/><high value='20120501'/></effectiveTime>\
            <author><time value='20120403'/><assignedAuthor><assignedPerson><name><given>A</given><family>B</family></name></assignedPerson></assignedAuthor></author>\
            <entryRelationship><observation><templateId root='2.16.840.1.113883.10.20.22.4.31'/><value xsi:type='PQ' value='57' unit='a'/></observation></entryRelationship>\
            <entryRelationship><observation><templateId root='2.16.840.1.113883.10.20.22.4.8'/><value xsi:type='CD' code='24484000' displayName='Severe'/></observation></entryRelationship>",
        );
        assert_eq!(read.code.shown(), "Bad knee");
        assert!(read.code.has_code("V49.75"));
        assert_eq!(read.onset.unwrap().as_str(), "2012-04");
        assert_eq!(read.abatement.unwrap().as_str(), "2012-05-01");
        assert_eq!(read.recorded.unwrap().as_str(), "2012-04-03");
        assert_eq!(read.recorder.unwrap().shown(), "A B");
        assert_eq!(read.onset_text.unwrap().as_str(), "age 57 years");
        assert_eq!(read.severity.unwrap().as_str(), "Severe");
        assert!(read.categories[0].has_code("problem-list-item"));
    }
}
