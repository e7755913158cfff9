//! A delivery of clinical documents, checked and counted, ready to be handed out.

use core::fmt;

use mychartum_core::chart::SourceRef;
use mychartum_core::sync::Parcel;

use crate::delivery::{FileError, Held, HeldParcels, Input, Language, Outline, Progress, Refusal, Total};

use super::document::{outline, parcels_of, patient_of};
use super::limits::Limits;

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
pub struct CcdaDelivery(Held);

impl fmt::Debug for CcdaDelivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CcdaDelivery({:?})", self.0)
    }
}

/// Clinical documents within limits.
struct Ccda(Limits);

impl Language for Ccda {
    fn limit(&self) -> u64 {
        self.0.document as u64
    }

    fn outline(&self, bytes: &[u8], _: u32) -> Result<Outline, Refusal> {
        outline(bytes, self.0)
    }

    fn patients(&self, bytes: &[u8], document: u32) -> Result<Vec<Parcel>, Refusal> {
        patient_of(bytes, self.0, document).map(|patient| patient.into_iter().collect())
    }

    fn rest(&self, bytes: &[u8], document: u32) -> Result<Vec<Parcel>, Refusal> {
        let mut all = parcels_of(bytes, self.0, document)?;
        all.retain(|parcel| &*parcel.resource != "Patient");
        Ok(all)
    }
}

impl CcdaDelivery {
    /// Reads every document once: is it whole, how many parcels does it give, whose is it.
    ///
    /// `progress` is told after each document how many bytes have been read.
    #[must_use]
    pub fn open(inputs: Vec<Input>, limits: Limits, progress: &mut dyn FnMut(Progress)) -> Self {
        Self(Held::open(inputs, Ccda(limits), progress))
    }

    /// What the first pass counted.
    #[must_use]
    pub const fn total(&self) -> Total {
        self.0.total()
    }

    /// The documents that are refused whole, and why.
    #[must_use]
    pub fn refused(&self) -> &[FileError] {
        self.0.refused()
    }

    /// The documents that will be read: their number in the delivery and their names.
    pub fn documents(&self) -> impl Iterator<Item = (u32, &str)> {
        self.0.documents()
    }

    /// Whether the delivery brings this patient.
    #[must_use]
    pub fn brings(&self, patient: &SourceRef) -> bool {
        self.0.brings(patient)
    }

    /// Reads the documents again and hands out each parcel once: patients, then the rest, one after the other.
    #[must_use]
    pub fn parcels(&self) -> HeldParcels<'_> {
        self.0.parcels()
    }
}
