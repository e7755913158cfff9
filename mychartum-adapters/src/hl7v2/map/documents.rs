//! The document of a message (TXA), and the one that it replaces.

use mychartum_core::chart::{DocumentReference, Stage};
use mychartum_core::sync::Reason;

use super::element::{order_number, time};
use super::labels::labels;
use super::out::{Found, Out, item};
use super::scene::{Scene, source_ref};
use super::view::{Document, document};

/// A document, and the one that it replaces.
pub(super) fn documents<'m>(scene: &Scene<'m>, out: &mut Out<'m>) {
    let segments = scene.message.segments();
    let mut all = segments.named("TXA");
    let (Some(txa), None) = (all.next(), all.next()) else { return };
    // Psychiatric consultations, histories and examinations (HL7 table 0270) are that whether they are labelled or not.
    let kind = txa.field(2).component(1).text().trim().to_ascii_uppercase();
    let by_kind = if matches!(kind.as_str(), "PC" | "PH") { "PSY" } else { "" };
    let labels = labels(&txa.field(18).component(1).text()).or(labels(by_kind));
    let named = |field: usize| order_number(txa.field(field)).ok_or(Reason::NoIdentity);
    let refer = |name: Result<String, Reason>| name.and_then(|name| source_ref("DocumentReference", &name));
    let standing = Document::of(scene, &txa);
    let changed = segments.find_named("EVN").and_then(|evn| time(evn.field(2), scene.settings.zone));
    let at = Found { identity: refer(named(12)), changed: changed.clone(), labels };
    let reading = item(scene, Stage::Unsaid, at, || Ok(document(scene, &txa, standing)?.into()));
    let parts =
        segments.filter(|segment| ["TXA", "OBR", "OBX", "NTE", "ORC", "CON"].iter().any(|name| segment.is(name)));
    let original = out.original(scene.header_if(scene.event == "T11").into_iter().chain(parts));
    out.push("DocumentReference", reading, original);
    // T09 and T10 put a new document in the place of an old one.
    let replaces = matches!(scene.event.as_str(), "T09" | "T10") && !txa.field(13).is_blank();
    let is_other = txa.field(13).raw() != txa.field(12).raw();
    if replaces && is_other && standing == Document::Current {
        let at = Found { identity: refer(named(13)), changed, labels };
        let reading = item(scene, Stage::Unsaid, at, || {
            Ok(DocumentReference {
                content: Vec::new(),
                description: None,
                ..document(scene, &txa, Document::Superseded)?
            }
            .into())
        });
        let original = out.original([txa]);
        out.push("DocumentReference", reading, original);
    }
}
