//! FHIR R4 `Observation`.

use mychartum_core::chart::{Component, Observation, ObservationCategory, ObservationStatus};
use mychartum_core::kernel::text::Narrative;
use mychartum_core::sync::Reason;

use super::observation_value::Found;
use super::{concept, point, required};
use crate::fhir::read::base::Base;
use crate::fhir::read::element::{
    CodeableConcept, Many, One, Period, Reference, Timing, Txt, date, element, first_label, narrative,
};
use crate::fhir::read::resolve::Resolver;

element! {
    /// The elements of an observation that a chart keeps, beside its value.
    ObservationElement<'a> {
        status: Txt<'a> = "status",
        category: Many<CodeableConcept<'a>> = "category",
        code: One<CodeableConcept<'a>> = "code",
        effective: Txt<'a> = "effectiveDateTime",
        effective_instant: Txt<'a> = "effectiveInstant",
        effective_period: One<Period<'a>> = "effectivePeriod",
        effective_timing: One<Timing<'a>> = "effectiveTiming",
        issued: Txt<'a> = "issued",
        component: Many<ComponentElement<'a>> = "component",
        specimen: One<Reference<'a>> = "specimen",
        method: Many<CodeableConcept<'a>> = "method",
        body_site: Many<CodeableConcept<'a>> = "bodySite",
        performer: Many<Reference<'a>> = "performer",
        comment: Txt<'a> = "comment",
        member: Many<Reference<'a>> = "hasMember",
        ..found: Found<'a>,
    }
}

element! {
    /// FHIR `Observation.component`.
    ComponentElement<'a> {
        code: One<CodeableConcept<'a>> = "code",
        ..found: Found<'a>,
    }
}

/// What a chart keeps of an observation.
///
/// # Errors
/// [`Reason::Missing`] without a code: a number alone means nothing.
pub(super) fn read(
    observation: &ObservationElement<'_>,
    base: &Base<'_>,
    resolver: &Resolver<'_>,
) -> Result<Observation, Reason> {
    let timing = observation.effective_timing.get().and_then(|timing| timing.event.0.first()?.parse().ok());
    let effective = point(&observation.effective, &observation.effective_period);
    let comment: Option<Narrative> = narrative(&observation.comment);
    let view = Observation {
        status: ObservationStatus::of(observation.status.get().unwrap_or("")),
        category: category(&observation.category),
        code: concept(&observation.code),
        effective: effective.or_else(|| date(&observation.effective_instant)).or(timing),
        issued: date(&observation.issued),
        value: observation.found.value(),
        interpretation: observation.found.interpretation(),
        ranges: observation.found.ranges(),
        components: observation.component.iter().filter_map(component).collect(),
        specimen: observation.specimen.get().and_then(|specimen| resolver.party(specimen, "Specimen")),
        method: first_label(&observation.method),
        body_site: first_label(&observation.body_site),
        performers: resolver.parties(&observation.performer, "Practitioner"),
        notes: base.notes().into_iter().chain(comment).collect(),
        encounter: resolver.encounter(base),
        members: observation.member.iter().filter_map(|member| resolver.find(member, "Observation")).collect(),
    };
    required(view.code.is_empty(), "code", view.standing())?;
    Ok(view)
}

/// A component without a code is a number without a meaning: it is dropped.
fn component(element: &ComponentElement<'_>) -> Option<Component> {
    let code = concept(&element.code);
    (!code.is_empty()).then(|| Component {
        code,
        value: element.found.value(),
        interpretation: element.found.interpretation(),
        ranges: element.found.ranges(),
    })
}

/// The first category of the standard's list, read through the spellings that the field uses.
fn category(categories: &Many<CodeableConcept<'_>>) -> ObservationCategory {
    let read = |said: &str| match said.to_ascii_lowercase().replace([' ', '_'], "-").as_str() {
        "vital-sign" | "vitals" | "vital" => ObservationCategory::VitalSigns,
        "lab" | "labs" => ObservationCategory::Laboratory,
        said => ObservationCategory::of(said),
    };
    let mut known = categories.iter().map(|category| super::coded(Some(category), read, ObservationCategory::Unstated));
    known.find(|category| *category != ObservationCategory::Unstated).unwrap_or(ObservationCategory::Unstated)
}
