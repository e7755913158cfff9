//! Importing FHIR files, with a bar that moves and a count that adds up.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use mychartum_adapters::fhir::{FhirDelivery, FileError, Input, Limits};
use mychartum_core::chart::{SourceId, SourceRef, View};
use mychartum_core::kernel::id::{AccountId, PatientId};
use mychartum_core::portal::Portal;
use mychartum_core::sync::{IntakeReport, Parcel, Reading};

use super::cover::Cover;
use super::household::SignIn;
use super::others::sign_up;
use super::trouble::Trouble;
use crate::words::{count, fill, say};

/// What the person's own files are called as a source.
const OWN: &str = "own-files";

/// How many parcels are handed over at a time.
const BATCH: usize = 1_000;

/// How many people get a way to sign in; a hospital's worth of files is not for one kitchen table.
const MOST_ACCOUNTS: usize = 100;

/// What an import came to.
#[derive(Debug, Default)]
pub(crate) struct Imported {
    /// How to sign in, one for each chart.
    pub(crate) sign_ins: Vec<SignIn>,
    /// The closing count, a line each.
    pub(crate) lines: Vec<String>,
    /// The accounts of staff; an import of one's own files has none.
    pub(crate) staff: HashSet<AccountId>,
}

/// Finds the files to import, before anything is opened or deleted for them.
///
/// # Errors
/// [`Trouble`] says what to do.
pub(crate) fn find(paths: &[PathBuf]) -> Result<Vec<Input>, Trouble> {
    let inputs = Input::from_paths(paths)
        .map_err(|error| Trouble::new(fill("trouble.import", &[("why", &error.to_string())])))?;
    if inputs.is_empty() { Err(Trouble::new(say("trouble.no-files"))) } else { Ok(inputs) }
}

/// Imports files, and opens an account for each person in them.
///
/// # Errors
/// [`Trouble`] says what to do.
pub(crate) async fn own_files(portal: &Portal, inputs: Vec<Input>) -> Result<Imported, Trouble> {
    let cover = Cover::over(say("start.reading"));
    let delivery =
        FhirDelivery::open(inputs, Limits::default(), &mut |progress| cover.show(progress.done, progress.total));
    cover.now(say("start.filing"));
    let source = SourceId::parse(OWN).map_err(|error| Trouble::new(error.to_string()))?;
    let mut people = Vec::new();
    let (report, cut_off) = take(portal, source.clone(), &delivery, &cover, &mut people).await?;
    cover.lift();
    let mut lines = closing(&delivery, &report, &cut_off);
    let mut sign_ins = Vec::new();
    for (at_source, name) in people.iter().take(MOST_ACCOUNTS) {
        if let Some(patient) = portal.linked(&source, at_source).await? {
            sign_ins.push(open_account(portal, patient, name).await?);
        }
    }
    if people.len() > MOST_ACCOUNTS {
        lines.push(fill("start.too-many", &[("most", &MOST_ACCOUNTS.to_string())]));
    }
    Ok(Imported { sign_ins, lines, ..Imported::default() })
}

/// Hands a delivery over, and notes the people in it by name. Tells also which documents changed or went away meanwhile.
async fn take(
    portal: &Portal,
    source: SourceId,
    delivery: &FhirDelivery,
    cover: &Cover,
    people: &mut Vec<(SourceRef, String)>,
) -> Result<(IntakeReport, Vec<FileError>), Trouble> {
    let mut intake = portal.intake(source)?;
    let mut batch: Vec<Parcel> = Vec::with_capacity(BATCH);
    let mut parcels = delivery.parcels();
    while let Some(parcel) = parcels.next() {
        if let Reading::Item { identity, view: View::Patient(patient), .. } = &parcel.reading {
            people.push((identity.clone(), patient.name()));
        }
        batch.push(parcel);
        if batch.len() == BATCH {
            intake.offer(std::mem::take(&mut batch)).await?;
            let progress = parcels.progress();
            cover.show(progress.done, progress.total);
        }
    }
    intake.offer(batch).await?;
    Ok((intake.finish(), parcels.failures().to_vec()))
}

/// Opens an account, or gives the one that is there a new password. The name carries part of the chart's id, so that two
/// people of one name are never taken for each other.
async fn open_account(portal: &Portal, patient: PatientId, name: &str) -> Result<SignIn, Trouble> {
    let id: String = patient.to_string().chars().take(6).collect();
    let username = format!("{}-{id}", plain(name));
    Ok(sign_up(portal, &shown(name), &username, Some(patient)).await?.sign_in)
}

fn closing(delivery: &FhirDelivery, report: &IntakeReport, cut_off: &[FileError]) -> Vec<String> {
    let number = |number: u64| number.to_string();
    let mut lines = vec![fill(
        "start.count",
        &[
            ("documents", &count("count.documents", usize::try_from(delivery.total().documents).unwrap_or(usize::MAX))),
            ("resources", &number(report.resources)),
            ("stored", &number(report.stored)),
            ("unchanged", &number(report.unchanged + report.superseded)),
            ("aside", &report.set_aside.len().to_string()),
        ],
    )];
    let mut reasons: BTreeMap<(String, &str), usize> = BTreeMap::new();
    for aside in &report.set_aside {
        *reasons.entry((aside.reason.to_string(), &aside.resource)).or_default() += 1;
    }
    for ((reason, resource), number) in &reasons {
        let resource = if resource.is_empty() { say("start.no-type") } else { resource };
        lines.push(format!("  {number} {resource}: {reason}"));
    }
    for refused in delivery.refused().iter().chain(cut_off) {
        lines.push(fill("start.refused", &[("name", &refused.name), ("why", &refused.kind.to_string())]));
    }
    lines
}

fn shown(name: &str) -> String {
    if name.is_empty() { say("frame.no-name").to_owned() } else { name.to_owned() }
}

/// A name as lower case letters with hyphens, and without accents where they are common ones. What is left of other
/// scripts may be nothing: then it is just a chart.
fn plain(name: &str) -> String {
    let lower: String = name.to_lowercase().chars().map(without_accent).collect();
    let words = lower.split(|letter: char| !letter.is_ascii_alphabetic()).filter(|word| !word.is_empty());
    let plain: String = words.collect::<Vec<_>>().join("-").chars().take(40).collect();
    if plain.len() < 2 { "chart".to_owned() } else { plain }
}

const fn without_accent(letter: char) -> char {
    match letter {
        '\u{e0}'..='\u{e5}' => 'a',
        '\u{e7}' => 'c',
        '\u{e8}'..='\u{eb}' => 'e',
        '\u{ec}'..='\u{ef}' => 'i',
        '\u{f1}' => 'n',
        '\u{f2}'..='\u{f6}' | '\u{f8}' => 'o',
        '\u{f9}'..='\u{fc}' => 'u',
        '\u{fd}' | '\u{ff}' => 'y',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_to_sign_in_with_is_easy_to_type() {
        assert_eq!(plain("María José Santos-Lee"), "maria-jose-santos-lee");
        assert_eq!(plain("李"), "chart");
        assert!(plain(&"long ".repeat(40)).len() <= 40);
    }
}
