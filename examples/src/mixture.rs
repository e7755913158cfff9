//! Files of any mixture of formats, each read by the reader that its name or, where that says nothing, its beginning asks for.

use std::collections::HashMap;
use std::error::Error;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use mychartum_adapters::ccda::{self, CcdaDelivery};
use mychartum_adapters::fhir::{self, FhirDelivery, FileError, Input};
use mychartum_adapters::hl7v2::{self, Hl7v2Delivery, SourceSettings};
use mychartum_core::chart::SourceId;
use mychartum_core::portal::Portal;
use mychartum_core::sync::IntakeReport;

/// Paths, by the format that is looked for in each. A folder is looked through for all of them.
#[derive(Default)]
pub struct Mixture {
    fhir: Vec<PathBuf>,
    ccda: Vec<PathBuf>,
    hl7v2: Vec<PathBuf>,
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

/// A format of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Fhir,
    Ccda,
    Hl7v2,
}

impl core::fmt::Debug for Mixture {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Mixture([hidden])")
    }
}

impl core::fmt::Debug for TakenIn {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("TakenIn").field("report", &self.report).finish_non_exhaustive()
    }
}

impl Mixture {
    /// Sorts paths by format. What is missing or cannot be read is found out when it is [taken in](Self::take_in).
    #[must_use]
    pub fn sort(paths: &[PathBuf]) -> Self {
        let mut sorted = Self::default();
        for path in paths {
            if path.is_dir() {
                for all in [&mut sorted.fhir, &mut sorted.ccda, &mut sorted.hl7v2] {
                    all.push(path.clone());
                }
                continue;
            }
            match format(path) {
                Format::Fhir => sorted.fhir.push(path.clone()),
                Format::Ccda => sorted.ccda.push(path.clone()),
                Format::Hl7v2 => sorted.hl7v2.push(path.clone()),
            }
        }
        sorted
    }

    /// Takes all files in, as one source: first FHIR, then clinical documents, then messages.
    ///
    /// # Errors
    /// For a path that cannot be read at all, and where storage or keys fail.
    pub async fn take_in(
        &self,
        portal: &Portal,
        source: &SourceId,
        settings: &SourceSettings,
    ) -> Result<Vec<TakenIn>, Box<dyn Error>> {
        // Every path is looked at before anything is taken in.
        let fhir = Input::from_paths(&self.fhir)?;
        let ccda = Input::clinical_documents(&self.ccda)?;
        let messages = Input::message_files(&self.hl7v2)?;
        let mut all = Vec::new();
        if !fhir.is_empty() {
            let delivery = FhirDelivery::open(fhir, fhir::Limits::default(), &mut |_| {});
            let mut intake = portal.intake(source.clone())?;
            let cut_off = fhir::deliver(&mut intake, &delivery, &mut |_| {}).await?;
            all.push(taken(intake.finish(), delivery.documents(), delivery.refused(), cut_off));
        }
        if !ccda.is_empty() {
            let delivery = CcdaDelivery::open(ccda, ccda::Limits::default(), &mut |_| {});
            let mut intake = portal.intake(source.clone())?;
            let cut_off = ccda::deliver(&mut intake, &delivery, &mut |_| {}).await?;
            all.push(taken(intake.finish(), delivery.documents(), delivery.refused(), cut_off));
        }
        if !messages.is_empty() {
            let delivery = Hl7v2Delivery::open(messages, settings.clone(), &mut |_| {});
            let mut intake = portal.intake(source.clone())?;
            let cut_off = hl7v2::deliver(&mut intake, &delivery, &mut |_| {}).await?;
            all.push(taken(intake.finish(), delivery.documents(), delivery.refused(), cut_off));
        }
        Ok(all)
    }
}

fn taken<'d>(
    report: IntakeReport,
    names: impl Iterator<Item = (u32, &'d str)>,
    refused: &[FileError],
    cut_off: Vec<FileError>,
) -> TakenIn {
    let names = names.map(|(number, name)| (number, name.to_owned())).collect();
    TakenIn { report, names, refused: refused.iter().cloned().chain(cut_off).collect() }
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
