//! Items: a view with its id and provenance, and the ties between items.

use serde::{Deserialize, Serialize};

use crate::kernel::Obligations;
use crate::kernel::hidden;
use crate::kernel::id::ItemId;
use crate::kernel::text::Label;

use super::provenance::Provenance;

/// One thing in a chart: what it says, which one it is, and where it came from.
#[derive(Clone, PartialEq, Eq)]
pub struct Item<V> {
    /// Which one; the same through all its versions.
    pub id: ItemId,
    /// How many versions there have been, this one included.
    pub version: u64,
    /// What it says.
    pub view: V,
    /// Where it came from.
    pub provenance: Provenance,
    /// What whoever shows it to this reader has to do.
    pub obligations: Obligations,
}

impl<V> core::fmt::Debug for Item<V> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Item({})", self.id)
    }
}

impl<V> Item<V> {
    /// The same item seen as something narrower, if it is that.
    pub(crate) fn narrow<W>(self, pick: impl FnOnce(V) -> Option<W>) -> Option<Item<W>> {
        Some(Item {
            id: self.id,
            version: self.version,
            view: pick(self.view)?,
            provenance: self.provenance,
            obligations: self.obligations,
        })
    }
}

/// What a source calls a thing: its type and id there (FHIR R4 `Reference`, type and logical id).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SourceRef {
    /// The resource's type.
    pub kind: Label,
    /// The resource's id at the source.
    pub id: Label,
}

/// A person, organization, place or thing that took part: a name, a reference that leads to one, or both.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Party {
    /// The name as it was sent with the item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Label>,
    /// What the source calls it; its name may arrive later, with the source's directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<SourceRef>,
}

impl Party {
    /// The name, or nothing where none is known.
    #[must_use]
    pub fn shown(&self) -> &str {
        self.name.as_ref().map_or("", Label::as_str)
    }
}

/// Which view an item has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ItemKind {
    /// [`Patient`](super::Patient).
    Patient,
    /// [`Observation`](super::Observation).
    Observation,
    /// [`DiagnosticReport`](super::DiagnosticReport).
    DiagnosticReport,
    /// [`MedicationRequest`](super::MedicationRequest).
    MedicationRequest,
    /// [`Encounter`](super::Encounter).
    Encounter,
    /// [`DocumentReference`](super::DocumentReference).
    DocumentReference,
    /// [`Immunization`](super::Immunization).
    Immunization,
    /// [`Condition`](super::Condition).
    Condition,
    /// [`AllergyIntolerance`](super::AllergyIntolerance).
    AllergyIntolerance,
    /// [`Procedure`](super::Procedure).
    Procedure,
    /// [`Appointment`](super::Appointment).
    Appointment,
}

hidden!(SourceRef, Party);
