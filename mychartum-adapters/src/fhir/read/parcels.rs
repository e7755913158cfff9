//! The second pass: every resource of a delivery, once, patients first.

use core::fmt;

use mychartum_core::sync::{Parcel, Place, Reading, Reason};

use crate::delivery::{Fault, FileError, FileErrorKind, Handout, Opened, Progress};

use super::base::Class;
use super::delivery::{FhirDelivery, describe};
use super::index::FullUrls;
use super::lines::Lines;
use super::resource::{Setting, entry_parcel, resource_parcel};
use super::splitter::Splitter;
use super::survey::{Shape, Surveyed, read_at};

/// The resources of a delivery, one parcel each.
///
/// A document that changed since it was opened gives one parcel that is [`Reason::Malformed`] in place of what is left of it,
/// and stands in [`failures`](Self::failures): what was handed out of it before is what was read.
pub struct Parcels<'d> {
    delivery: &'d FhirDelivery,
    round: Round,
    /// The next document of this round.
    next: usize,
    /// The document that is open, and where in it.
    open: Option<Open<'d>>,
    done: u64,
    failures: Vec<FileError>,
}

/// What is handed out now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Round {
    Early(Class),
    Rest,
    Over,
}

struct Open<'d> {
    surveyed: &'d Surveyed,
    urls: Urls<'d>,
    cursor: Cursor,
    /// The next of the resources that were handed out earlier.
    early: usize,
}

enum Urls<'d> {
    None,
    Kept(&'d FullUrls),
    Read(Box<FullUrls>),
}

enum Cursor {
    /// By place, for a class of resources.
    Places {
        reader: Opened,
        at: u64,
        class: Class,
        buffer: Vec<u8>,
    },
    /// The one resource there is.
    Single {
        reader: Opened,
        begin: u64,
        end: u64,
        over: bool,
    },
    Entries(Box<Splitter<Opened>>),
    Lines(Box<Lines<Opened>>),
}

impl fmt::Debug for Parcels<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Parcels({} of {})", self.done, self.delivery.total().resources)
    }
}

impl<'d> Parcels<'d> {
    pub(super) const fn new(delivery: &'d FhirDelivery) -> Self {
        Self { delivery, round: Round::Early(Class::Patient), next: 0, open: None, done: 0, failures: Vec::new() }
    }

    /// How many resources have been handed out, and of how many.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let total = self.delivery.total();
        let finished = if self.round == Round::Over {
            total.documents
        } else if self.round == Round::Rest {
            self.next.saturating_sub(1) as u64
        } else {
            0
        };
        Progress { documents: finished, documents_total: total.documents, done: self.done, total: total.resources }
    }

    /// The documents that could not be read to their end any more, so far.
    #[must_use]
    pub fn failures(&self) -> &[FileError] {
        &self.failures
    }

    /// Opens the next document that has anything for this round; `None` when all is handed out.
    fn advance(&mut self) -> Option<Result<Open<'d>, (&'d Surveyed, Fault)>> {
        loop {
            let Some(surveyed) = self.delivery.documents.get(self.next) else {
                self.next = 0;
                self.round = match self.round {
                    Round::Early(Class::Patient) => Round::Early(Class::Directory),
                    Round::Early(_) => Round::Rest,
                    Round::Rest | Round::Over => Round::Over,
                };
                if self.round == Round::Over {
                    return None;
                }
                continue;
            };
            self.next += 1;
            let wanted = match self.round {
                Round::Early(class) => surveyed.early.iter().any(|early| early.class == class),
                Round::Rest => (surveyed.early.len() as u64) < surveyed.resources,
                Round::Over => false,
            };
            let failed = self.failures.iter().any(|failure| failure.document == surveyed.document);
            if wanted && !failed {
                return Some(self.open(surveyed).map_err(|fault| (surveyed, fault)));
            }
        }
    }

    fn open(&self, surveyed: &'d Surveyed) -> Result<Open<'d>, Fault> {
        let stamp = surveyed.input.stamp().map_err(|error| Fault::io(&error))?;
        if stamp != surveyed.stamp {
            return Err(Fault { kind: FileErrorKind::Changed, offset: None, entry: None });
        }
        let limits = self.delivery.limits;
        let reader = surveyed.input.open().map_err(|error| Fault::io(&error))?;
        let (cursor, urls) = match (self.round, surveyed.shape) {
            (Round::Early(class), _) => (Cursor::Places { reader, at: 0, class, buffer: Vec::new() }, Urls::None),
            (_, Shape::Single { begin, end }) => (Cursor::Single { reader, begin, end, over: false }, Urls::None),
            (_, Shape::Lines) => (Cursor::Lines(Box::new(Lines::new(reader, limits.resource))), Urls::None),
            (_, Shape::Bundle) => {
                let urls = match &surveyed.urls {
                    Some(urls) => Urls::Kept(urls),
                    None => Urls::Read(Box::new(surveyed.read_urls(limits)?)),
                };
                (Cursor::Entries(Box::new(Splitter::new(reader, limits))), urls)
            }
        };
        Ok(Open { surveyed, urls, cursor, early: 0 })
    }

    /// Notes that a document cannot be read to its end, and says so in one parcel.
    fn fail(&mut self, surveyed: &Surveyed, fault: Fault) -> Parcel {
        self.failures.push(describe(&surveyed.input, surveyed.document, fault));
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
            let mut open = match self.open.take() {
                Some(open) => open,
                None => match self.advance()? {
                    Ok(open) => open,
                    Err((surveyed, fault)) => return Some(self.fail(surveyed, fault)),
                },
            };
            match open.next(self.delivery) {
                Ok(Some(parcel)) => {
                    self.open = Some(open);
                    self.done += 1;
                    return Some(parcel);
                }
                Ok(None) => {}
                Err(fault) => return Some(self.fail(open.surveyed, fault)),
            }
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

impl Open<'_> {
    /// The next parcel of this document in this round.
    fn next(&mut self, delivery: &FhirDelivery) -> Result<Option<Parcel>, Fault> {
        let bundle = match &self.urls {
            Urls::None => None,
            Urls::Kept(urls) => Some(*urls),
            Urls::Read(urls) => Some(&**urls),
        };
        let setting = Setting { index: &delivery.index, bundle, max_depth: delivery.limits.depth };
        let document = self.surveyed.document;
        let all = self.surveyed.early.as_slice();
        let place = |entry| Place { document, entry };
        match &mut self.cursor {
            Cursor::Places { reader, at, class, buffer } => loop {
                let Some(early) = all.get(self.early) else { return Ok(None) };
                self.early += 1;
                if early.class != *class {
                    continue;
                }
                read_at(reader, at, early.offset, early.length, buffer).map_err(|error| Fault::io(&error))?;
                return Ok(Some(match self.surveyed.shape {
                    Shape::Bundle => entry_parcel(buffer, place(Some(early.entry)), setting),
                    Shape::Lines => resource_parcel(buffer, None, place(Some(early.entry)), setting),
                    Shape::Single { .. } => resource_parcel(buffer, None, place(None), setting),
                }));
            },
            Cursor::Single { reader, begin, end, over } => {
                if core::mem::replace(over, true) {
                    return Ok(None);
                }
                let length = usize::try_from(*end - *begin).unwrap_or(usize::MAX);
                let mut buffer = Vec::new();
                read_at(reader, &mut 0, *begin, length, &mut buffer).map_err(|error| Fault::io(&error))?;
                Ok(Some(resource_parcel(&buffer, None, place(None), setting)))
            }
            Cursor::Entries(splitter) => {
                while let Some(part) = splitter.next_part()? {
                    if all.get(self.early).is_some_and(|early| early.entry == part.entry) {
                        self.early += 1;
                        continue;
                    }
                    return Ok(Some(entry_parcel(part.bytes, place(Some(part.entry)), setting)));
                }
                Ok(None)
            }
            Cursor::Lines(lines) => {
                while let Some(line) = lines.next_line()? {
                    if all.get(self.early).is_some_and(|early| early.entry == line.number) {
                        self.early += 1;
                        continue;
                    }
                    let place = place(Some(line.number));
                    if !line.too_long {
                        return Ok(Some(resource_parcel(line.bytes, None, place, setting)));
                    }
                    let reading = Reading::Unusable(Reason::TooLarge);
                    return Ok(Some(Parcel {
                        place,
                        resource: Box::default(),
                        reading,
                        original: line.bytes.to_vec(),
                    }));
                }
                Ok(None)
            }
        }
    }
}
