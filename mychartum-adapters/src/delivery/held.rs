//! Deliveries whose documents are held in memory one at a time: checked and counted, ready to be handed out.

use core::fmt;
use std::collections::HashSet;
use std::io::{self, Read};

use mychartum_core::chart::SourceRef;
use mychartum_core::sync::Parcel;

use super::error::{FileError, FileErrorKind};
use super::held_parcels::HeldParcels;
use super::input::{Input, Stamp};
use super::progress::{Progress, Total};

/// Why a document is refused, and where, as line and column from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) kind: FileErrorKind,
    pub(crate) line: Option<(u64, u64)>,
}

impl Refusal {
    pub(crate) const fn of(kind: FileErrorKind) -> Self {
        Self { kind, line: None }
    }
}

/// What the first pass keeps of a document.
pub(crate) struct Outline {
    /// How many parcels it gives.
    pub(crate) parcels: u64,
    /// The patients whom it brings, as far as that is clear.
    pub(crate) patients: Vec<SourceRef>,
}

/// What documents are written in. Each reading gives the same parcels of the same bytes.
pub(crate) trait Language: Send + Sync {
    /// The most bytes of a document.
    fn limit(&self) -> u64;

    /// Checks a document and counts what it says.
    fn outline(&self, bytes: &[u8], document: u32) -> Result<Outline, Refusal>;

    /// The parcels of its patients.
    fn patients(&self, bytes: &[u8], document: u32) -> Result<Vec<Parcel>, Refusal>;

    /// All other parcels.
    fn rest(&self, bytes: &[u8], document: u32) -> Result<Vec<Parcel>, Refusal>;
}

/// A delivery of such documents.
pub(crate) struct Held {
    pub(super) documents: Vec<Surveyed>,
    pub(super) language: Box<dyn Language>,
    patients: HashSet<SourceRef>,
    refused: Vec<FileError>,
    total: Total,
}

/// A document that was found whole.
pub(crate) struct Surveyed {
    pub(super) input: Input,
    pub(super) document: u32,
    pub(super) stamp: Stamp,
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} documents, {} refused", self.documents.len(), self.refused.len())
    }
}

impl Held {
    pub(crate) fn open(
        inputs: Vec<Input>,
        language: impl Language + 'static,
        progress: &mut dyn FnMut(Progress),
    ) -> Self {
        let lengths: Vec<u64> = inputs.iter().map(|input| input.stamp().map_or(0, |stamp| stamp.length)).collect();
        let (documents_total, total_bytes) = (inputs.len() as u64, lengths.iter().sum());
        let mut held = Self {
            documents: Vec::new(),
            language: Box::new(language),
            patients: HashSet::new(),
            refused: Vec::new(),
            total: Total { bytes: total_bytes, ..Total::default() },
        };
        let mut done = 0u64;
        for (number, (input, length)) in inputs.into_iter().zip(lengths).enumerate() {
            held.take(input, u32::try_from(number).unwrap_or(u32::MAX));
            done += length;
            progress(Progress { documents: number as u64 + 1, documents_total, done, total: total_bytes });
        }
        held.total.documents = held.documents.len() as u64;
        held.total.refused = held.refused.len() as u64;
        held.total.patients = held.patients.len() as u64;
        held
    }

    fn take(&mut self, input: Input, document: u32) {
        let read = self.read(&input);
        match read.and_then(|(bytes, stamp)| Ok((self.language.outline(&bytes, document)?, stamp))) {
            Ok((outline, stamp)) => {
                self.total.resources += outline.parcels;
                self.patients.extend(outline.patients);
                self.documents.push(Surveyed { input, document, stamp });
            }
            Err(refusal) => self.refused.push(describe(&input, document, refusal)),
        }
    }

    /// The bytes of a document, and what tells whether it is still the same.
    pub(super) fn read(&self, input: &Input) -> Result<(Vec<u8>, Stamp), Refusal> {
        let unreadable = |error: io::Error| Refusal::of(FileErrorKind::Unreadable(error.kind()));
        let stamp = input.stamp().map_err(unreadable)?;
        let most = self.language.limit();
        let mut bytes = Vec::new();
        input.open().map_err(unreadable)?.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 > most { Err(Refusal::of(FileErrorKind::TooLarge)) } else { Ok((bytes, stamp)) }
    }

    pub(crate) const fn total(&self) -> Total {
        self.total
    }

    pub(crate) fn refused(&self) -> &[FileError] {
        &self.refused
    }

    pub(crate) fn documents(&self) -> impl Iterator<Item = (u32, &str)> {
        self.documents.iter().map(|surveyed| (surveyed.document, surveyed.input.name()))
    }

    pub(crate) fn brings(&self, patient: &SourceRef) -> bool {
        self.patients.contains(patient)
    }

    pub(crate) fn parcels(&self) -> HeldParcels<'_> {
        HeldParcels::new(self)
    }
}

/// A refusal as it is reported, with its document.
pub(super) fn describe(input: &Input, document: u32, refusal: Refusal) -> FileError {
    FileError { document, name: input.name().into(), kind: refusal.kind, offset: None, line: refusal.line, entry: None }
}
