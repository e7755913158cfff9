//! The second pass: everything that a delivery says, patients first.

use core::fmt;
use std::vec::IntoIter;

use mychartum_core::sync::{Parcel, Place, Reading, Reason};

use super::batches::Handout;
use super::error::{FileError, FileErrorKind};
use super::held::{Held, Refusal, Surveyed, describe};
use super::progress::Progress;

/// What the documents of a delivery say, one parcel each.
///
/// A document that changed since it was opened gives one parcel that is [`Reason::Malformed`] in place of what is left of it,
/// and stands in [`failures`](Self::failures).
pub struct HeldParcels<'d> {
    delivery: &'d Held,
    round: Round,
    /// The next document of this round.
    next: usize,
    /// What is left of the document that is open.
    open: IntoIter<Parcel>,
    done: u64,
    failures: Vec<FileError>,
}

/// What is handed out now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Round {
    Patients,
    Rest,
    Over,
}

impl fmt::Debug for HeldParcels<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Parcels({} of {})", self.done, self.delivery.total().resources)
    }
}

impl<'d> HeldParcels<'d> {
    pub(super) fn new(delivery: &'d Held) -> Self {
        let open = Vec::new().into_iter();
        Self { delivery, round: Round::Patients, next: 0, open, done: 0, failures: Vec::new() }
    }

    /// How many parcels have been handed out, and of how many.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let total = self.delivery.total();
        let documents = match self.round {
            Round::Patients => 0,
            Round::Rest => self.next.saturating_sub(1) as u64,
            Round::Over => total.documents,
        };
        Progress { documents, documents_total: total.documents, done: self.done, total: total.resources }
    }

    /// The documents that could not be read any more, so far.
    #[must_use]
    pub fn failures(&self) -> &[FileError] {
        &self.failures
    }

    /// Reads the next document for this round; `None` when all is handed out.
    fn advance(&mut self) -> Option<Vec<Parcel>> {
        let Some(surveyed) = self.delivery.documents.get(self.next) else {
            self.next = 0;
            self.round = if self.round == Round::Patients { Round::Rest } else { Round::Over };
            return (self.round == Round::Rest).then(Vec::new);
        };
        self.next += 1;
        if self.failures.iter().any(|failure| failure.document == surveyed.document) {
            return Some(Vec::new());
        }
        Some(self.read(surveyed).unwrap_or_else(|refusal| vec![self.fail(surveyed, refusal)]))
    }

    fn read(&self, surveyed: &Surveyed) -> Result<Vec<Parcel>, Refusal> {
        let (bytes, stamp) = self.delivery.read(&surveyed.input)?;
        if stamp != surveyed.stamp {
            return Err(Refusal::of(FileErrorKind::Changed));
        }
        let language = &self.delivery.language;
        if self.round == Round::Patients {
            language.patients(&bytes, surveyed.document)
        } else {
            language.rest(&bytes, surveyed.document)
        }
    }

    /// Notes that a document cannot be read any more, and says so in one parcel.
    fn fail(&mut self, surveyed: &Surveyed, refusal: Refusal) -> Parcel {
        self.failures.push(describe(&surveyed.input, surveyed.document, refusal));
        Parcel {
            place: Place { document: surveyed.document, entry: None },
            resource: Box::default(),
            reading: Reading::Unusable(Reason::Malformed),
            original: Vec::new(),
        }
    }
}

impl Iterator for HeldParcels<'_> {
    type Item = Parcel;

    fn next(&mut self) -> Option<Parcel> {
        loop {
            if let Some(parcel) = self.open.next() {
                self.done += 1;
                return Some(parcel);
            }
            if self.round == Round::Over {
                return None;
            }
            self.open = self.advance()?.into_iter();
        }
    }
}

impl Handout for HeldParcels<'_> {
    fn progress(&self) -> Progress {
        HeldParcels::progress(self)
    }

    fn failures(&self) -> &[FileError] {
        HeldParcels::failures(self)
    }
}
