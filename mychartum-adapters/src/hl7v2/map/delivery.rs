//! A delivery of files of messages, checked and counted, ready to be handed out.

use core::fmt;

use mychartum_core::chart::{SourceRef, View};
use mychartum_core::sync::{Parcel, Place, Reading, Reason};

use crate::delivery::{
    FileError, FileErrorKind, Held, HeldParcels, Input, Language, Outline, Progress, Refusal, Total,
};
use crate::hl7v2::{Batch, BatchPart, PartKind};

use super::message::parcels_of;
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
pub struct Hl7v2Delivery(Held);

impl fmt::Debug for Hl7v2Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hl7v2Delivery({:?})", self.0)
    }
}

/// Messages of a source.
struct Messages(SourceSettings);

impl Language for Messages {
    fn limit(&self) -> u64 {
        self.0.file
    }

    fn outline(&self, bytes: &[u8], document: u32) -> Result<Outline, Refusal> {
        let all = parcels_in(bytes, &self.0, document)?;
        let patients = all.iter().filter_map(patient).cloned().collect();
        Ok(Outline { parcels: all.len() as u64, patients })
    }

    fn patients(&self, bytes: &[u8], document: u32) -> Result<Vec<Parcel>, Refusal> {
        let mut all = parcels_in(bytes, &self.0, document)?;
        all.retain(|parcel| &*parcel.resource == "Patient");
        Ok(all)
    }

    fn rest(&self, bytes: &[u8], document: u32) -> Result<Vec<Parcel>, Refusal> {
        let mut all = parcels_in(bytes, &self.0, document)?;
        all.retain(|parcel| &*parcel.resource != "Patient");
        Ok(all)
    }
}

impl Hl7v2Delivery {
    /// Reads every file once: are there messages in it, how many parcels do they give, whose are they.
    ///
    /// `progress` is told after each file how many bytes have been read.
    #[must_use]
    pub fn open(inputs: Vec<Input>, settings: SourceSettings, progress: &mut dyn FnMut(Progress)) -> Self {
        Self(Held::open(inputs, Messages(settings), progress))
    }

    /// What the first pass counted.
    #[must_use]
    pub const fn total(&self) -> Total {
        self.0.total()
    }

    /// The files that are refused whole, and why.
    #[must_use]
    pub fn refused(&self) -> &[FileError] {
        self.0.refused()
    }

    /// The files that will be read: their number in the delivery and their names.
    pub fn documents(&self) -> impl Iterator<Item = (u32, &str)> {
        self.0.documents()
    }

    /// Whether the delivery brings this patient.
    #[must_use]
    pub fn brings(&self, patient: &SourceRef) -> bool {
        self.0.brings(patient)
    }

    /// Reads the files again and hands out each parcel once: patients, then the rest, one after the other.
    #[must_use]
    pub fn parcels(&self) -> HeldParcels<'_> {
        self.0.parcels()
    }
}

/// The patient whom a parcel brings.
fn patient(parcel: &Parcel) -> Option<&SourceRef> {
    match &parcel.reading {
        Reading::Item { identity, view: View::Patient(_), .. } => Some(identity),
        _ => None,
    }
}

/// What the messages of a file say, in order. What belongs to no message, and a count that
/// does not fit, is told by the parcel that holds it.
///
/// # Errors
/// [`FileErrorKind::NoMessage`].
fn parcels_in(bytes: &[u8], settings: &SourceSettings, document: u32) -> Result<Vec<Parcel>, Refusal> {
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
    if any { Ok(all) } else { Err(Refusal::of(FileErrorKind::NoMessage)) }
}
