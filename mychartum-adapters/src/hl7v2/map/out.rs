//! What a message gave so far: its parcels, and which of its segments are in one.

use mychartum_core::chart::{SourceRef, Stage, View};
use mychartum_core::kernel::{PartialDate, SensitivitySet};
use mychartum_core::sync::{Parcel, Place, Reading, Reason};

use super::labels::restricting;
use super::scene::Scene;
use super::settings::MAPPING;
use crate::hl7v2::{Message, Segment};

/// The parcels so far, and which segments are in one.
pub(super) struct Out<'m> {
    /// Segments that stand before what they are about, for the original of the next parcel that is more than a line of it.
    pub(super) context: Vec<Segment<'m>>,
    /// Segments that restrict all items but the patient.
    restricting: Vec<Segment<'m>>,
    document: u32,
    next: u64,
    all: Vec<Parcel>,
    used: Vec<bool>,
}

impl<'m> Out<'m> {
    /// None yet of a message; the first one stands at this place.
    pub(super) fn new(message: &'m Message<'m>, document: u32, entry: u64) -> Self {
        Self {
            context: Vec::new(),
            restricting: restricting(message).collect(),
            document,
            next: entry,
            all: Vec::new(),
            used: vec![false; message.segments().count()],
        }
    }

    /// The parcels.
    pub(super) fn into_parcels(self) -> Vec<Parcel> {
        self.all
    }

    /// Whether a segment is in a parcel.
    pub(super) fn holds(&self, segment: &Segment<'_>) -> bool {
        self.used.get(segment.number()).copied().unwrap_or(false)
    }

    /// Another parcel.
    pub(super) fn push(&mut self, resource: &str, reading: Reading, original: Vec<u8>) {
        let place = Place { document: self.document, entry: Some(self.next) };
        self.next += 1;
        self.all.push(Parcel { place, resource: resource.into(), reading, original });
    }

    /// The bytes of segments, one after the other, which are then in a parcel.
    pub(super) fn unrestricted(&mut self, segments: impl IntoIterator<Item = Segment<'m>>) -> Vec<u8> {
        let mut bytes = Vec::new();
        for segment in segments {
            self.mark(&segment);
            bytes.extend_from_slice(segment.raw());
            bytes.push(b'\r');
        }
        bytes
    }

    /// The same behind what restricts them.
    pub(super) fn original(&mut self, segments: impl IntoIterator<Item = Segment<'m>>) -> Vec<u8> {
        let restricting = self.restricting.clone();
        self.unrestricted(restricting.into_iter().chain(segments))
    }

    /// The same, with what stands before them.
    pub(super) fn original_in_context(&mut self, segments: impl IntoIterator<Item = Segment<'m>>) -> Vec<u8> {
        let context = core::mem::take(&mut self.context);
        let context: Vec<Segment<'m>> = context.into_iter().chain(segments).collect();
        self.original(context)
    }

    fn mark(&mut self, segment: &Segment<'_>) {
        if let Some(used) = self.used.get_mut(segment.number()) {
            *used = true;
        }
    }
}

/// An item of the message's patient.
///
/// What restricts a message restricts all items of it but the patient: it says nothing about who somebody is.
pub(super) fn item(scene: &Scene<'_>, stage: Stage, at: Found, read: impl FnOnce() -> Result<View, Reason>) -> Reading {
    item_of(scene, &scene.subject, stage, at, read)
}

/// The same of one of several patients.
pub(super) fn item_of(
    scene: &Scene<'_>,
    subject: &Result<SourceRef, Reason>,
    stage: Stage,
    at: Found,
    read: impl FnOnce() -> Result<View, Reason>,
) -> Reading {
    let read = || {
        let view = read()?;
        let of_message = if matches!(view, View::Patient(_)) { SensitivitySet::NONE } else { scene.restricted };
        Ok(Reading::Item {
            identity: at.identity?,
            version: scene.version(stage, at.changed),
            subject: subject.clone()?,
            view,
            mapping: MAPPING,
            labels: at.labels.or(of_message),
        })
    };
    read().unwrap_or_else(Reading::Unusable)
}

/// What names an item and dates it, and the labels that its own segments give it.
pub(super) struct Found {
    pub(super) identity: Result<SourceRef, Reason>,
    pub(super) changed: Option<PartialDate>,
    pub(super) labels: SensitivitySet,
}
