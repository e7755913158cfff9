//! Wrong programs must not compile, each for the one reason that it was written for.
//!
//! Each file of `compile_fail/` is a program with one wrong line, which breaks one promise of the engine. The line ends with
//! `//~ CODE`, the error it must give; the line after it, `//= right code`, is what the line should have been (nothing, where it
//! should not be there at all). The file as it stands must give exactly one error, of that code, on that line. With the line
//! put right (the mutant) it must give none: so no case can fail for a reason that nobody meant, or die unnoticed.
//!
//! The words of errors change from compiler to compiler and are never looked at.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking and says what it did"
)]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

use serde_json::Value;

/// The crates that cases may use.
const CRATES: [&str; 3] = ["mychartum_core", "chrono", "serde_json"];

/// How many compilers run at once.
const THREADS: usize = 2;

/// The fewest cases there may be: a folder that is not found must not pass.
const FEWEST: usize = 40;

struct Case {
    name: String,
    wrong: String,
    right: String,
    code: String,
    line: u64,
}

/// An error of the compiler: its code, and the lines it points at first.
#[derive(Debug, PartialEq, Eq)]
struct CompileError {
    code: String,
    lines: Vec<u64>,
}

struct Library {
    files: BTreeMap<String, PathBuf>,
    folder: PathBuf,
}

impl Case {
    fn read(path: &Path) -> Self {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let wrong = std::fs::read_to_string(path).unwrap();
        let lines: Vec<&str> = wrong.lines().collect();
        let marked: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].contains("//~")).collect();
        let [at] = marked[..] else { panic!("{name}: exactly one line ends with an expected error") };
        let (_, code) = lines[at].split_once("//~").unwrap();
        let replacement = lines.get(at + 1).and_then(|line| line.trim_start().strip_prefix("//="));
        let replacement = replacement.unwrap_or_else(|| panic!("{name}: the line after the wrong one puts it right"));
        let mut right = lines.clone();
        right[at] = replacement;
        right[at + 1] = "";
        let right = right.join("\n") + "\n";
        Self { name, code: code.trim().to_owned(), line: at as u64 + 1, right, wrong }
    }

    /// What is wrong with the case; nothing if it is as it should be.
    fn check(&self, library: &Library) -> Result<(), String> {
        let expected = [CompileError { code: self.code.clone(), lines: vec![self.line] }];
        let errors = library.compile(&self.name, &self.wrong);
        if errors != expected {
            return Err(format!("{}: expected {expected:?}, and the compiler says {errors:?}", self.name));
        }
        let errors = library.compile(&format!("{}_mutant", self.name), &self.right);
        if errors.is_empty() { Ok(()) } else { Err(format!("{}: put right, it still gives {errors:?}", self.name)) }
    }
}

impl Library {
    /// Builds the engine as this test was built, and finds the files of the crates that cases use.
    fn build() -> Self {
        let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--package", "mychartum-core", "--message-format=json", "--target-dir"]);
        cargo.arg(scratch.parent().unwrap()).current_dir(env!("CARGO_MANIFEST_DIR")).stderr(Stdio::inherit());
        if !cfg!(debug_assertions) {
            cargo.arg("--release");
        }
        let output = cargo.output().unwrap();
        assert!(output.status.success(), "the engine itself does not build");
        let mut files = BTreeMap::new();
        for message in String::from_utf8(output.stdout).unwrap().lines() {
            let message: Value = serde_json::from_str(message).unwrap();
            let name = message["target"]["name"].as_str().unwrap_or_default();
            if message["reason"] == "compiler-artifact" && CRATES.contains(&name) {
                let paths = message["filenames"].as_array().unwrap().iter().map(|path| path.as_str().unwrap());
                let path = paths.filter(|path| path.ends_with(".rlib")).map(PathBuf::from).next().unwrap();
                assert!(files.insert(name.to_owned(), path).is_none(), "two crates are called {name}");
            }
        }
        assert_eq!(files.len(), CRATES.len(), "every crate that cases use is a dependency of the engine");
        let folder = scratch.join("compile_fail");
        std::fs::create_dir_all(&folder).unwrap();
        Self { files, folder }
    }

    /// Compiles a program up to its metadata, which includes the borrow checker, and gives the errors.
    fn compile(&self, name: &str, program: &str) -> Vec<CompileError> {
        let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        rustc.args([
            "--edition=2024",
            "--crate-type=lib",
            "--emit=metadata",
            "--error-format=json",
            "--cap-lints=allow",
        ]);
        rustc.arg(format!("--crate-name=case_{name}")).arg("--out-dir").arg(&self.folder);
        for (name, path) in &self.files {
            rustc.arg("--extern").arg(format!("{name}={}", path.display()));
            let dependencies = path.parent().unwrap();
            rustc.arg("-L").arg(format!("dependency={}", dependencies.display()));
            rustc.arg("-L").arg(format!("dependency={}", dependencies.join("deps").display()));
        }
        rustc.arg("-").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut running = rustc.spawn().unwrap();
        running.stdin.take().unwrap().write_all(program.as_bytes()).unwrap();
        let output = running.wait_with_output().unwrap();
        let told: Vec<Value> = String::from_utf8(output.stderr)
            .unwrap()
            .lines()
            .map(|line| {
                serde_json::from_str(line).unwrap_or_else(|_| panic!("{name}: the compiler itself failed: {line}"))
            })
            .collect();
        let errors: Vec<CompileError> = told.iter().filter_map(error).collect();
        assert_eq!(output.status.success(), errors.is_empty(), "{name}: every error is understood");
        errors
    }
}

/// The error of a message of the compiler. The sum at the end (so many errors) has neither code nor place and is none.
fn error(message: &Value) -> Option<CompileError> {
    let spans = message["spans"].as_array()?;
    let code = message["code"]["code"].as_str();
    if message["level"] != "error" || (code.is_none() && spans.is_empty()) {
        return None;
    }
    let primary = spans.iter().filter(|span| span["is_primary"] == true);
    let mut lines: Vec<u64> = primary.filter_map(|span| span["line_start"].as_u64()).collect();
    lines.dedup();
    Some(CompileError { code: code.unwrap_or("no code").to_owned(), lines })
}

#[test]
fn wrong_programs_do_not_compile() {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("compile_fail"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect();
    paths.sort();
    let cases: Vec<Case> = paths.iter().map(|path| Case::read(path)).collect();
    assert!(cases.len() >= FEWEST, "the cases were not found");
    let library = Library::build();
    let waiting = Mutex::new(cases.iter());
    let failed = Mutex::new(Vec::new());
    let passed = Mutex::new(0);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let Some(case) = waiting.lock().unwrap().next() else { break };
                    match case.check(&library) {
                        Ok(()) => {
                            let mut passed = passed.lock().unwrap();
                            *passed += 1;
                            println!("{passed} passed: {} ({})", case.name, case.code);
                        }
                        Err(why) => failed.lock().unwrap().push(why),
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert_eq!(passed.into_inner().unwrap(), cases.len());
}
