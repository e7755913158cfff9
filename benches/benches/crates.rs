//! How many crates the default storage adds to core, beside how many its two engines, rusqlite and tokio, are by themselves.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_precision_loss,
    missing_docs,
    reason = "a benchmark that cannot run fails by panicking, and a program has no readers of its items"
)]

use std::collections::BTreeSet;
use std::process::Command;

use mychartum_benches::Bench;

/// The crates that a package needs to be built and to run: `cargo tree` of the lock file as it is.
fn crates(package: &str) -> BTreeSet<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let tree = Command::new(cargo)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args([
            "tree",
            "--locked",
            "--edges",
            "normal,build",
            "--prefix",
            "none",
            "--format",
            "{p}",
            "--package",
            package,
        ])
        .output()
        .unwrap();
    assert!(tree.status.success(), "cargo tree failed");
    let text = String::from_utf8(tree.stdout).unwrap();
    text.lines().filter_map(|line| Some(line.split(" (").next()?.to_owned())).filter(|line| !line.is_empty()).collect()
}

fn main() {
    let mut bench = Bench::of_args();
    let core = crates("mychartum-core");
    let added = |all: BTreeSet<String>| all.difference(&core).count() as f64;
    let ours = added(crates("mychartum-storage"));
    let engines = added(crates("rusqlite").into_iter().chain(crates("tokio")).collect());
    assert!(ours > 0.0 && engines > 0.0);
    bench.line("crates.added_by_default_count", ours, engines);
    bench.finish();
}
