//! Prescriptions (ORC with RXE or RXO).

use mychartum_core::chart::Stage;
use mychartum_core::sync::Reason;

use super::element::{order_number, time};
use super::labels::labels;
use super::out::{Found, Out, item};
use super::scene::{Scene, source_ref};
use super::view::medication;

/// Prescriptions.
pub(super) fn prescriptions<'m>(scene: &Scene<'m>, out: &mut Out<'m>) {
    for group in scene.message.segments().groups(&["ORC"]) {
        let Some(orc) = group.head() else { continue };
        let (rxe, rxo) = (group.find_named("RXE"), group.find_named("RXO"));
        if rxe.is_none() && rxo.is_none() {
            continue;
        }
        let name = order_number(orc.field(2)).map(|id| format!("p|{id}"));
        let name = name.or_else(|| order_number(orc.field(3)).map(|id| format!("f|{id}"))).ok_or(Reason::NoIdentity);
        let at = Found {
            identity: name.and_then(|name| source_ref("MedicationRequest", &name)),
            changed: time(orc.field(9), scene.settings.zone),
            labels: labels(&orc.field(28).component(1).text()),
        };
        let reading = item(scene, Stage::Unsaid, at, || {
            let view = medication(scene, &orc, (rxe.as_ref(), rxo.as_ref()));
            if view.medication.is_empty() { Err(Reason::Missing("RXE-2")) } else { Ok(view.into()) }
        });
        let own = ["ORC", "TQ1", "RXE", "RXO", "RXR", "RXC", "NTE"];
        let original = out.original_in_context(group.filter(|segment| own.iter().any(|name| segment.is(name))));
        out.push("MedicationRequest", reading, original);
    }
}
