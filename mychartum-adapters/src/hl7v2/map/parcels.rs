//! The second pass: everything that a delivery says, patients first.

use core::fmt;
use std::vec::IntoIter;

use mychartum_core::sync::{Parcel, Place, Reading, Reason};

use crate::delivery::{FileError, FileErrorKind, Handout, Progress};

use super::delivery::{Hl7v2Delivery, Surveyed, describe, parcels_in, read};

/// What the messages of a delivery say, one parcel each.
///
/// A file that changed since the delivery was opened gives one parcel that is [`Reason::Malformed`] in place of what is left of it,
/// and stands in [`failures`](Self::failures).
pub struct Parcels<'d> {
    delivery: &'d Hl7v2Delivery,
    round: Round,
    /// The next file of this round.
    next: usize,
    /// What is left of the file that is open.
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

impl fmt::Debug for Parcels<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Parcels({} of {})", self.done, self.delivery.total().resources)
    }
}

impl<'d> Parcels<'d> {
    pub(super) fn new(delivery: &'d Hl7v2Delivery) -> Self {
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

    /// The files that could not be read any more, so far.
    #[must_use]
    pub fn failures(&self) -> &[FileError] {
        &self.failures
    }

    /// Reads the next file for this round; `None` when all is handed out.
    fn advance(&mut self) -> Option<Vec<Parcel>> {
        let Some(surveyed) = self.delivery.files.get(self.next) else {
            self.next = 0;
            self.round = if self.round == Round::Patients { Round::Rest } else { Round::Over };
            return (self.round == Round::Rest).then(Vec::new);
        };
        self.next += 1;
        if self.failures.iter().any(|failure| failure.document == surveyed.document) {
            return Some(Vec::new());
        }
        Some(self.read(surveyed).unwrap_or_else(|kind| vec![self.fail(surveyed, kind)]))
    }

    fn read(&self, surveyed: &Surveyed) -> Result<Vec<Parcel>, FileErrorKind> {
        let (bytes, stamp) = read(&surveyed.input)?;
        if stamp != surveyed.stamp {
            return Err(FileErrorKind::Changed);
        }
        let all = parcels_in(&bytes, &self.delivery.settings, surveyed.document);
        let mut all = all.ok_or(FileErrorKind::NoMessage)?;
        let first_round = self.round == Round::Patients;
        all.retain(|parcel| (&*parcel.resource == "Patient") == first_round);
        Ok(all)
    }

    /// Notes that a file cannot be read any more, and says so in one parcel.
    fn fail(&mut self, surveyed: &Surveyed, kind: FileErrorKind) -> Parcel {
        self.failures.push(describe(&surveyed.input, surveyed.document, kind));
        Parcel {
            place: Place { document: surveyed.document, entry: None },
            resource: Box::default(),
            reading: Reading::Unusable(Reason::Malformed),
            original: Vec::new(),
        }
    }
}

impl Iterator for Parcels<'_> {
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

impl Handout for Parcels<'_> {
    fn progress(&self) -> Progress {
        Parcels::progress(self)
    }

    fn failures(&self) -> &[FileError] {
        Parcels::failures(self)
    }
}
