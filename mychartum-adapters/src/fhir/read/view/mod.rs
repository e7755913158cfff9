//! The views of a chart, one resource type a file.

mod allergy_intolerance;
mod appointment;
mod condition;
mod diagnostic_report;
mod document_reference;
mod dosage;
mod encounter;
mod immunization;
mod medication_request;
mod observation;
mod observation_value;
mod patient;
mod procedure;

use mychartum_core::chart::{SourceRef, Standing, View};
use mychartum_core::sync::Reason;

use super::base::Base;
use super::element::{Element, Many, One, Reference, date, read_object};
use super::resolve::Resolver;

/// The resource types that have a view.
const SUPPORTED: [&str; 11] = [
    "Patient",
    "Observation",
    "DiagnosticReport",
    "MedicationRequest",
    "Encounter",
    "DocumentReference",
    "Immunization",
    "Condition",
    "AllergyIntolerance",
    "Procedure",
    "Appointment",
];

/// Whether a type of resource has a view.
pub(super) fn is_supported(kind: &str) -> bool {
    SUPPORTED.contains(&kind)
}

/// Whose a resource is and what it says.
///
/// # Errors
/// The [`Reason`] why it cannot be filed: whose it is comes first, then an element without which it means nothing.
pub(super) fn read_view(
    text: &str,
    kind: &str,
    identity: &SourceRef,
    base: &Base<'_>,
    resolver: &Resolver<'_>,
) -> Result<(SourceRef, View), Reason> {
    if kind == "Patient" {
        return Ok((identity.clone(), View::Patient(Box::new(patient::read(&parse(text)?)))));
    }
    if kind == "Appointment" {
        let (subject, view) = appointment::read(&parse(text)?, base, resolver)?;
        return Ok((subject, View::Appointment(Box::new(view))));
    }
    let subject = resolver.subject(base)?;
    let view = match kind {
        "Observation" => View::Observation(Box::new(observation::read(&parse(text)?, base, resolver)?)),
        "DiagnosticReport" => View::DiagnosticReport(Box::new(diagnostic_report::read(&parse(text)?, base, resolver))),
        "MedicationRequest" => {
            View::MedicationRequest(Box::new(medication_request::read(&parse(text)?, base, resolver)?))
        }
        "Encounter" => View::Encounter(Box::new(encounter::read(&parse(text)?, resolver))),
        "DocumentReference" => {
            View::DocumentReference(Box::new(document_reference::read(&parse(text)?, base, resolver)))
        }
        "Immunization" => View::Immunization(Box::new(immunization::read(&parse(text)?, base, resolver)?)),
        "Condition" => View::Condition(Box::new(condition::read(&parse(text)?, base, resolver)?)),
        "AllergyIntolerance" => {
            View::AllergyIntolerance(Box::new(allergy_intolerance::read(&parse(text)?, base, resolver)?))
        }
        "Procedure" => View::Procedure(Box::new(procedure::read(&parse(text)?, base, resolver)?)),
        _ => return Err(Reason::UnsupportedType),
    };
    Ok((subject, view))
}

fn parse<'de, T: Element<'de>>(text: &'de str) -> Result<T, Reason> {
    read_object::<T>(text).map_err(|_| Reason::Malformed)?.ok_or(Reason::NotAResource)
}

/// A concept; empty where nothing was said.
fn concept(concept: &One<super::element::CodeableConcept<'_>>) -> mychartum_core::kernel::Concept {
    concept.get().map(super::element::CodeableConcept::concept).unwrap_or_default()
}

/// Checks that a fact says what it is about. What was withdrawn or called off need not: sources strip it bare, and it
/// has to take the place of what it withdraws all the same.
fn required(empty: bool, element: &'static str, standing: Standing) -> Result<(), Reason> {
    if empty && standing.is_fact() { Err(Reason::Missing(element)) } else { Ok(()) }
}

/// Reasons: as concepts, and as the words of references to conditions.
fn reasons(
    codes: &Many<super::element::CodeableConcept<'_>>,
    references: &Many<Reference<'_>>,
) -> Vec<mychartum_core::kernel::Concept> {
    let mut all = super::element::concepts(codes);
    let words = references.iter().filter_map(|reference| reference.display.get());
    for concept in words.map(mychartum_core::kernel::Concept::words) {
        if !all.iter().any(|known| known.shown() == concept.shown()) {
            all.push(concept);
        }
    }
    all
}

/// The first code of a concept that a closed list knows, else what the list has for unknown codes.
fn coded<T: PartialEq + Copy>(
    concept: Option<&super::element::CodeableConcept<'_>>,
    of: impl Fn(&str) -> T,
    unknown: T,
) -> T {
    let mut codes = concept.into_iter().flat_map(|concept| concept.codes());
    codes.find_map(|code| Some(of(code)).filter(|read| *read != unknown)).unwrap_or(unknown)
}

/// The start of a period, else a single date: the choices of `effective[x]`, `performed[x]` and their like.
fn point(
    single: &super::element::Txt<'_>,
    period: &One<super::element::Period<'_>>,
) -> Option<mychartum_core::kernel::PartialDate> {
    date(single).or_else(|| period.get().and_then(|period| date(&period.start).or_else(|| date(&period.end))))
}
