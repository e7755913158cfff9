//! `docs/standards-accounts.md` against the sources: every test that it names exists, ids are unique, and the totals agree.
//!
//! Whether a test proves what its row says is for people to judge.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const VERDICTS: [&str; 5] = ["proved", "no test", "the host's duty", "not met", "does not apply"];

/// A requirement as the page has it.
struct Row<'a> {
    id: &'a str,
    who: &'a str,
    place: &'a str,
    verdict: &'a str,
    /// Crate and name of each test that is named.
    tests: Vec<(&'a str, &'a str)>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn cells(line: &str) -> Vec<&str> {
    line.trim_matches('|').split('|').map(str::trim).collect()
}

/// What stands between backquotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// A test as the page writes it: `crate::module::name` or `crate/binary::module::name`. Other quotations are none.
fn named_test(text: &str) -> Option<(&str, &str)> {
    let end = text.find([':', '/'])?;
    let package = text.get(..end)?;
    let name = text.rsplit("::").next()?;
    (package.starts_with("mychartum-") && text.contains("::")).then_some((package, name))
}

fn rows(page: &str) -> Vec<Row<'_>> {
    let is_row = |cells: &Vec<&str>| cells.len() == 6 && !["id", "---"].contains(&cells[0]);
    let lines = page.lines().filter(|line| line.starts_with('|')).map(cells).filter(is_row);
    lines
        .map(|cells| Row {
            id: cells[0],
            who: cells[2],
            place: cells[3].trim_matches('`'),
            verdict: cells[4],
            tests: quoted(cells[5]).filter_map(named_test).collect(),
        })
        .collect()
}

/// The totals at the top: by verdict, of the ASVS, of NIST, and of both.
fn totals(page: &str) -> BTreeMap<String, [usize; 3]> {
    let lines = page.lines().filter(|line| line.starts_with('|')).map(cells).filter(|cells| cells.len() == 4);
    let number = |cell: &str| cell.parse::<usize>().ok();
    lines
        .filter_map(|cells| Some((cells[0].to_owned(), [number(cells[1])?, number(cells[2])?, number(cells[3])?])))
        .collect()
}

/// The folder of a package.
fn folder(package: &str) -> &str {
    match package {
        "mychartum-testkit" => "tests",
        "mychartum-examples" => "examples",
        other => other,
    }
}

/// The names of all tests under a folder: functions with an attribute that makes them one, at most three lines above.
fn tests_under(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "target" && name != "node_modules") {
                tests_under(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let mut since = usize::MAX;
            for line in text.lines().map(str::trim_start) {
                since = if line.starts_with("#[test") || line.starts_with("#[tokio::test") {
                    0
                } else {
                    since.saturating_add(1)
                };
                let line = line.strip_prefix("async ").unwrap_or(line);
                if let Some((name, _)) = line.strip_prefix("fn ").and_then(|rest| rest.split_once('('))
                    && since <= 3
                {
                    found.insert(name.to_owned());
                }
            }
        }
    }
}

/// Everything that is wrong with a page.
fn faults(page: &str) -> Vec<String> {
    let rows = rows(page);
    let mut faults = Vec::new();
    let mut ids = BTreeSet::new();
    let mut known: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut counted: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    for row in &rows {
        if !ids.insert(row.id) {
            faults.push(format!("{}: there twice", row.id));
        }
        if !VERDICTS.contains(&row.verdict) || !["library", "host", "both"].contains(&row.who) {
            faults.push(format!("{}: unknown verdict or bearer", row.id));
        }
        if !root().join(row.place).exists() {
            faults.push(format!("{}: no file {}", row.id, row.place));
        }
        if row.verdict == "proved" && row.tests.is_empty() {
            faults.push(format!("{}: proved by nothing", row.id));
        }
        for &(package, name) in &row.tests {
            let tests = known.entry(package).or_insert_with(|| {
                let mut found = BTreeSet::new();
                let folder = root().join(folder(package));
                if folder.is_dir() {
                    tests_under(&folder, &mut found);
                }
                found
            });
            if !tests.contains(name) {
                faults.push(format!("{}: no test {name} in {package}", row.id));
            }
        }
        let standard = usize::from(!row.id.starts_with('V'));
        for key in [row.verdict, "total"] {
            let counts = counted.entry(key.to_owned()).or_default();
            counts[standard] += 1;
            counts[2] += 1;
        }
    }
    if totals(page) != counted {
        faults.push(format!("the totals are {counted:?}"));
    }
    faults
}

fn page() -> String {
    fs::read_to_string(root().join("docs/standards-accounts.md")).unwrap()
}

#[test]
fn the_page_agrees_with_the_sources_and_with_itself() {
    let page = page();
    let rows = rows(&page);
    assert!(rows.len() > 150, "{}", rows.len());
    assert!(rows.iter().map(|row| row.tests.len()).sum::<usize>() > 150);
    let faults = faults(&page);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn what_is_wrong_is_found() {
    let page = page();
    let wrong = [
        (
            "i09_one_code_that_many_bring_at_once_lets_one_in",
            "i09_one_code_that_many_bring_at_once_lets_two_in",
            "no test",
        ),
        ("mychartum-testkit/identity::links::i02", "mychartum-core/identity::links::i02", "no test"),
        ("| V6.2.2 L1 |", "| V6.2.1 L1 |", "twice"),
        ("| proved | `mychartum", "| does not apply | `mychartum", "totals"),
        ("account/link_token.rs", "account/link_tokens.rs", "no file"),
    ];
    for (from, to, said) in wrong {
        assert!(page.contains(from), "{from}");
        let found = faults(&page.replacen(from, to, 1));
        assert!(found.iter().any(|fault| fault.contains(said)), "{from}: {found:?}");
    }
}
