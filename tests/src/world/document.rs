//! Notes and letters (US Core DocumentReference), the text inside as base64.

use super::base64;
use super::calendar::Moment;
use super::chart::{Chart, Fact};
use super::clinician::Clinician;
use super::code::{Code, loinc};
use super::node::{list, object};

pub(super) const PROGRESS_NOTE: Code = loinc("11506-3", "Progress note");
pub(super) const HISTORY_AND_PHYSICAL: Code = loinc("34117-2", "History and physical note");
pub(super) const CONSULT_NOTE: Code = loinc("11488-4", "Consult note");
pub(super) const DISCHARGE_SUMMARY: Code = loinc("18842-5", "Discharge summary");
pub(super) const DISCHARGE_INSTRUCTIONS: Code = loinc("8653-8", "Hospital Discharge instructions");
pub(super) const EDUCATION: Code = loinc("34895-3", "Education note");

/// One document before it is written.
#[derive(Debug)]
pub(super) struct Document<'a> {
    pub(super) label: &'a str,
    pub(super) kind: Code,
    pub(super) title: &'a str,
    /// `text/plain` or `text/html`.
    pub(super) format: &'static str,
    /// `en` or `es`.
    pub(super) language: &'static str,
    pub(super) text: &'a str,
    pub(super) at: Moment,
    pub(super) by: Clinician,
    pub(super) visit: Option<String>,
    pub(super) labels: &'static [Code],
}

impl<'a> Document<'a> {
    /// A plain English note.
    pub(super) const fn note(kind: Code, label: &'a str, text: &'a str, at: Moment, by: Clinician) -> Self {
        Self {
            label,
            kind,
            title: kind.display,
            format: "text/plain",
            language: "en",
            text,
            at,
            by,
            visit: None,
            labels: &[],
        }
    }
}

impl Chart {
    /// Adds a document.
    pub(super) fn document(&mut self, what: Document<'_>) {
        let fact = Fact {
            kind: "DocumentReference",
            label: what.label,
            version: 1,
            recorded: what.at,
            profile: "documentreference",
            labels: what.labels,
        };
        let clinical_note = Code::new(
            "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category",
            "clinical-note",
            "Clinical Note",
        );
        let visit = self.to_visit(what.visit.as_ref());
        let body = object! {
            "status": "current",
            "docStatus": "final",
            "type": what.kind.concept(),
            "category": list![clinical_note.concept()],
            "subject": self.subject(),
            "date": what.at.text(),
            "author": list![self.clinician(what.by)],
            "custodian": self.organization(self.site),
            "description": what.title,
            "securityLabel": what.labels.iter().map(|label| label.concept()).collect::<Vec<_>>(),
            "content": list![object! {
                "attachment": object! {
                    "contentType": format!("{}; charset=utf-8", what.format),
                    "language": what.language,
                    "data": base64::encode(what.text),
                    "size": i64::try_from(what.text.len()).unwrap_or_default(),
                    "title": what.title,
                    "creation": what.at.text(),
                },
            }],
            "context": visit.map(|visit| object! { "encounter": list![visit] }),
        };
        self.add(&fact, body);
    }
}
