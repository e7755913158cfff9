//! The views of a chart, one kind of item a file.

mod allergy_intolerance;
mod condition;
mod diagnostic_report;
mod document_reference;
mod dosage;
mod encounter;
mod immunization;
mod medication_request;
mod observation;
mod outer;
mod patient;
mod procedure;

use mychartum_core::chart::{Party, SourceRef, Standing, View};
use mychartum_core::kernel::text::Narrative;
use mychartum_core::kernel::{Concept, PartialDate};
use mychartum_core::sync::Reason;

use super::element::{authors, concept, concept_of, first_time, interval};
use super::page::Page;
use super::section::Area;
use super::statement::Kind;
use super::xml::{Reach, Xml};

pub(super) use document_reference::{document, replaced};
pub(super) use outer::Outer;
pub(super) use patient::read as patient;

/// A statement, and what else its view needs to know.
pub(super) struct Told<'p, 'a> {
    pub(super) page: &'p Page<'a>,
    pub(super) node: Xml<'a>,
    pub(super) area: Area,
    /// What it stands in.
    pub(super) outer: Option<&'p Outer<'a>>,
    /// The results that a report names.
    pub(super) results: Vec<SourceRef>,
    /// When the document was made.
    pub(super) made: Option<&'p PartialDate>,
}

/// What a statement says.
///
/// # Errors
/// [`Reason::Missing`]: it does not say what it is about.
pub(super) fn read_view(kind: Kind, told: Told<'_, '_>) -> Result<View, Reason> {
    Ok(match kind {
        Kind::Report => View::DiagnosticReport(Box::new(diagnostic_report::read(told))),
        Kind::Observation(category) => View::Observation(Box::new(observation::read(&told, category)?)),
        Kind::Medication => View::MedicationRequest(Box::new(medication_request::read(&told)?)),
        Kind::Vaccine => View::Immunization(Box::new(immunization::read(&told)?)),
        Kind::Problem => View::Condition(Box::new(condition::read(&told)?)),
        Kind::Allergy => View::AllergyIntolerance(Box::new(allergy_intolerance::read(&told)?)),
        Kind::Procedure => View::Procedure(Box::new(procedure::read(&told)?)),
        Kind::Visit => View::Encounter(Box::new(encounter::read(&told))),
        Kind::Note => View::DocumentReference(Box::new(document_reference::note(&told)?)),
        Kind::Narrative => View::DocumentReference(Box::new(document_reference::narrative(&told))),
    })
}

impl<'a> Told<'_, 'a> {
    /// How far it got (HL7 v3 ActStatus). What stands in something nullified is nullified.
    fn status(&self) -> &'a str {
        if self.outer.is_some_and(|outer| outer.status == "nullified") { "nullified" } else { status(self.node) }
    }

    /// Whether it says that it is not so.
    fn negated(&self) -> bool {
        self.node.negated()
    }

    /// When it was: a point, or the start of an interval; else when what it stands in was.
    fn start(&self) -> Option<PartialDate> {
        start(self.node).or_else(|| self.outer?.start.clone())
    }

    /// When it was recorded.
    fn recorded(&self) -> Option<PartialDate> {
        first_time(self.node).or_else(|| self.outer?.recorded.clone())
    }

    /// Who recorded it.
    fn recorder(&self) -> Option<Party> {
        authors(self.page, self.node).into_iter().next().or_else(|| self.outer?.recorder.clone())
    }

    /// At which visit.
    fn visit(&self) -> Option<SourceRef> {
        self.outer?.visit.clone()
    }

    /// What an element of it says, else its own words in the narrative.
    fn concept_or_text(&self, coded: Option<Xml<'a>>) -> Concept {
        let coded = coded.map(|node| concept(self.page, node)).unwrap_or_default();
        if !coded.is_empty() {
            return coded;
        }
        let text = self.node.at("text").and_then(|text| self.page.label(text));
        Concept { codings: Vec::new(), text }
    }

    /// What was said in a related observation of this template.
    fn related(&self, template: &'static str) -> Option<Xml<'a>> {
        self.node.related().find(|related| related.follows(template))
    }

    /// What for: its indications.
    fn reasons(&self) -> Vec<Concept> {
        let indications = self.node.related().filter(|related| related.follows("4.19"));
        let concepts = indications.map(|indication| {
            let value = concept_of(self.page, indication, "value");
            if value.is_empty() { concept_of(self.page, indication, "code") } else { value }
        });
        concepts.filter(|concept| !concept.is_empty()).collect()
    }

    /// Comments on it (template Comment Activity).
    fn notes(&self) -> Vec<Narrative> {
        let comments = self.node.related().filter(|related| related.follows("4.64"));
        comments.filter_map(|comment| self.page.narrative(comment.at("text")?)).collect()
    }
}

/// How far a statement got, as it says itself.
fn status<'a>(node: Xml<'a>) -> &'a str {
    node.at("statusCode").and_then(|status| status.said("code")).unwrap_or("")
}

/// When a statement was, as it says itself.
fn start(node: Xml<'_>) -> Option<PartialDate> {
    interval(node.at("effectiveTime")?).start
}

/// Checks that a fact says what it is about. What was withdrawn, called off or negated need not.
fn required(empty: bool, element: &'static str, standing: Standing) -> Result<(), Reason> {
    if empty && standing.is_fact() { Err(Reason::Missing(element)) } else { Ok(()) }
}
