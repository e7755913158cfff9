//! The reference host in a real browser: the synthetic household, and the real sample charts.
//!
//! Needs Node, Chromium and the packages of `tests/browser/package.json`; without them the tests say that they are skipped,
//! and fail under `CI=true`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]
#![allow(clippy::print_stderr, reason = "what the browser found is shown")]

mod program;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use program::{example, samples};

/// How someone signs in, as the portal printed it.
struct SignIn {
    person: String,
    username: String,
    password: String,
}

/// A portal that was started for a test and stops with it.
struct Portal {
    child: Child,
    address: String,
    sign_ins: Vec<SignIn>,
}

impl Drop for Portal {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Portal {
    /// Starts the portal on a free port, and reads from its greeting where it is and who can sign in.
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut child = Command::new(example("portal"))
            .args(["--no-open", "--port", "0", "--database"])
            .arg(folder.join("portal.db"))
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let open = lines.find(|line| line.contains("Open http://")).expect("the greeting names the address");
        let address = open.trim().trim_start_matches("Open ").to_owned();
        let header = lines.find(|line| line.trim_start().starts_with("Person")).expect("the greeting has a table");
        let (username, password) = (header.find("Username").unwrap(), header.find("Password").unwrap());
        let sign_ins = lines
            .by_ref()
            .take_while(|line| !line.trim().is_empty())
            .map(|line| {
                let cell = |from: usize, to: usize| {
                    line.chars().skip(from).take(to - from).collect::<String>().trim().to_owned()
                };
                SignIn {
                    person: cell(0, username),
                    username: cell(username, password),
                    password: cell(password, 10_000),
                }
            })
            .collect();
        // The rest of what it prints is read to its end, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address, sign_ins }
    }

    fn sign_in(&self, person: &str) -> &SignIn {
        self.sign_ins.iter().find(|sign_in| sign_in.person.contains(person)).expect("this person can sign in")
    }
}

/// The folder of Node's packages; `None` where anything is missing that a browser walk needs.
fn tools() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/browser/node_modules");
    let modules = std::env::var_os("MYCHARTUM_NODE_MODULES").map_or(beside, PathBuf::from);
    let node = Command::new("node").arg("--version").stdout(Stdio::null()).status().is_ok();
    let known = ["/usr/bin/chromium", "/usr/bin/chromium-headless-shell"].map(PathBuf::from);
    let chromium =
        std::env::var_os("MYCHARTUM_CHROMIUM").map(PathBuf::from).into_iter().chain(known).any(|path| path.exists());
    let packages = ["axe-core", "playwright-core"].iter().all(|name| modules.join(name).is_dir());
    if node && chromium && packages {
        return Some(modules.canonicalize().unwrap());
    }
    assert_ne!(
        std::env::var("CI").as_deref(),
        Ok("true"),
        "Node, Chromium or the packages of tests/browser are missing"
    );
    eprintln!("SKIPPED: the browser walk needs Node, Chromium and the packages of tests/browser/package.json");
    None
}

/// Walks through the portal as someone, with what must and must not be on which page.
fn walk(modules: &Path, script: &str, mut asked: Value, portal: &Portal, person: &str) {
    let who = portal.sign_in(person);
    asked["base"] = portal.address.as_str().into();
    asked["username"] = who.username.as_str().into();
    asked["password"] = who.password.as_str().into();
    let mut node = Command::new("node")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/browser").join(script))
        .env("MYCHARTUM_NODE_MODULES", modules)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    node.stdin.take().unwrap().write_all(asked.to_string().as_bytes()).unwrap();
    let output = node.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    eprintln!("{person}: {}", said.lines().last().unwrap_or("nothing"));
    assert!(output.status.success(), "{person}:\n{said}");
}

#[test]
fn the_household_is_walked_in_every_mode() {
    let Some(modules) = tools() else { return };
    let folder = tempfile::tempdir().unwrap();
    let portal = Portal::start(folder.path(), &[]);
    assert_eq!(portal.sign_ins.len(), 6, "three of the family, the father, and two members of staff");
    let who = |person: &str| {
        let sign_in = portal.sign_in(person);
        json!({ "username": sign_in.username, "password": sign_in.password })
    };
    let asked = json!({
        "other": who("Amara"),
        "acting": who("Inés"),
        "invited": who("father"),
        "staff": who("staff, the first"),
        "absent": { "*": ["entered-in-error", "<script"] },
    });
    walk(&modules, "walk.mjs", asked, &portal, &portal.sign_ins[0].person);
}

#[test]
fn the_sample_charts_show_what_the_facts_say() {
    let (Some(modules), Some(samples)) = (tools(), samples()) else { return };
    let folder = tempfile::tempdir().unwrap();
    let charts = samples.join("fhir-r4/synthea");
    let portal = Portal::start(folder.path(), &["--import", charts.to_str().unwrap()]);
    assert_eq!(portal.sign_ins.len(), 9, "nine charts can be opened");
    for sign_in in &portal.sign_ins {
        let facts = match sign_in.person.as_str() {
            name if name.contains("Herman") => json!({
                "analyte": { "name": "A1c", "points": 10, "first": "5.9", "latest": "6.3", "unit": "%" },
                "count": { "immunizations": 12, "allergies": 3, "medications": 5 },
                "text": { "allergies": ["House dust mite", "Tree pollen", "Fish"] },
            }),
            name if name.contains("Sipes") => json!({
                "analyte": { "name": "A1c", "points": 26, "latest": "2.9", "unit": "%" },
                "count": { "immunizations": 13, "allergies": 0, "medications": 6 },
            }),
            name if name.contains("Brekke") => json!({
                "count": { "immunizations": 35, "allergies": 10, "medications": 7 },
            }),
            name if name.contains("Wiegand") => json!({
                "count": { "immunizations": 12, "allergies": 0, "medications": 0 },
            }),
            _ => json!({}),
        };
        walk(&modules, "facts.mjs", json!({ "facts": facts }), &portal, &sign_in.person);
    }
}
