//! Vaccines (RXA, with RXR and OBX behind it).

use mychartum_core::chart::{Immunization, ImmunizationStatus};
use mychartum_core::kernel::Quantity;
use mychartum_core::kernel::text::{Label, Narrative};

use crate::hl7v2::map::element::{concept, lines, notes, people, place, said, time, unit};
use crate::hl7v2::map::scene::Scene;
use crate::hl7v2::{Segment, Segments};
use crate::phrases::decimal;

/// Which dose of its series a vaccine was (LOINC 30973-2).
const DOSE_NUMBER: &str = "30973-2";

/// A vaccine: its segment and what stands behind it.
pub(crate) fn immunization(scene: &Scene<'_>, rxa: &Segment<'_>, group: Segments<'_>) -> Immunization {
    let zone = scene.settings.zone;
    let code = |field: usize| rxa.field(field).component(1).text().trim().to_ascii_uppercase();
    let vaccine = concept(&rxa.field(5).repetition(1));
    // HL7 table 0322: CP complete, RE refused, NA not administered, PA in part. CVX 998 is "no vaccine administered".
    let status = match (code(21).as_str(), code(20).as_str()) {
        ("D" | "X", _) => ImmunizationStatus::EnteredInError,
        (_, "RE" | "NA" | "PA") => ImmunizationStatus::NotDone,
        _ if vaccine.has_code("998") => ImmunizationStatus::NotDone,
        (_, "" | "CP") => ImmunizationStatus::Completed,
        _ => ImmunizationStatus::Unknown,
    };
    // 999 stands for "not known".
    let dose = rxa
        .field(6)
        .value()
        .and_then(|dose| decimal(dose.trim()))
        .filter(|dose| dose.as_str().trim_start_matches('0').split('.').next().is_some_and(|whole| whole != "999"));
    let route = group.find_named("RXR");
    let dose_number = group.named("OBX").find(|obx| obx.field(3).component(1).text().trim() == DOSE_NUMBER);
    let refusal =
        rxa.field(18).repetitions().filter_map(|why| said(&why)).filter_map(|why| Narrative::clipped(why.as_str()));
    Immunization {
        status,
        vaccine,
        occurrence: time(rxa.field(3), zone),
        occurrence_text: None,
        lot: rxa.field(15).repetition(1).value().and_then(|lot| Label::clipped(lot.trim())),
        dose: dose.map(|value| Quantity { value, comparator: None, unit: unit(&rxa.field(7).repetition(1)) }),
        site: route.and_then(|route| said(&route.field(2).repetition(1))),
        dose_number: dose_number.and_then(|obx| Label::clipped(lines(obx.field(5))?.trim())),
        performers: people(rxa.field(10)),
        location: place(&rxa.field(11).repetition(1)),
        notes: notes(rxa.followed_by("NTE")).into_iter().chain(refusal).collect(),
        encounter: scene.visit.clone(),
    }
}
