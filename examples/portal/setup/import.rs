//! Importing files of any known format, with a bar that moves and a count that adds up.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use chrono_tz::Tz;
use mychartum_adapters::fhir::Progress;
use mychartum_core::chart::{SourceId, SourceRef, View};
use mychartum_core::kernel::id::{AccountId, PatientId};
use mychartum_core::portal::Portal;
use mychartum_core::sync::{Parcel, Reading};
use mychartum_examples::mixture::{Mixture, Opened, TakenIn, chosen_files};

use super::cover::Cover;
use super::household::SignIn;
use super::others::sign_up;
use super::trouble::Trouble;
use crate::words::{count, fill, say};

/// What the person's own files are called as a source.
pub(crate) const OWN: &str = "own-files";

/// How many people get a way to sign in; a hospital's worth of files is not for one kitchen table.
const MOST_ACCOUNTS: usize = 100;

/// What an import came to.
#[derive(Debug, Default)]
pub(crate) struct Imported {
    /// How to sign in, one for each chart.
    pub(crate) sign_ins: Vec<SignIn>,
    /// The closing count, a line each.
    pub(crate) lines: Vec<String>,
    /// The sources that charts are filled from.
    pub(crate) sources: Vec<SourceId>,
    /// The accounts of staff; an import of one's own files has none.
    pub(crate) staff: HashSet<AccountId>,
}

/// Finds the files to import, before anything is opened or deleted for them.
///
/// # Errors
/// [`Trouble`] says what to do.
pub(crate) fn find(paths: &[PathBuf]) -> Result<Mixture, Trouble> {
    let found =
        Mixture::find(paths).map_err(|error| Trouble::new(fill("trouble.import", &[("why", &error.to_string())])))?;
    if found.is_empty() { Err(Trouble::new(say("trouble.no-files"))) } else { Ok(found) }
}

/// Imports files, and opens an account for each person in them. HL7 v2 times without an offset are of the zone.
///
/// # Errors
/// [`Trouble`] says what to do.
pub(crate) async fn own_files(portal: &Portal, files: Mixture, zone: Tz) -> Result<Imported, Trouble> {
    let cover = Cover::over(say("start.reading"));
    let deliveries = files.open(&chosen_files(zone), &mut |progress| cover.show(progress.done, progress.total));
    cover.now(say("start.filing"));
    let source = SourceId::parse(OWN).map_err(|error| Trouble::new(error.to_string()))?;
    let mut people = People::default();
    let mut taken = Vec::new();
    for delivery in &deliveries {
        let mut seen = |parcel: &Parcel| people.note(parcel);
        let mut progress = |progress: Progress| cover.show(progress.done, progress.total);
        taken.push(delivery.take_in(portal, &source, &mut seen, &mut progress).await?);
    }
    cover.lift();
    let mut lines = closing(&deliveries, &taken);
    let mut sign_ins = Vec::new();
    for (at_source, name) in people.all.iter().take(MOST_ACCOUNTS) {
        if let Some(patient) = portal.linked(&source, at_source).await? {
            sign_ins.push(open_account(portal, patient, name).await?);
        }
    }
    if people.all.len() > MOST_ACCOUNTS {
        lines.push(fill("start.too-many", &[("most", &MOST_ACCOUNTS.to_string())]));
    }
    Ok(Imported { sign_ins, lines, sources: vec![source], ..Imported::default() })
}

/// The people in a delivery, by name, each once however often they come.
#[derive(Default)]
struct People {
    all: Vec<(SourceRef, String)>,
    known: HashSet<SourceRef>,
}

impl People {
    fn note(&mut self, parcel: &Parcel) {
        if let Reading::Item { identity, view: View::Patient(patient), .. } = &parcel.reading
            && self.known.insert(identity.clone())
        {
            self.all.push((identity.clone(), patient.name()));
        }
    }
}

/// Opens an account, or gives the one that is there a new password. The name carries part of the chart's id, so that two
/// people of one name are never taken for each other.
pub(super) async fn open_account(portal: &Portal, patient: PatientId, name: &str) -> Result<SignIn, Trouble> {
    let id: String = patient.to_string().chars().take(6).collect();
    let username = format!("{}-{id}", plain(name));
    Ok(sign_up(portal, &shown(name), &username, Some(patient)).await?.sign_in)
}

fn closing(deliveries: &[Opened], taken: &[TakenIn]) -> Vec<String> {
    let number = |number: u64| number.to_string();
    let sum = |of: fn(&TakenIn) -> u64| number(taken.iter().map(of).sum());
    let documents: u64 = deliveries.iter().map(|delivery| delivery.total().documents).sum();
    let mut lines = vec![fill(
        "start.count",
        &[
            ("documents", &count("count.documents", usize::try_from(documents).unwrap_or(usize::MAX))),
            ("resources", &sum(|taken| taken.report.resources)),
            ("stored", &sum(|taken| taken.report.stored)),
            ("unchanged", &sum(|taken| taken.report.unchanged + taken.report.superseded)),
            ("aside", &sum(|taken| u64::try_from(taken.report.set_aside.len()).unwrap_or(u64::MAX))),
        ],
    )];
    let mut reasons: BTreeMap<(String, &str), usize> = BTreeMap::new();
    for aside in taken.iter().flat_map(|taken| &taken.report.set_aside) {
        *reasons.entry((aside.reason.to_string(), &aside.resource)).or_default() += 1;
    }
    for ((reason, resource), number) in &reasons {
        let resource = if resource.is_empty() { say("start.no-type") } else { resource };
        lines.push(format!("  {number} {resource}: {reason}"));
    }
    for refused in taken.iter().flat_map(|taken| &taken.refused) {
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
