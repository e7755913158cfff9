//! Who a message is about, and at which visit.

use mychartum_core::chart::Stage;
use mychartum_core::kernel::{Sensitivity, SensitivitySet};

use super::element::time;
use super::out::{Found, Out, item};
use super::scene::Scene;
use super::settings::Introduce;
use super::view::{encounter, is_of_segments, patient};

/// The patient and, where the message is about one, the visit.
pub(super) fn person<'m>(scene: &Scene<'m>, out: &mut Out<'m>) {
    let segments = scene.message.segments();
    let is_adt = scene.code == "ADT";
    let zone = scene.settings.zone;
    let recorded = segments.find_named("EVN").and_then(|evn| time(evn.field(2), zone));
    let pv1 = segments.find_named("PV1");
    let pv2 = segments.find_named("PV2");
    let is_of_visit = is_adt && !matches!(scene.event.as_str(), "A28" | "A31" | "A60");
    let visit = scene.visit.clone().filter(|_| is_of_visit);
    if let Some(pid) = segments.find_named("PID") {
        if is_adt || scene.settings.introduce == Introduce::AnyMessage {
            // What other messages say of a person never takes the place of what ADT said.
            let stage = if is_adt { Stage::Settled } else { Stage::Preliminary };
            let at = Found { identity: scene.subject.clone(), changed: recorded.clone(), labels: SensitivitySet::NONE };
            let reading = item(scene, stage, at, || Ok(patient(scene, &pid).into()));
            let unnamed = pv1.into_iter().chain(pv2).filter(|_| is_adt && visit.is_none());
            let original = out.unrestricted([pid].into_iter().chain(segments.find_named("PD1")).chain(unnamed));
            out.push("Patient", reading, original);
        } else {
            out.context.extend([pid].into_iter().chain(segments.find_named("PD1")));
        }
    }
    let Some(pv1) = pv1 else { return };
    if let Some(visit) = visit {
        // PV2-22: the visit itself is protected.
        let is_protected = pv2.is_some_and(|pv2| pv2.field(22).text().trim().eq_ignore_ascii_case("Y"));
        let labels = if is_protected { SensitivitySet::of(&[Sensitivity::Restricted]) } else { SensitivitySet::NONE };
        let at = Found { identity: Ok(visit), changed: recorded, labels };
        let reading = item(scene, Stage::Unsaid, at, || Ok(encounter(scene, &pv1).into()));
        let header = scene.header_if(!is_of_segments(&scene.event));
        let original = out.original_in_context(header.into_iter().chain([pv1]).chain(pv2));
        out.push("Encounter", reading, original);
    } else if !is_adt {
        out.context.extend([pv1].into_iter().chain(pv2));
    }
}
