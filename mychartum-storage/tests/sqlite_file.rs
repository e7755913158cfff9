//! The SQLite storage and its file: reopening, sharing, and files it must refuse.
#![cfg(feature = "sqlite")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod change_sets;

use std::path::{Path, PathBuf};
use std::time::Duration;

use change_sets::{NOTES, note, patient, row};
use mychartum_core::port::custody::BucketState;
use mychartum_core::port::storage::{Head, Outcome, Scan, StorageErrorKind};
use mychartum_core::port::{Custody as _, Storage as _};
use mychartum_storage::SqliteStorage;
use rusqlite::Connection;
use tempfile::TempDir;

/// A folder of its own and a file name in it.
fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("portal.db");
    (folder, path)
}

/// Why a file could not be opened.
async fn refusal(path: &Path) -> StorageErrorKind {
    SqliteStorage::options().busy_timeout(Duration::ZERO).open(path).await.unwrap_err().kind()
}

#[tokio::test]
async fn closing_and_dropping_keep_everything() {
    let (_folder, path) = place();
    let storage = SqliteStorage::open(&path).await.unwrap();
    storage.commit(&note(patient(1), 1, 100)).await.unwrap();
    storage.close().await;
    storage.close().await;

    let storage = SqliteStorage::open(&path).await.unwrap();
    storage.commit(&note(patient(1), 2, 100)).await.unwrap();
    drop(storage);

    let storage = SqliteStorage::open(&path).await.unwrap();
    let rows = storage.scan(&Scan::new(patient(1), NOTES, 10)).await.unwrap();
    assert_eq!(rows.iter().map(|found| found.row).collect::<Vec<_>>(), [row(1), row(2)]);
    assert_eq!(storage.head(patient(1)).await.unwrap().revision, 2);
}

#[tokio::test]
async fn a_closed_storage_is_unavailable_on_all_clones() {
    let (_folder, path) = place();
    let storage = SqliteStorage::open(&path).await.unwrap();
    let clone = storage.clone();
    storage.close().await;
    let error = clone.commit(&note(patient(1), 1, 1)).await.unwrap_err();
    assert_eq!(error.kind(), StorageErrorKind::Unavailable);
    assert_eq!(clone.head(patient(1)).await.unwrap_err().kind(), StorageErrorKind::Unavailable);
}

#[tokio::test]
async fn closing_leaves_one_file() {
    let (folder, path) = place();
    let storage = SqliteStorage::open(&path).await.unwrap();
    storage.commit(&note(patient(1), 1, 100)).await.unwrap();
    storage.close().await;
    let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["portal.db"]);
}

#[test]
fn it_works_outside_of_a_runtime() {
    let (_folder, path) = place();
    let answer = block_on(async {
        let storage = SqliteStorage::open(&path).await?;
        storage.commit(&note(patient(1), 1, 100)).await?;
        let head = storage.head(patient(1)).await;
        storage.close().await;
        head
    });
    assert_eq!(answer.unwrap().revision, 1);
}

/// Runs a future on this thread alone, with nothing of tokio's runtime around it.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = std::sync::Arc::new(Unpark(std::thread::current())).into();
    let mut future = std::pin::pin!(future);
    loop {
        match future.as_mut().poll(&mut std::task::Context::from_waker(&waker)) {
            std::task::Poll::Ready(answer) => return answer,
            std::task::Poll::Pending => std::thread::park(),
        }
    }
}

#[tokio::test]
async fn two_handles_on_one_file_see_each_other() {
    let (_folder, path) = place();
    let (one, two) = (SqliteStorage::open(&path).await.unwrap(), SqliteStorage::open(&path).await.unwrap());
    one.commit(&note(patient(1), 1, 100)).await.unwrap();
    two.commit(&note(patient(1), 2, 100)).await.unwrap();
    assert_eq!(one.head(patient(1)).await.unwrap().revision, 2);
    let late = one.commit(&note(patient(1), 2, 50)).await.unwrap_err();
    assert_eq!(late.kind(), StorageErrorKind::Invalid);
    let repeated = one.commit(&note(patient(1), 2, 100)).await.unwrap();
    assert_eq!((repeated.revision, repeated.outcome), (2, Outcome::Repeated));
}

#[tokio::test]
async fn another_writer_makes_a_commit_busy_and_reads_go_on() {
    let (_folder, path) = place();
    let storage = SqliteStorage::options().busy_timeout(Duration::ZERO).open(&path).await.unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let busy = storage.commit(&note(patient(1), 1, 100)).await.unwrap_err();
    assert_eq!(busy.kind(), StorageErrorKind::Busy);
    assert_eq!(storage.head(patient(1)).await.unwrap(), Head::EMPTY);
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(storage.commit(&note(patient(1), 1, 100)).await.unwrap().outcome, Outcome::Applied);
}

#[tokio::test]
async fn a_locked_file_is_busy() {
    let (_folder, path) = place();
    SqliteStorage::open(&path).await.unwrap().close().await;
    let other = Connection::open(&path).unwrap();
    other.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;").unwrap();
    assert_eq!(refusal(&path).await, StorageErrorKind::Busy);
    drop(other);
    SqliteStorage::open(&path).await.unwrap();
}

#[tokio::test]
async fn a_newer_schema_is_named_and_left_untouched() {
    let (_folder, path) = place();
    SqliteStorage::open(&path).await.unwrap().close().await;
    let newer = Connection::open(&path).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    newer.close().unwrap();
    let before = std::fs::read(&path).unwrap();
    assert_eq!(refusal(&path).await, StorageErrorKind::Schema { have: 99, need: 2 });
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn a_changed_migration_is_refused() {
    let (_folder, path) = place();
    SqliteStorage::open(&path).await.unwrap().close().await;
    let other = Connection::open(&path).unwrap();
    other.execute("UPDATE schema_migration SET sha256 = zeroblob(32)", []).unwrap();
    drop(other);
    assert_eq!(refusal(&path).await, StorageErrorKind::Corrupt);
}

#[tokio::test]
async fn a_half_finished_schema_is_refused_and_left_untouched() {
    for damage in [
        "DROP TABLE row_tag",
        "DROP INDEX sealed_row_due",
        "DROP TABLE bucket",
        "DROP TABLE bucket; CREATE TABLE bucket (bucket INTEGER PRIMARY KEY, state INTEGER, epoch INTEGER)",
        "DROP TABLE schema_migration",
        "DELETE FROM schema_migration WHERE version = 2",
        "PRAGMA user_version = 1",
        "PRAGMA user_version = 0",
    ] {
        let (_folder, path) = place();
        SqliteStorage::open(&path).await.unwrap().close().await;
        let other = Connection::open(&path).unwrap();
        // Not even the form of the file's log is changed.
        other.execute_batch("PRAGMA journal_mode = DELETE").unwrap();
        other.execute_batch(damage).unwrap();
        other.close().unwrap();
        let before = std::fs::read(&path).unwrap();
        assert_eq!(refusal(&path).await, StorageErrorKind::Corrupt, "{damage}");
        assert_eq!(std::fs::read(&path).unwrap(), before, "{damage}");
    }
}

#[tokio::test]
async fn a_file_of_the_first_schema_is_brought_up_to_date() {
    let (_folder, path) = place();
    SqliteStorage::open(&path).await.unwrap().close().await;
    let other = Connection::open(&path).unwrap();
    other.execute_batch("DROP TABLE bucket; DELETE FROM schema_migration WHERE version = 2").unwrap();
    other.execute_batch("PRAGMA user_version = 1").unwrap();
    other.close().unwrap();
    let storage = SqliteStorage::open(&path).await.unwrap();
    storage.commit(&note(patient(1), 1, 100)).await.unwrap();
    assert!(storage.buckets().await.unwrap().iter().all(|bucket| bucket.state == BucketState::Serving));
}

#[tokio::test]
async fn what_else_stands_in_the_file_does_no_harm() {
    let (_folder, path) = place();
    SqliteStorage::open(&path).await.unwrap().close().await;
    let other = Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE replica_position (a INTEGER); ANALYZE").unwrap();
    other.close().unwrap();
    SqliteStorage::open(&path).await.unwrap().commit(&note(patient(1), 1, 100)).await.unwrap();
}

#[tokio::test]
async fn another_programs_database_is_refused_and_left_untouched() {
    for set_up in ["PRAGMA application_id = 77", "CREATE TABLE theirs (a)", "PRAGMA user_version = 3"] {
        let (_folder, path) = place();
        let other = Connection::open(&path).unwrap();
        other.execute_batch(set_up).unwrap();
        other.close().unwrap();
        let before = std::fs::read(&path).unwrap();
        assert_eq!(refusal(&path).await, StorageErrorKind::Unsupported, "{set_up}");
        assert_eq!(std::fs::read(&path).unwrap(), before, "{set_up}");
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_left_untouched() {
    let (_folder, path) = place();
    let text = b"Dear portal, this is a letter and no database.\n".repeat(40);
    std::fs::write(&path, &text).unwrap();
    assert_eq!(refusal(&path).await, StorageErrorKind::Corrupt);
    assert_eq!(std::fs::read(&path).unwrap(), text);
}

#[tokio::test]
async fn damage_is_reported_and_not_answered_with_nothing() {
    let (_folder, path) = place();
    let storage = SqliteStorage::open(&path).await.unwrap();
    for revision in 1..=40 {
        storage.commit(&note(patient(1), revision, 2000)).await.unwrap();
    }
    storage.close().await;
    let mut bytes = std::fs::read(&path).unwrap();
    // The first page stays, so that the file still opens.
    bytes[8192..].fill(0xa5);
    std::fs::write(&path, bytes).unwrap();
    let kind = match SqliteStorage::open(&path).await {
        Ok(storage) => storage.scan(&Scan::new(patient(1), NOTES, 100)).await.unwrap_err().kind(),
        Err(error) => error.kind(),
    };
    assert_eq!(kind, StorageErrorKind::Corrupt);
}

#[tokio::test]
async fn a_missing_folder_and_a_folder_in_its_place_are_unavailable() {
    let (folder, path) = place();
    assert_eq!(refusal(&folder.path().join("none").join("portal.db")).await, StorageErrorKind::Unavailable);
    std::fs::create_dir(&path).unwrap();
    assert_eq!(refusal(&path).await, StorageErrorKind::Unavailable);
}

/// The superuser may write everywhere; where the tests run as one, the file is created and the next assertion holds.
#[cfg(unix)]
#[tokio::test]
async fn a_folder_that_cannot_be_written_is_unavailable() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, path) = place();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o500)).unwrap();
    let writable = std::fs::write(folder.path().join("probe"), "").is_ok();
    let opened = SqliteStorage::open(&path).await;
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
    let expected = if writable { None } else { Some(StorageErrorKind::Unavailable) };
    assert_eq!(opened.err().map(|error| error.kind()), expected);
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, path) = place();
    let storage = SqliteStorage::open(&path).await.unwrap();
    storage.commit(&note(patient(1), 1, 100)).await.unwrap();
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(Result::unwrap).collect();
    assert!(files.len() >= 2, "the file and its log");
    for file in files {
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{:?}", file.file_name());
    }
}

#[tokio::test]
async fn a_full_quota_changes_nothing_and_a_raised_one_helps() {
    let (_folder, path) = place();
    let storage = SqliteStorage::options().max_pages(64).open(&path).await.unwrap();
    storage.commit(&note(patient(1), 1, 100)).await.unwrap();
    let before = storage.head(patient(1)).await.unwrap();
    let full = storage.commit(&note(patient(1), 2, 1 << 20)).await.unwrap_err();
    assert_eq!(full.kind(), StorageErrorKind::Full);
    assert_eq!(storage.head(patient(1)).await.unwrap(), before);
    assert_eq!(storage.scan(&Scan::new(patient(1), NOTES, 10)).await.unwrap().len(), 1);
    // What fits still fits: the failure left nothing behind.
    storage.commit(&note(patient(2), 1, 100)).await.unwrap();
    storage.close().await;

    let storage = SqliteStorage::options().max_pages(640).open(&path).await.unwrap();
    storage.commit(&note(patient(1), 2, 1 << 20)).await.unwrap();
    assert_eq!(storage.head(patient(1)).await.unwrap().revision, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_set_that_does_not_fit_harms_no_neighbour_in_its_group() {
    let (_folder, path) = place();
    let storage = SqliteStorage::options().max_pages(200).open(&path).await.unwrap();
    // While another connection holds the write lock the queue fills, so that the sets share a group.
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let commits: Vec<_> = (1..=9u64)
        .map(|number| {
            let storage = storage.clone();
            let size = if number == 5 { 4 << 20 } else { 100 };
            tokio::spawn(async move { (number, storage.commit(&note(patient(number), 1, size)).await) })
        })
        .collect();
    tokio::task::yield_now().await;
    other.execute_batch("ROLLBACK").unwrap();
    for commit in commits {
        let (number, answer) = commit.await.unwrap();
        let expected = if number == 5 { Some(StorageErrorKind::Full) } else { None };
        assert_eq!(answer.err().map(|error| error.kind()), expected, "{number}");
    }
}
