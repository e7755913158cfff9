//! Running the example programs from outside.
#![allow(dead_code, clippy::print_stderr, reason = "each test binary uses a part of it, and skips are said")]

use std::path::PathBuf;
use std::process::Command;

/// What a program did.
pub(crate) struct Run {
    /// Its exit code.
    pub(crate) code: i32,
    /// What it printed.
    pub(crate) stdout: String,
    /// What it complained of.
    pub(crate) stderr: String,
}

/// The path of an example program, built if it is not.
pub(crate) fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let target = test.parent().and_then(|deps| deps.parent()).unwrap().to_owned();
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--quiet", "--package", "mychartum-examples", "--all-features", "--example", name]);
    if !cfg!(debug_assertions) {
        build.arg("--release");
    }
    assert!(build.status().unwrap().success(), "building {name}");
    target.join("examples").join(name)
}

/// Runs an example program to its end.
pub(crate) fn run(name: &str, arguments: &[&str]) -> Run {
    let output = Command::new(example(name)).args(arguments).output().unwrap();
    Run {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The folder of real sample records. Where there is none the test says that it is skipped; under `CI=true` it fails.
pub(crate) fn samples() -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let folder = std::env::var_os("MYCHARTUM_SAMPLES").map_or(beside, PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "the sample records are missing");
    eprintln!("SKIPPED: the sample records are at neither ../shared/data nor MYCHARTUM_SAMPLES");
    None
}
