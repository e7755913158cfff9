//! Documents: visit notes, discharge instructions and others (FHIR R4 `DocumentReference`).

use serde::{Deserialize, Serialize};

use crate::kernel::text::{Label, Narrative};
use crate::kernel::{CodeSystem, Concept, PartialDate, hidden};

use super::coded::coded;
use super::item::{Party, SourceRef};
use super::standing::Standing;

coded! {
    /// Whether a document is the current one (FHIR R4 DocumentReferenceStatus).
    DocumentStatus {
        /// It is the current one.
        Current = "current",
        /// Another took its place.
        Superseded = "superseded",
        /// It should never have been there.
        EnteredInError = "entered-in-error",
        /// The source said something that is not in the list.
        Unknown = "unknown",
    } else Unknown
}

/// What a document contains: its type and, where it is text, the text. Other content stays in the original.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Attachment {
    /// Its media type, such as `text/plain`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<Label>,
    /// Its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Label>,
    /// Its language (BCP 47), such as `es`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Label>,
    /// Its text, with any markup taken out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Narrative>,
    /// How many bytes the source sent.
    #[serde(default)]
    pub bytes: u64,
    /// Where the source keeps it, when it did not send it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elsewhere: Option<Label>,
}

/// A document.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentReference {
    /// Whether it is the current one.
    pub status: DocumentStatus,
    /// What kind of document it is.
    pub kind: Concept,
    /// The groups it belongs to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<Concept>,
    /// When it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<PartialDate>,
    /// Who wrote it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<Party>,
    /// Who keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custodian: Option<Party>,
    /// What it is about, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Label>,
    /// Its content, perhaps in several forms.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub content: Vec<Attachment>,
    /// At which visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encounter: Option<SourceRef>,
}

hidden!(Attachment, DocumentReference);

/// LOINC codes of documents that tell a patient what to do after a stay or visit.
const DISCHARGE: [&str; 3] = ["8653-8", "74213-0", "69730-0"];

impl DocumentReference {
    /// Whether it may be shown as a fact.
    #[must_use]
    pub const fn standing(&self) -> Standing {
        match self.status {
            DocumentStatus::EnteredInError => Standing::Withdrawn,
            DocumentStatus::Superseded => Standing::Superseded,
            DocumentStatus::Current | DocumentStatus::Unknown => Standing::Fact,
        }
    }

    /// Whether it holds instructions for after a stay or visit, by its LOINC type.
    #[must_use]
    pub fn is_discharge_instruction(&self) -> bool {
        self.kind.code_in(&CodeSystem::Loinc).is_some_and(|code| DISCHARGE.contains(&code))
    }

    /// What people are shown as its title.
    #[must_use]
    pub fn title(&self) -> &str {
        let kind = self.kind.shown();
        if !kind.is_empty() {
            return kind;
        }
        let titled = self.content.iter().find_map(|content| content.title.as_ref());
        self.description.as_ref().or(titled).map_or("", Label::as_str)
    }
}
