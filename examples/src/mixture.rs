//! Files of any mixture of formats, each read by the reader that its name or, where that says nothing, its beginning asks for.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use chrono_tz::Tz;
use mychartum_adapters::ccda::{self, CcdaDelivery};
use mychartum_adapters::fhir::{self, DeliveryError, FhirDelivery, FileError, Input, Progress, Total};
use mychartum_adapters::hl7v2::{Hl7v2Delivery, Introduce, ProcessingPolicy, SourceSettings, Terminators};
use mychartum_core::chart::SourceId;
use mychartum_core::portal::{Failure, Portal};
use mychartum_core::sync::{IntakeReport, Parcel};

/// How many parcels are handed over at a time.
const BATCH: usize = 1_000;

/// The files that were found, by format.
#[derive(Debug, Default)]
pub struct Mixture {
    fhir: Vec<Input>,
    ccda: Vec<Input>,
    hl7v2: Vec<Input>,
}

/// The files of one format, looked through once.
#[derive(Debug)]
pub enum Opened {
    /// FHIR R4.
    Fhir(Box<FhirDelivery>),
    /// Clinical documents.
    Ccda(CcdaDelivery),
    /// HL7 v2.
    Hl7v2(Hl7v2Delivery),
}

/// What became of the files of one format.
#[derive(Default)]
pub struct TakenIn {
    /// The fate of each parcel.
    pub report: IntakeReport,
    /// The names of the files, by the number that [`report`](Self::report) knows them by.
    pub names: HashMap<u32, String>,
    /// The files that were refused whole, or went away meanwhile.
    pub refused: Vec<FileError>,
}

impl core::fmt::Debug for TakenIn {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("TakenIn").field("report", &self.report).finish_non_exhaustive()
    }
}

/// The parcels of an opened delivery, whatever its format.
trait Parcels: Iterator<Item = Parcel> + Send {
    fn progress(&self) -> Progress;
    fn failures(&self) -> &[FileError];
}

macro_rules! handed_out {
    ($($parcels:ty),*) => {$(
        impl Parcels for $parcels {
            fn progress(&self) -> Progress {
                <$parcels>::progress(self)
            }

            fn failures(&self) -> &[FileError] {
                <$parcels>::failures(self)
            }
        }
    )*};
}

handed_out!(fhir::Parcels<'_>, ccda::Parcels<'_>);

/// How HL7 v2 is read from files: whoever brings them chose them, so that even messages for training count, and any of them may bring
/// its patient. Times without an offset are of this zone.
#[must_use]
pub fn chosen_files(zone: Tz) -> SourceSettings {
    let mut settings = SourceSettings {
        introduce: Introduce::AnyMessage,
        processing: ProcessingPolicy::Anything,
        ..SourceSettings::in_zone(zone)
    };
    settings.grammar.terminators = Terminators::Mended;
    settings
}

impl Mixture {
    /// Finds files, and in folders all below them that have the name of a known format.
    ///
    /// # Errors
    /// [`DeliveryError`] for a path that is missing, may not be read, or is neither file nor folder.
    pub fn find(paths: &[PathBuf]) -> Result<Self, DeliveryError> {
        let mut sorted: [Vec<PathBuf>; 3] = Default::default();
        for path in paths {
            let [fhir, ccda, hl7v2] = &mut sorted;
            if path.is_dir() {
                [fhir, ccda, hl7v2].into_iter().for_each(|all| all.push(path.clone()));
                continue;
            }
            match format(path) {
                Format::Fhir => fhir.push(path.clone()),
                Format::Ccda => ccda.push(path.clone()),
                Format::Hl7v2 => hl7v2.push(path.clone()),
            }
        }
        let [fhir, ccda, hl7v2] = &sorted;
        Ok(Self {
            fhir: Input::from_paths(fhir)?,
            ccda: Input::clinical_documents(ccda)?,
            hl7v2: Input::message_files(hl7v2)?,
        })
    }

    /// Whether there is no file at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.fhir.is_empty() && self.ccda.is_empty() && self.hl7v2.is_empty()
    }

    /// Looks through all files: FHIR, then clinical documents, then messages.
    #[must_use]
    pub fn open(self, settings: &SourceSettings, progress: &mut dyn FnMut(Progress)) -> Vec<Opened> {
        let mut all = Vec::new();
        if !self.fhir.is_empty() {
            let delivery = FhirDelivery::open(self.fhir, fhir::Limits::default(), progress);
            all.push(Opened::Fhir(Box::new(delivery)));
        }
        if !self.ccda.is_empty() {
            all.push(Opened::Ccda(CcdaDelivery::open(self.ccda, ccda::Limits::default(), progress)));
        }
        if !self.hl7v2.is_empty() {
            all.push(Opened::Hl7v2(Hl7v2Delivery::open(self.hl7v2, settings.clone(), progress)));
        }
        all
    }
}

impl Opened {
    /// What was counted.
    #[must_use]
    pub const fn total(&self) -> Total {
        match self {
            Self::Fhir(delivery) => delivery.total(),
            Self::Ccda(delivery) => delivery.total(),
            Self::Hl7v2(delivery) => delivery.total(),
        }
    }

    /// Takes the files in, as a delivery of a source. Each parcel is shown to `seen` before it goes.
    ///
    /// # Errors
    /// [`Failure`]: storage or keys failed.
    pub async fn take_in(
        &self,
        portal: &Portal,
        source: &SourceId,
        seen: &mut (dyn FnMut(&Parcel) + Send),
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<TakenIn, Failure> {
        let mut parcels: Box<dyn Parcels> = match self {
            Self::Fhir(delivery) => Box::new(delivery.parcels()),
            Self::Ccda(delivery) => Box::new(delivery.parcels()),
            Self::Hl7v2(delivery) => Box::new(delivery.parcels()),
        };
        let mut intake = portal.intake(source.clone())?;
        loop {
            let batch: Vec<Parcel> = parcels.by_ref().take(BATCH).inspect(|parcel| seen(parcel)).collect();
            if batch.is_empty() {
                break;
            }
            intake.offer(batch).await?;
            progress(parcels.progress());
        }
        let refused = self.refused().iter().chain(parcels.failures()).cloned().collect();
        Ok(TakenIn { report: intake.finish(), names: self.names(), refused })
    }

    fn refused(&self) -> &[FileError] {
        match self {
            Self::Fhir(delivery) => delivery.refused(),
            Self::Ccda(delivery) => delivery.refused(),
            Self::Hl7v2(delivery) => delivery.refused(),
        }
    }

    fn names(&self) -> HashMap<u32, String> {
        let own = |(number, name): (u32, &str)| (number, name.to_owned());
        match self {
            Self::Fhir(delivery) => delivery.documents().map(own).collect(),
            Self::Ccda(delivery) => delivery.documents().map(own).collect(),
            Self::Hl7v2(delivery) => delivery.documents().map(own).collect(),
        }
    }
}

/// A format of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Fhir,
    Ccda,
    Hl7v2,
}

/// The format of a file: by its name, else by how it begins; FHIR where neither tells, since that reader says best what is wrong.
fn format(path: &Path) -> Format {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    match extension.as_deref() {
        Some("json" | "ndjson" | "fhir") => return Format::Fhir,
        Some("xml" | "ccda" | "ccd" | "cda") => return Format::Ccda,
        Some("hl7" | "hl7v2") => return Format::Hl7v2,
        _ => (),
    }
    let mut begin = [0u8; 64];
    let read = File::open(path).and_then(|mut file| file.read(&mut begin)).unwrap_or(0);
    let begin = begin.get(..read).unwrap_or_default();
    let begin = begin.strip_prefix(b"\xef\xbb\xbf").unwrap_or(begin).trim_ascii_start();
    match begin {
        [b'<', ..] => Format::Ccda,
        [b'M', b'S', b'H', ..] | [b'F' | b'B', b'H', b'S', ..] => Format::Hl7v2,
        _ => Format::Fhir,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_decide_and_then_beginnings() {
        let folder = tempfile::tempdir().unwrap();
        let of = |name: &str, content: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, content).unwrap();
            format(&path)
        };
        assert_eq!(of("a.HL7", "{}"), Format::Hl7v2);
        assert_eq!(of("a.xml", "MSH|"), Format::Ccda);
        assert_eq!(of("a.ndjson", ""), Format::Fhir);
        assert_eq!(of("a.txt", "\u{feff}\r\nMSH|^~\\&"), Format::Hl7v2);
        assert_eq!(of("b.txt", "FHS|^~\\&"), Format::Hl7v2);
        assert_eq!(of("c.txt", "  <?xml version='1.0'?>"), Format::Ccda);
        assert_eq!(of("d.txt", "{}"), Format::Fhir);
        assert_eq!(format(&folder.path().join("missing")), Format::Fhir);
    }
}
