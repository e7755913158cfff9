//! The appointment of a message (SCH).

use mychartum_core::chart::Stage;
use mychartum_core::kernel::SensitivitySet;
use mychartum_core::sync::Reason;

use super::element::order_number;
use super::out::{Found, Out, item};
use super::scene::{Scene, source_ref};
use super::view::appointment;

/// The appointment.
pub(super) fn schedule<'m>(scene: &Scene<'m>, out: &mut Out<'m>) {
    let segments = scene.message.segments();
    let mut all = segments.named("SCH");
    let (Some(sch), None) = (all.next(), all.next()) else { return };
    let name = order_number(sch.field(2)).map(|id| format!("f|{id}"));
    let name = name.or_else(|| order_number(sch.field(1)).map(|id| format!("p|{id}"))).ok_or(Reason::NoIdentity);
    let identity = name.and_then(|name| source_ref("Appointment", &name));
    let at = Found { identity, changed: None, labels: SensitivitySet::NONE };
    let reading = item(scene, Stage::Unsaid, at, || Ok(appointment(scene, &sch).into()));
    let parts =
        segments.filter(|segment| ["SCH", "TQ1", "AIS", "AIG", "AIL", "AIP"].iter().any(|name| segment.is(name)));
    let parts = parts.flat_map(|segment| [segment].into_iter().chain(segment.followed_by("NTE")));
    let header = scene.header_if(matches!(scene.event.as_str(), "S15" | "S16" | "S17" | "S26"));
    let original = out.original_in_context(header.into_iter().chain(parts));
    out.push("Appointment", reading, original);
}
