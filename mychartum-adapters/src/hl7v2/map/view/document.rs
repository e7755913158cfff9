//! Documents (TXA, with its OBX).

use mychartum_core::chart::{Attachment, DocumentReference, DocumentStatus};
use mychartum_core::kernel::Concept;
use mychartum_core::kernel::text::{Label, Narrative};
use mychartum_core::sync::Reason;

use super::observation::Status;
use crate::hl7v2::Segment;
use crate::hl7v2::map::element::{attached, concept, lines, people, said, time};
use crate::hl7v2::map::scene::Scene;

/// What a message about a document says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Document {
    /// It is signed, and this is what it says now.
    Current,
    /// It should not have been there (T11, or TXA-19 `CA`).
    Withdrawn,
    /// Another took its place (TXA-19 `OB`).
    Superseded,
    /// Nobody signed it yet.
    Unsigned,
}

impl Document {
    /// What a TXA says, in the event of its message (HL7 tables 0271 and 0273).
    pub(crate) fn of(scene: &Scene<'_>, txa: &Segment<'_>) -> Self {
        let code = |field: usize| txa.field(field).component(1).text().trim().to_ascii_uppercase();
        match (scene.event.as_str(), code(19).as_str()) {
            ("T11", _) | (_, "CA" | "UN") => Self::Withdrawn,
            (_, "OB") => Self::Superseded,
            _ if matches!(code(17).as_str(), "AU" | "LA") => Self::Current,
            _ => Self::Unsigned,
        }
    }
}

/// A document.
///
/// # Errors
/// [`Reason::NotAuthenticated`] for what nobody signed, [`Reason::Missing`] for one that says nothing, and [`Reason::Invalid`] where a
/// file in it cannot be decoded.
pub(crate) fn document(scene: &Scene<'_>, txa: &Segment<'_>, standing: Document) -> Result<DocumentReference, Reason> {
    let status = match standing {
        Document::Current => DocumentStatus::Current,
        Document::Withdrawn => DocumentStatus::EnteredInError,
        Document::Superseded => DocumentStatus::Superseded,
        Document::Unsigned => return Err(Reason::NotAuthenticated),
    };
    let zone = scene.settings.zone;
    let mut text: Vec<String> = Vec::new();
    let mut content: Vec<Attachment> = Vec::new();
    for obx in scene.message.segments().named("OBX").filter(|obx| Status::of(obx, None).is_there()) {
        match obx.field(2).text().trim().to_ascii_uppercase().as_str() {
            kind @ ("ED" | "RP") => content.extend(attached(kind, &obx.field(5).repetition(1))?),
            _ => text.push(lines(obx.field(5)).unwrap_or_default()),
        }
    }
    let text = text.join("\n");
    if !text.trim().is_empty() {
        let plain = Attachment {
            media_type: Label::clipped("text/plain"),
            bytes: text.len() as u64,
            text: Narrative::clipped(&text),
            ..Attachment::default()
        };
        content.insert(0, plain);
    }
    if content.is_empty() && standing == Document::Current {
        return Err(Reason::Missing("OBX"));
    }
    // What kind it is by the local code of TXA-2, unless the order says it with a code that others know.
    let ordered = scene.message.segments().find_named("OBR").map(|obr| concept(&obr.field(4).repetition(1)));
    let kind = named_kind(txa).or_else(|| ordered.filter(|concept| !concept.is_empty()));
    let title = scene.message.segments().find_named("OBX").and_then(|obx| said(&obx.field(3).repetition(1)));
    Ok(DocumentReference {
        status,
        kind: kind.unwrap_or_else(|| concept(&txa.field(2).repetition(1))),
        categories: Vec::new(),
        date: time(txa.field(4), zone).or_else(|| time(txa.field(6), zone)),
        authors: people(txa.field(9)),
        custodian: None,
        description: said(&txa.field(25).repetition(1)).or(title),
        content,
        encounter: scene.visit.clone(),
    })
}

/// The kinds that HL7 table 0270 names.
fn named_kind(txa: &Segment<'_>) -> Option<Concept> {
    let element = txa.field(2).repetition(1);
    let code = element.component(1).text().trim().to_ascii_uppercase();
    let words = match code.as_str() {
        "AR" => "Autopsy report",
        "CD" => "Cardiodiagnostics",
        "CN" => "Consultation",
        "DI" => "Diagnostic imaging",
        "DS" => "Discharge summary",
        "ED" => "Emergency department report",
        "HP" => "History and physical examination",
        "OP" => "Operative report",
        "PC" => "Psychiatric consultation",
        "PH" => "Psychiatric history and physical examination",
        "PN" => "Procedure note",
        "PR" => "Progress note",
        "SP" => "Surgical pathology",
        "TS" => "Transfer summary",
        _ => return None,
    };
    let mut kind = concept(&element);
    kind.text = kind.text.or_else(|| Label::clipped(words));
    Some(kind)
}
