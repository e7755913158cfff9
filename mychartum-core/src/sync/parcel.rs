//! Parcels: one resource of a delivery, as an adapter read it.

use serde::{Deserialize, Serialize};

use crate::chart::{SourceRef, SourceVersion, View};
use crate::kernel::text::Label;
use crate::kernel::{SensitivitySet, hidden};

use super::reason::Reason;

/// One resource of a delivery: where it stood, what it says, and the bytes as received.
///
/// Every resource that arrives becomes exactly one parcel, the unusable ones too, so that a report can add up.
#[derive(Clone)]
pub struct Parcel {
    /// Where in the delivery.
    pub place: Place,
    /// Its type as far as it could be read, for reports; empty where it could not.
    pub resource: Box<str>,
    /// What it says.
    pub reading: Reading,
    /// The bytes as received.
    pub original: Vec<u8>,
}

/// A place in a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Which document of the delivery, from 0.
    pub document: u32,
    /// Which entry of a bundle (from 0) or line of an NDJSON file (from 1); `None` for a document that is one resource.
    pub entry: Option<u64>,
}

/// What an adapter made of a resource.
#[derive(Clone)]
pub enum Reading {
    /// Something for a chart.
    Item {
        /// What the source calls it.
        identity: SourceRef,
        /// Which version of it.
        version: SourceVersion,
        /// Whose it is: what the source calls the patient. For a patient, the identity itself.
        subject: SourceRef,
        /// What it says.
        view: View,
        /// The version of the adapter's mapping from the original to the view.
        mapping: u16,
        /// The sensitivity labels that the source gave it (FHIR R4 `meta.security`); none is the rule.
        labels: SensitivitySet,
    },
    /// A name for the source's directory: a clinician, an organization, a place, a medication.
    Directory(Directory),
    /// Two of the source's names for patients mean one person, or do so no longer.
    Merge(PatientMerge),
    /// It cannot be used; it is kept whole in quarantine.
    Unusable(Reason),
}

/// The name of someone or something that items refer to.
#[derive(Clone, PartialEq, Eq)]
pub struct Directory {
    /// What the source calls it.
    pub identity: SourceRef,
    /// Which version of it.
    pub version: SourceVersion,
    /// What people are shown.
    pub name: Label,
    /// Other references that mean it, such as `?identifier=SYSTEM|VALUE` (FHIR R4 conditional references).
    pub aliases: Vec<Label>,
}

/// What a source says of two of its names for patients (HL7 v2.5.1 chapter 3, events A24, A34, A36, A37, A40, A47).
///
/// Nothing is deleted by it: what is filed under one name moves to the chart of the other, and back when the source, or staff, take
/// it back.
#[derive(Clone, PartialEq, Eq)]
pub struct PatientMerge {
    /// The name that goes on.
    pub survivor: SourceRef,
    /// The name that gave way.
    pub merged: SourceRef,
    /// Whether they mean one person.
    pub tie: Tie,
    /// Which of several such statements counts.
    pub version: SourceVersion,
}

/// Whether two names mean one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tie {
    /// They do: what is filed under the one that gave way belongs to the chart of the other.
    One,
    /// They do not, whatever was said before.
    Apart,
}

hidden!(Parcel, Reading, Directory, PatientMerge);
