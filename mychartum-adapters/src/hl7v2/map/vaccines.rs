//! Vaccines (RXA).

use mychartum_core::chart::Stage;
use mychartum_core::sync::Reason;

use super::element::order_number;
use super::labels::labelled_before;
use super::names::{another, digits};
use super::out::{Found, Out, item};
use super::scene::{Scene, source_ref};
use super::view::immunization;

/// Vaccines.
pub(super) fn vaccines<'m>(scene: &Scene<'m>, out: &mut Out<'m>) {
    let all = scene.message.segments();
    let mut names: Vec<String> = Vec::new();
    for group in all.groups(&["RXA"]) {
        let group = group.before(&["ORC"]);
        let Some(rxa) = group.head() else { continue };
        let orders = all.filter(|segment| segment.number() < rxa.number() && (segment.is("ORC") || segment.is("RXA")));
        let order = orders.last().filter(|segment| segment.is("ORC"));
        let vaccine = rxa.field(5).component(1).text();
        let whose = scene.subject.as_ref().map_or("", |subject| subject.id.as_str());
        // Registries write 9999 where there is no order (CDC's guide for HL7 v2.5.1 immunization messaging, ORC-3): it names nothing.
        let name = order.and_then(|orc| order_number(orc.field(3))).filter(|id| !id.ends_with("|9999"));
        let name = name.map_or_else(
            || format!("c|{}|{}|{}", digits(whose), vaccine.trim(), rxa.field(3).text()),
            |id| format!("f|{id}|{}", vaccine.trim()),
        );
        let name = another(&mut names, name);
        let (labelled, labels) = labelled_before(&all, &rxa);
        let at = Found { identity: source_ref("Immunization", &name), changed: None, labels };
        let reading = item(scene, Stage::Unsaid, at, || {
            let view = immunization(scene, &rxa, group);
            if view.vaccine.is_empty() { Err(Reason::Missing("RXA-5")) } else { Ok(view.into()) }
        });
        let original = out.original_in_context(order.or(labelled).into_iter().chain(group));
        out.push("Immunization", reading, original);
    }
}
