//! Files and folders that really may not be written, and a quota that is really reached.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, and the other process reports by printing"
)]

mod stage;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use mychartum_core::port::Storage as _;
use mychartum_core::port::storage::StorageErrorKind as Kind;
use mychartum_power_cut::client::Manner;
use mychartum_power_cut::cutting::{complaint, cut_at};
use mychartum_power_cut::judge::{FILE, compare, judge};
use mychartum_power_cut::{Dice, Known, Mark, Obedience, Script};
use mychartum_storage::SqliteStorage;

use stage::{Stage, amount, seed};

/// Tells the other process which file to open.
const PLACE: &str = "MYCHARTUM_TEST_PLACE";
/// Who it is when the tests run as the superuser, whom no permission stops. The number is `nobody` nearly everywhere.
const NOBODY: u32 = 65_534;

/// Opens the file, tries to write to it, and prints how that ended.
#[tokio::test]
async fn the_other_process() {
    // Only as a process of its own, which the other test starts and names the file to, it has something to do.
    let Some(file) = std::env::var_os(PLACE) else { return };
    let script = Script::new(seed(), 1, 4);
    match SqliteStorage::open(file).await {
        Err(error) => println!("\nopen: {:?}", error.kind()),
        Ok(storage) => {
            println!("\ncommit: {:?}", storage.commit(script.set(0, 3).unwrap()).await.map_err(|e| e.kind()))
        }
    }
}

/// What the other process, which the permissions bind, makes of a file.
fn try_as_nobody(program: &Path, file: &Path) -> String {
    let mut command = Command::new(program);
    command.args(["--exact", "the_other_process", "--nocapture"]).env(PLACE, file);
    let superuser = fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    if superuser {
        command.uid(NOBODY).gid(NOBODY);
    }
    let output = command.current_dir(file.parent().unwrap()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text.lines().find(|line| line.starts_with("open: ") || line.starts_with("commit: "));
    line.unwrap_or_else(|| panic!("{text}{}", String::from_utf8_lossy(&output.stderr))).to_owned()
}

fn allow(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_not_be_written_is_unavailable_and_stays_as_it_is() {
    let script = Arc::new(Script::new(seed(), 1, 4));
    let stage = Stage::new();
    let storage = stage.open().await;
    stage.play(&storage, &script, &[0], 2, Manner::Alone).await;
    let log = fs::read(stage.folder().join(format!("{FILE}-wal"))).unwrap();
    let under_way = fs::read(stage.file()).unwrap();
    stage.close(storage).await;
    stage.end();
    let closed = fs::read(stage.file()).unwrap();

    // A place that everyone can reach, also for the program, which may lie in somebody's home.
    let place = tempfile::tempdir().unwrap();
    allow(place.path(), 0o755);
    let program = place.path().join("program");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    allow(&program, 0o755);
    // file, its log, folder
    for (number, (file_mode, log_mode, folder_mode)) in
        [(0o444, None, 0o777), (0o444, None, 0o555), (0o666, None, 0o555), (0o444, Some(0o444), 0o555)]
            .into_iter()
            .enumerate()
    {
        let folder = place.path().join(number.to_string());
        fs::create_dir(&folder).unwrap();
        let (file, wal) = (folder.join(FILE), folder.join(format!("{FILE}-wal")));
        fs::write(&file, if log_mode.is_some() { &under_way } else { &closed }).unwrap();
        allow(&file, file_mode);
        if let Some(mode) = log_mode {
            fs::write(&wal, &log).unwrap();
            allow(&wal, mode);
        }
        let before = fs::read(&file).unwrap();
        allow(&folder, folder_mode);
        let line = try_as_nobody(&program, &file);
        allow(&folder, 0o777);
        assert!(line == "open: Unavailable" || line == "commit: Err(Unavailable)", "case {number}: {line}");
        assert_eq!(fs::read(&file).unwrap(), before, "case {number}");
        // It works as soon as it may.
        allow(&file, 0o666);
        if log_mode.is_some() {
            allow(&wal, 0o666);
        }
        judge(&folder, &script, &Known::exactly(vec![2]))
            .await
            .unwrap_or_else(|damage| panic!("case {number}: {damage}"));
    }
    let folder = place.path().join("none");
    fs::create_dir(&folder).unwrap();
    allow(&folder, 0o555);
    assert_eq!(try_as_nobody(&program, &folder.join(FILE)), "open: Unavailable");
    allow(&folder, 0o777);
    assert!(!folder.join(FILE).exists());
}

/// A database at its quota refuses what does not fit and keeps the rest, through power cuts too; a raised quota helps.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quota_that_is_reached_loses_nothing() {
    let seed = seed();
    let script = Arc::new(Script::new(seed, 3, 60));
    let stage = Stage::new();
    let storage = SqliteStorage::options().max_pages(48).open(stage.file()).await.unwrap();
    let mut known = Known::nothing(3);
    let mut refused = 0;
    for revision in 1..=40 {
        for partition in 0..3 {
            if known.acknowledged[partition] + 1 != revision {
                continue;
            }
            stage.watched.mark(Mark::Attempted(partition, revision));
            match storage.commit(script.set(partition, revision).unwrap()).await {
                Ok(_) => {
                    stage.watched.mark(Mark::Acknowledged(partition, revision));
                    known.acknowledged[partition] = revision;
                }
                Err(error) => {
                    assert_eq!(error.kind(), Kind::Full);
                    stage.watched.mark(Mark::Refused(partition, revision));
                    refused += 1;
                }
            }
        }
    }
    assert!(refused > 0, "the quota was reached");
    known.attempted.clone_from(&known.acknowledged);
    compare(&storage, &script, &known).await.unwrap();
    stage.close(storage).await;

    let storage = SqliteStorage::options().max_pages(8000).open(stage.file()).await.unwrap();
    for (partition, there) in known.acknowledged.clone().into_iter().enumerate() {
        for revision in there + 1..=there + 3 {
            stage.watched.mark(Mark::Attempted(partition, revision));
            storage.commit(script.set(partition, revision).unwrap()).await.unwrap();
            stage.watched.mark(Mark::Acknowledged(partition, revision));
            known.acknowledged[partition] = revision;
        }
    }
    stage.close(storage).await;
    let recording = stage.end();
    known.attempted.clone_from(&known.acknowledged);
    judge(stage.folder(), &script, &known).await.unwrap();
    let places = recording.places(amount(12, 100), &mut Dice::new(seed));
    let cuts = cut_at(&places, &recording, &script, &Known::nothing(3), Obedience::Honest, seed).await.unwrap();
    if let Some(complaint) = complaint(&cuts, &recording, seed) {
        panic!("{complaint}");
    }
}
