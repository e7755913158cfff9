//! A delivery of files of messages, checked and counted, ready to be handed out.

use core::fmt;
use std::collections::HashSet;
use std::io::{self, Read};

use mychartum_core::chart::{SourceRef, View};
use mychartum_core::sync::{Parcel, Place, Reading, Reason};

use crate::delivery::{FileError, FileErrorKind, Input, Progress, Stamp, Total};
use crate::hl7v2::{Batch, BatchPart, PartKind};

use super::message::parcels_of;
use super::parcels::Parcels;
use super::settings::SourceSettings;

/// A delivery of files of HL7 v2 messages: single ones, many one after another, and batches with their envelopes.
///
/// Opening it reads every file once. A file without any message is refused whole and listed in [`refused`](Self::refused); the
/// others go on. [`parcels`](Self::parcels) then reads the files again and hands out what each message says, the patients of all
/// files first. A message that cannot be read is one parcel, unusable and whole. One file is held in memory at a time.
///
/// ```
/// use mychartum_adapters::hl7v2::{Hl7v2Delivery, Input, Introduce, SourceSettings};
///
/// let text = "MSH|^~\\&|LAB|RIVERSIDE|||20260301||ORU^R01|77|P|2.5.1\rPID|1||0042^^^RIVERSIDE^MR\r\
///     OBR|1||9|718-7^Hemoglobin^LN\rOBX|1|NM|718-7^Hemoglobin^LN||13.20|g/dL|12.0-15.5||||F\r";
/// let zone = "America/Chicago".parse().unwrap();
/// let settings = SourceSettings { introduce: Introduce::AnyMessage, ..SourceSettings::in_zone(zone) };
/// let delivery = Hl7v2Delivery::open(vec![Input::bytes("feed.hl7", text.as_bytes())], settings, &mut |_| {});
/// let kinds: Vec<_> = delivery.parcels().map(|parcel| parcel.resource).collect();
/// assert_eq!(kinds, ["Patient".into(), "Observation".into(), "DiagnosticReport".into()]);
/// ```
pub struct Hl7v2Delivery {
    pub(super) files: Vec<Surveyed>,
    pub(super) settings: SourceSettings,
    patients: HashSet<SourceRef>,
    refused: Vec<FileError>,
    total: Total,
}

/// A file with messages in it.
pub(super) struct Surveyed {
    pub(super) input: Input,
    pub(super) document: u32,
    pub(super) stamp: Stamp,
}

impl fmt::Debug for Hl7v2Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hl7v2Delivery({} files, {} refused)", self.files.len(), self.refused.len())
    }
}

impl Hl7v2Delivery {
    /// Reads every file once: are there messages in it, how many parcels do they give, whose are they.
    ///
    /// `progress` is told after each file how many bytes have been read.
    #[must_use]
    pub fn open(inputs: Vec<Input>, settings: SourceSettings, progress: &mut dyn FnMut(Progress)) -> Self {
        let lengths: Vec<u64> = inputs.iter().map(|input| input.stamp().map_or(0, |stamp| stamp.length)).collect();
        let (documents_total, total_bytes) = (inputs.len() as u64, lengths.iter().sum());
        let mut delivery = Self {
            files: Vec::new(),
            settings,
            patients: HashSet::new(),
            refused: Vec::new(),
            total: Total { bytes: total_bytes, ..Total::default() },
        };
        let mut done = 0u64;
        for (number, (input, length)) in inputs.into_iter().zip(lengths).enumerate() {
            delivery.take(input, u32::try_from(number).unwrap_or(u32::MAX));
            done += length;
            progress(Progress { documents: number as u64 + 1, documents_total, done, total: total_bytes });
        }
        delivery.total.documents = delivery.files.len() as u64;
        delivery.total.refused = delivery.refused.len() as u64;
        delivery.total.patients = delivery.patients.len() as u64;
        delivery
    }

    fn take(&mut self, input: Input, document: u32) {
        let surveyed = read(&input).and_then(|(bytes, stamp)| {
            let parcels = parcels_in(&bytes, &self.settings, document);
            let parcels = parcels.ok_or(FileErrorKind::NoMessage)?;
            Ok((parcels, stamp))
        });
        match surveyed {
            Ok((parcels, stamp)) => {
                self.total.resources += parcels.len() as u64;
                self.patients.extend(parcels.iter().filter_map(patient).cloned());
                self.files.push(Surveyed { input, document, stamp });
            }
            Err(kind) => self.refused.push(describe(&input, document, kind)),
        }
    }

    /// What the first pass counted.
    #[must_use]
    pub const fn total(&self) -> Total {
        self.total
    }

    /// The files that are refused whole, and why.
    #[must_use]
    pub fn refused(&self) -> &[FileError] {
        &self.refused
    }

    /// The files that will be read: their number in the delivery and their names.
    pub fn documents(&self) -> impl Iterator<Item = (u32, &str)> {
        self.files.iter().map(|surveyed| (surveyed.document, surveyed.input.name()))
    }

    /// Whether the delivery brings this patient.
    #[must_use]
    pub fn brings(&self, patient: &SourceRef) -> bool {
        self.patients.contains(patient)
    }

    /// Reads the files again and hands out what their messages say: patients, then the rest, file by file.
    #[must_use]
    pub fn parcels(&self) -> Parcels<'_> {
        Parcels::new(self)
    }
}

/// The patient whom a parcel brings.
fn patient(parcel: &Parcel) -> Option<&SourceRef> {
    match &parcel.reading {
        Reading::Item { identity, view: View::Patient(_), .. } => Some(identity),
        _ => None,
    }
}

/// What the messages of a file say, in order; `None` where there is no message in it. What belongs to no message, and a count that
/// does not fit, is told by the parcel that holds it.
pub(super) fn parcels_in(bytes: &[u8], settings: &SourceSettings, document: u32) -> Option<Vec<Parcel>> {
    let batch = Batch::split(bytes, &settings.grammar);
    let mut all: Vec<Parcel> = Vec::new();
    let mut any = false;
    for part in batch.parts() {
        let entry = all.len() as u64;
        let aside = |part: &BatchPart<'_>, reason| Parcel {
            place: Place { document, entry: Some(entry) },
            resource: Box::default(),
            reading: Reading::Unusable(reason),
            original: part.bytes.to_vec(),
        };
        match part.kind {
            PartKind::Message => {
                any = true;
                match part.parse(&settings.grammar) {
                    Ok(message) => all.extend(parcels_of(&message, settings, document, entry)),
                    Err(_) => all.push(aside(part, Reason::Malformed)),
                }
            }
            // An envelope whose count is wrong is kept, so that somebody asks for what is missing.
            PartKind::Envelope => {
                let end = part.position + part.bytes.len();
                let is_odd = batch.notices().iter().any(|notice| (part.position..end).contains(&notice.position));
                if is_odd {
                    all.push(aside(part, Reason::Invalid("batch")));
                }
            }
            PartKind::Garbage if part.bytes.iter().all(u8::is_ascii_whitespace) => (),
            PartKind::Garbage => all.push(aside(part, Reason::Malformed)),
        }
    }
    any.then_some(all)
}

/// The bytes of a file, and what tells whether it is still the same.
///
/// # Errors
/// What is wrong: it cannot be read, or is larger than any file of messages may be.
pub(super) fn read(input: &Input) -> Result<(Vec<u8>, Stamp), FileErrorKind> {
    let unreadable = |error: io::Error| FileErrorKind::Unreadable(error.kind());
    let stamp = input.stamp().map_err(unreadable)?;
    if stamp.length > FILE {
        return Err(FileErrorKind::TooLarge);
    }
    let mut bytes = Vec::new();
    input.open().map_err(unreadable)?.take(FILE + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > FILE { Err(FileErrorKind::TooLarge) } else { Ok((bytes, stamp)) }
}

/// The most bytes of one file: it is held in memory while it is handed out.
const FILE: u64 = 512 << 20;

/// A refusal as it is reported, with its file.
pub(super) fn describe(input: &Input, document: u32, kind: FileErrorKind) -> FileError {
    FileError { document, name: input.name().into(), kind, offset: None, line: None, entry: None }
}
