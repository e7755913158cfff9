//! A delivery of FHIR documents, checked and counted, ready to be handed out.

use core::fmt;

use mychartum_core::chart::SourceRef;

use crate::delivery::{Fault, FileError, FileErrorKind, Input, Progress, Total};

use super::limits::Limits;
use super::parcels::Parcels;
use super::resolve::Index;
use super::survey::{Surveyed, line_and_column, survey};

/// A delivery of FHIR R4 documents: bundles, single resources and NDJSON files, told apart by their content.
///
/// Opening it reads every document once. A document that is not whole is refused whole and listed in
/// [`refused`](Self::refused); the others go on. In NDJSON one bad line is one unusable parcel and the rest goes on.
/// [`parcels`](Self::parcels) then reads the documents again and hands out each resource exactly once: patients first, then
/// what is referred to (clinicians, organizations, places, medications), then the rest in order. What is held in memory
/// does not grow with the documents, only a little with the number of patients and of entries of one bundle.
///
/// ```
/// use mychartum_adapters::fhir::{FhirDelivery, Input, Limits};
/// use mychartum_core::sync::Reading;
///
/// let patient = r#"{"resourceType":"Patient","id":"p1","name":[{"family":"Herman","given":["Ali"]}]}"#;
/// let inputs = vec![Input::bytes("patient.json", patient.as_bytes())];
/// let delivery = FhirDelivery::open(inputs, Limits::default(), &mut |_| {});
/// assert_eq!(delivery.total().patients, 1);
/// let parcel = delivery.parcels().next().unwrap();
/// assert!(matches!(parcel.reading, Reading::Item { .. }));
/// assert_eq!(parcel.original, patient.as_bytes());
/// ```
pub struct FhirDelivery {
    pub(super) documents: Vec<Surveyed>,
    pub(super) index: Index,
    pub(super) limits: Limits,
    refused: Vec<FileError>,
    total: Total,
}

impl fmt::Debug for FhirDelivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FhirDelivery({} documents, {} refused)", self.documents.len(), self.refused.len())
    }
}

impl FhirDelivery {
    /// Reads every document once: is it whole, how many resources has it, whom does it name.
    ///
    /// `progress` is told now and then how many bytes have been read.
    #[must_use]
    pub fn open(inputs: Vec<Input>, limits: Limits, progress: &mut dyn FnMut(Progress)) -> Self {
        let lengths: Vec<u64> = inputs.iter().map(|input| input.stamp().map_or(0, |stamp| stamp.length)).collect();
        let documents_total = inputs.len() as u64;
        let total_bytes = lengths.iter().sum();
        let mut delivery = Self {
            documents: Vec::new(),
            index: Index::default(),
            limits,
            refused: Vec::new(),
            total: Total { bytes: total_bytes, ..Total::default() },
        };
        let (mut before, mut told, mut kept_urls) = (0u64, 0u64, 0usize);
        for (number, (input, length)) in inputs.into_iter().zip(lengths).enumerate() {
            let document = u32::try_from(number).unwrap_or(u32::MAX);
            let mut watch = |read: u64| {
                let done = before + read.min(length);
                if done >= told + (1 << 20) {
                    told = done;
                    progress(Progress { documents: number as u64, documents_total, done, total: total_bytes });
                }
            };
            match survey(&input, document, limits, &mut delivery.index, &mut watch) {
                Ok(mut surveyed) => {
                    surveyed.keep_urls(&mut kept_urls);
                    delivery.total.resources += surveyed.resources;
                    delivery.documents.push(surveyed);
                }
                Err(fault) => delivery.refused.push(describe(&input, document, fault)),
            }
            before += length;
            progress(Progress { documents: number as u64 + 1, documents_total, done: before, total: total_bytes });
        }
        delivery.total.documents = delivery.documents.len() as u64;
        delivery.total.refused = delivery.refused.len() as u64;
        delivery.total.patients = delivery.index.patients.len() as u64;
        delivery
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
        patient.kind.as_str() == "Patient" && self.index.patients.has(patient.id.as_str())
    }

    /// Reads the documents again and hands out each resource once: patients, then what is referred to, then the rest.
    #[must_use]
    pub const fn parcels(&self) -> Parcels<'_> {
        Parcels::new(self)
    }
}

/// A fault as it is reported: with its document, line and column.
pub(super) fn describe(input: &Input, document: u32, fault: Fault) -> FileError {
    let readable = !matches!(fault.kind, FileErrorKind::Unreadable(_));
    let line = fault.offset.filter(|_| readable).and_then(|offset| line_and_column(input, offset));
    FileError { document, name: input.name().into(), kind: fault.kind, offset: fault.offset, line, entry: fault.entry }
}
