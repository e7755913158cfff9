//! A delivery of clinical documents, checked and counted, ready to be handed out.

use core::fmt;
use std::collections::HashSet;
use std::io::{self, Read};

use mychartum_core::chart::SourceRef;

use crate::delivery::{FileError, FileErrorKind, Input, Progress, Stamp, Total};

use super::document::outline;
use super::limits::Limits;
use super::parcels::Parcels;
use super::tree::Refusal;

/// A delivery of C-CDA documents (HL7 CDA R2): structured ones, and unstructured ones that carry a file.
///
/// Opening it reads every document once. A document that is not whole is refused whole and listed in
/// [`refused`](Self::refused); the others go on. [`parcels`](Self::parcels) then reads the documents again and hands out
/// each of their statements exactly once: the patients of all documents first, then document by document the document itself
/// and what its entries say. One document is held in memory at a time.
///
/// ```
/// use mychartum_adapters::ccda::{CcdaDelivery, Input, Limits};
/// use mychartum_core::sync::Reading;
///
/// let text = "<ClinicalDocument xmlns='urn:hl7-org:v3'><id root='1.2.3'/><recordTarget><patientRole>\
///     <id root='1.2' extension='p1'/></patientRole></recordTarget></ClinicalDocument>";
/// let inputs = vec![Input::bytes("summary.xml", text.as_bytes())];
/// let delivery = CcdaDelivery::open(inputs, Limits::default(), &mut |_| {});
/// assert_eq!((delivery.total().patients, delivery.total().resources), (1, 2));
/// let kinds: Vec<_> = delivery.parcels().map(|parcel| parcel.resource).collect();
/// assert_eq!(kinds, ["Patient".into(), "DocumentReference".into()]);
/// ```
pub struct CcdaDelivery {
    pub(super) documents: Vec<Surveyed>,
    pub(super) limits: Limits,
    patients: HashSet<SourceRef>,
    refused: Vec<FileError>,
    total: Total,
}

/// A document that was found whole.
pub(super) struct Surveyed {
    pub(super) input: Input,
    pub(super) document: u32,
    pub(super) stamp: Stamp,
}

impl fmt::Debug for CcdaDelivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CcdaDelivery({} documents, {} refused)", self.documents.len(), self.refused.len())
    }
}

impl CcdaDelivery {
    /// Reads every document once: is it whole, how many parcels does it give, whose is it.
    ///
    /// `progress` is told after each document how many bytes have been read.
    #[must_use]
    pub fn open(inputs: Vec<Input>, limits: Limits, progress: &mut dyn FnMut(Progress)) -> Self {
        let lengths: Vec<u64> = inputs.iter().map(|input| input.stamp().map_or(0, |stamp| stamp.length)).collect();
        let (documents_total, total_bytes) = (inputs.len() as u64, lengths.iter().sum());
        let mut delivery = Self {
            documents: Vec::new(),
            limits,
            patients: HashSet::new(),
            refused: Vec::new(),
            total: Total { bytes: total_bytes, ..Total::default() },
        };
        let mut done = 0u64;
        for (number, (input, length)) in inputs.into_iter().zip(lengths).enumerate() {
            let document = u32::try_from(number).unwrap_or(u32::MAX);
            delivery.take(input, document);
            done += length;
            progress(Progress { documents: number as u64 + 1, documents_total, done, total: total_bytes });
        }
        delivery.total.documents = delivery.documents.len() as u64;
        delivery.total.refused = delivery.refused.len() as u64;
        delivery.total.patients = delivery.patients.len() as u64;
        delivery
    }

    fn take(&mut self, input: Input, document: u32) {
        let limits = self.limits;
        let surveyed = read(&input, limits).and_then(|(bytes, stamp)| Ok((outline(&bytes, limits)?, stamp)));
        match surveyed {
            Ok((outline, stamp)) => {
                self.total.resources += outline.parcels;
                self.patients.extend(outline.subject);
                self.documents.push(Surveyed { input, document, stamp });
            }
            Err(refusal) => self.refused.push(describe(&input, document, refusal)),
        }
    }

    /// What the first pass counted.
    #[must_use]
    pub const fn total(&self) -> Total {
        self.total
    }

    /// The documents that are refused whole, and why.
    #[must_use]
    pub fn refused(&self) -> &[FileError] {
        &self.refused
    }

    /// The documents that will be read: their number in the delivery and their names.
    pub fn documents(&self) -> impl Iterator<Item = (u32, &str)> {
        self.documents.iter().map(|surveyed| (surveyed.document, surveyed.input.name()))
    }

    /// Whether the delivery brings this patient.
    #[must_use]
    pub fn brings(&self, patient: &SourceRef) -> bool {
        self.patients.contains(patient)
    }

    /// Reads the documents again and hands out each statement once: patients, then the rest, document by document.
    #[must_use]
    pub fn parcels(&self) -> Parcels<'_> {
        Parcels::new(self)
    }
}

/// The bytes of a document, and what tells whether it is still the same.
///
/// # Errors
/// The [`Refusal`]: it cannot be read, or is larger than the limit.
pub(super) fn read(input: &Input, limits: Limits) -> Result<(Vec<u8>, Stamp), Refusal> {
    let unreadable = |error: io::Error| Refusal::of(FileErrorKind::Unreadable(error.kind()));
    let stamp = input.stamp().map_err(unreadable)?;
    let most = (limits.document as u64).saturating_add(1);
    let mut bytes = Vec::new();
    input.open().map_err(unreadable)?.take(most).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > limits.document {
        return Err(Refusal::of(FileErrorKind::TooLarge));
    }
    Ok((bytes, stamp))
}

/// A refusal as it is reported, with its document.
pub(super) fn describe(input: &Input, document: u32, refusal: Refusal) -> FileError {
    FileError { document, name: input.name().into(), kind: refusal.kind, offset: None, line: refusal.line, entry: None }
}
