//! FHIR R4 `DiagnosticReport`.

use mychartum_core::chart::{DiagnosticReport, ReportStatus};

use super::point;
use crate::fhir::read::base::Base;
use crate::fhir::read::element::{
    AttachmentElement, CodeableConcept, Many, One, Period, Reference, Txt, concepts, date, element, narrative,
};
use crate::fhir::read::resolve::Resolver;

element! {
    /// The elements of a report that a chart keeps.
    ReportElement<'a> {
        status: Txt<'a> = "status",
        category: Many<CodeableConcept<'a>> = "category",
        code: One<CodeableConcept<'a>> = "code",
        effective: Txt<'a> = "effectiveDateTime",
        effective_period: One<Period<'a>> = "effectivePeriod",
        issued: Txt<'a> = "issued",
        performer: Many<Reference<'a>> = "performer",
        interpreter: Many<Reference<'a>> = "resultsInterpreter",
        result: Many<Reference<'a>> = "result",
        conclusion: Txt<'a> = "conclusion",
        presented: Many<AttachmentElement<'a>> = "presentedForm",
    }
}

/// What a chart keeps of a report.
pub(super) fn read(report: &ReportElement<'_>, base: &Base<'_>, resolver: &Resolver<'_>) -> DiagnosticReport {
    let mut performers = resolver.parties(&report.performer, "Practitioner");
    for interpreter in resolver.parties(&report.interpreter, "Practitioner") {
        if !performers.contains(&interpreter) {
            performers.push(interpreter);
        }
    }
    DiagnosticReport {
        status: ReportStatus::of(report.status.get().unwrap_or("")),
        categories: concepts(&report.category),
        code: report.code.get().map(CodeableConcept::concept).unwrap_or_default(),
        effective: point(&report.effective, &report.effective_period),
        issued: date(&report.issued),
        performers,
        results: report.result.iter().filter_map(|result| resolver.find(result, "Observation")).collect(),
        conclusion: narrative(&report.conclusion),
        presented: report.presented.iter().filter_map(AttachmentElement::attachment).collect(),
        encounter: resolver.encounter(base),
    }
}
