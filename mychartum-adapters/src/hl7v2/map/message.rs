//! One message: from its segments to its parcels.

use mychartum_core::sync::{Parcel, Reading, Reason};

use super::documents::documents;
use super::merges::{Event, merges};
use super::out::Out;
use super::person::person;
use super::prescriptions::prescriptions;
use super::reports::reports;
use super::scene::Scene;
use super::schedule::schedule;
use super::settings::SourceSettings;
use super::vaccines::vaccines;
use crate::hl7v2::{Message, NoticeKind, Segment};

/// Segments that say something about the message and its routing, and nothing about the patient.
pub(super) const ROUTING: [&str; 11] = ["MSH", "EVN", "SFT", "UAC", "DSC", "ADD", "BHS", "BTS", "FHS", "FTS", "RGS"];

/// The types of messages (MSH-9.1) that say something for a chart.
const TYPES: [&str; 7] = ["ADT", "ORU", "VXU", "RDE", "OMP", "SIU", "MDM"];

/// Whether a message is of a type (MSH-9.1) that says something for a chart, whatever its event.
///
/// A port refuses the others for good: nothing here will ever read them. [`parcels_of`] sets them aside, for files.
#[must_use]
pub fn is_for_a_chart(message: &Message<'_>) -> bool {
    let code = message.code();
    TYPES.iter().any(|known| code.trim().eq_ignore_ascii_case(known))
}

/// What a message says, one parcel each: the patient first, then visits, results, appointments and so on in their order, and at
/// the end one for all segments that there is no view for.
///
/// Each segment that says something about a patient is in the original of at least one parcel, so that nothing is lost. A
/// message that cannot be used is one parcel, whole. `document` and `entry` say where in a delivery the first parcel stands.
#[must_use]
pub fn parcels_of(message: &Message<'_>, settings: &SourceSettings, document: u32, entry: u64) -> Vec<Parcel> {
    let mut out = Out::new(message, document, entry);
    let whole = |out: &mut Out<'_>, reason: Reason| {
        let resource = format!("{}^{}", message.code(), message.event());
        out.push(&resource, Reading::Unusable(reason), message.as_bytes().to_vec());
    };
    if !settings.processing.takes(message) {
        whole(&mut out, Reason::NotProduction);
        return out.into_parcels();
    }
    if message.notices().iter().any(|notice| notice.kind == NoticeKind::SegmentInText) {
        whole(&mut out, Reason::MixedLineEnds);
        return out.into_parcels();
    }
    let scene = Scene::of(message, settings);
    let of_one_person = match (scene.code.as_str(), scene.event.as_str()) {
        // Whether the person is gone, or only a record of them, the source does not say.
        ("ADT", "A29") => {
            whole(&mut out, Reason::PatientDeleted);
            return out.into_parcels();
        }
        ("ADT", event) => is_about_one(event) || Event::of(event).is_some(),
        // S23 to S25 are about slots of a schedule and not about anybody's appointment.
        ("SIU", event) => !matches!(event, "S23" | "S24" | "S25"),
        ("MDM", event) => !matches!(event, "T01" | "T03" | "T05" | "T07"),
        _ => true,
    };
    if !(is_for_a_chart(message) && of_one_person) {
        whole(&mut out, Reason::UnsupportedType);
        return out.into_parcels();
    }
    if let Some(event) = Event::of(&scene.event).filter(|_| scene.code == "ADT") {
        merges(&scene, event, &mut out);
        rest(&scene, &mut out);
        return out.into_parcels();
    }
    person(&scene, &mut out);
    match scene.code.as_str() {
        "ORU" => reports(&scene, &mut out),
        "SIU" => schedule(&scene, &mut out),
        "VXU" => vaccines(&scene, &mut out),
        "RDE" | "OMP" => prescriptions(&scene, &mut out),
        "MDM" => documents(&scene, &mut out),
        _ => (),
    }
    rest(&scene, &mut out);
    out.into_parcels()
}

/// Events of ADT that say something about one person.
fn is_about_one(event: &str) -> bool {
    matches!(
        event,
        "A01"
            | "A02"
            | "A03"
            | "A04"
            | "A05"
            | "A06"
            | "A07"
            | "A08"
            | "A10"
            | "A11"
            | "A12"
            | "A13"
            | "A14"
            | "A16"
            | "A21"
            | "A22"
            | "A23"
            | "A25"
            | "A26"
            | "A27"
            | "A28"
            | "A31"
            | "A38"
            | "A60"
    )
}

/// The segments that no view was made of, in one parcel.
fn rest<'m>(scene: &Scene<'m>, out: &mut Out<'m>) {
    let left = |segment: &Segment<'_>| !out.holds(segment) && !ROUTING.iter().any(|name| segment.is(name));
    let left: Vec<Segment<'_>> = scene.message.segments().filter(left).collect();
    if !left.is_empty() {
        let original = out.unrestricted(left);
        let resource = format!("{}^{}", scene.code, scene.event);
        out.push(&resource, Reading::Unusable(Reason::UnsupportedType), original);
    }
}
