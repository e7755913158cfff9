//! The reference host's backups, restores and copies, as a person at the keyboard meets them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod program;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use mychartum_testkit::postgres_server::PostgresServer;
use program::{Run, example};
use tempfile::TempDir;

fn portal() -> Command {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    Command::new(PROGRAM.get_or_init(|| example("portal")))
}

/// Runs an errand on a database to its end.
fn errand(database: &Path, arguments: &[&str]) -> Run {
    let arguments = [&["--database", text(database)], arguments].concat();
    errand_in(Path::new("."), &arguments)
}

/// Runs an errand in a folder to its end.
fn errand_in(folder: &Path, arguments: &[&str]) -> Run {
    let output = portal().current_dir(folder).args(arguments).output().unwrap();
    Run {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A portal that runs until it is dropped.
struct Running(Child);

impl Running {
    /// Starts a portal, and waits until it has greeted. `None` where it does not start.
    fn start(database: &Path) -> Option<Self> {
        Self::start_in(Path::new("."), text(database))
    }

    /// The same in a folder.
    fn start_in(folder: &Path, database: &str) -> Option<Self> {
        let mut child = portal()
            .current_dir(folder)
            .args(["--no-open", "--port", "0", "--database", database])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let greeted = lines.any(|line| line.contains("Ctrl-C"));
        // The rest is read to its end, so that the portal never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        let running = Self(child);
        greeted.then_some(running)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A folder with the synthetic household in a database.
fn household() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("portal.db");
    drop(Running::start(&database).expect("the household moves in"));
    (folder, database)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_running_portal_is_backed_up_and_comes_back_elsewhere() {
    let (folder, database) = household();
    let backup = folder.path().join("monday");
    let running = Running::start(&database).expect("it starts again");
    let done = errand(&database, &["--backup", text(&backup)]);
    assert_eq!((done.code, done.stderr.as_str()), (0, ""), "{}", done.stdout);
    let keys = folder.path().join("monday.keys");
    for said in [text(&backup), text(&keys), text(&folder.path().join("portal.key"))] {
        assert!(done.stdout.contains(said), "{said} is not in: {}", done.stdout);
    }
    #[cfg(unix)]
    assert_eq!((mode(&backup), mode(&keys)), (0o600, 0o600));
    drop(running);

    // The same name again: nothing is replaced.
    let before = std::fs::read(&backup).unwrap();
    let again = errand(&database, &["--backup", text(&backup)]);
    assert_eq!(again.code, 2);
    assert!(again.stderr.contains("is there already") && again.stderr.contains(text(&backup)), "{}", again.stderr);
    assert_eq!(std::fs::read(&backup).unwrap(), before);
    assert!(!names(folder.path()).iter().any(|name| name.contains("unfinished")));

    // Without the key nothing is begun.
    let away = tempfile::tempdir().unwrap();
    let restored = away.path().join("restored.db");
    let refused = errand(&restored, &["--restore", text(&backup)]);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains(text(&away.path().join("restored.key"))), "{}", refused.stderr);
    assert_eq!(names(away.path()), Vec::<String>::new());

    // The key may also be named.
    let key = folder.path().join("portal.key");
    let done = errand(&restored, &["--key", text(&key), "--restore", text(&backup)]);
    assert_eq!((done.code, done.stderr.as_str()), (0, ""), "{}", done.stdout);
    assert!(done.stdout.contains("every seal and every chain holds"), "{}", done.stdout);
    std::fs::copy(&key, away.path().join("restored.key")).unwrap();
    drop(Running::start(&restored).expect("the restored household opens"));

    // Over what is there, nothing is restored.
    let over = errand(&restored, &["--restore", text(&backup)]);
    assert_eq!(over.code, 2);
    assert!(over.stderr.contains("not empty"), "{}", over.stderr);
    drop(Running::start(&restored).expect("and it is as it was"));
}

#[test]
fn a_bad_backup_is_refused_before_anything_is_written() {
    let (folder, database) = household();
    let backup = folder.path().join("monday");
    let keys = folder.path().join("monday.keys");
    assert_eq!(errand(&database, &["--backup", text(&backup)]).code, 0);
    let other = folder.path().join("tuesday");
    assert_eq!(errand(&database, &["--backup", text(&other)]).code, 0);
    let good = std::fs::read(&backup).unwrap();
    let mut damaged = good.clone();
    damaged[good.len() / 2] ^= 1;
    let cases: [(&[u8], &str); 4] = [
        (&damaged, "damaged"),
        (&good[..good.len() - 100], "damaged"),
        (b"Dear portal, this is a letter and no backup.", "no backup"),
        (&std::fs::read(&other).unwrap(), "not of one backup"),
    ];
    let away = folder.path().join("away.db");
    std::fs::copy(folder.path().join("portal.key"), folder.path().join("away.key")).unwrap();
    for (bytes, said) in cases {
        std::fs::write(&backup, bytes).unwrap();
        let refused = errand(&away, &["--restore", text(&backup)]);
        assert_eq!(refused.code, 2);
        assert!(refused.stderr.contains(said), "{said} is not in: {}", refused.stderr);
        assert!(!away.exists(), "{said}");
    }
    std::fs::write(&backup, &good).unwrap();
    std::fs::remove_file(&keys).unwrap();
    let refused = errand(&away, &["--restore", text(&backup)]);
    assert!(refused.code == 2 && refused.stderr.contains("monday.keys"), "{}", refused.stderr);
}

#[test]
fn with_the_wrong_key_nothing_is_served_and_the_right_one_still_helps() {
    let (folder, database) = household();
    let (_other, another) = household();
    let backup = folder.path().join("monday");
    assert_eq!(errand(&database, &["--backup", text(&backup)]).code, 0);
    let away = folder.path().join("away.db");
    let key = folder.path().join("away.key");
    std::fs::copy(another.with_extension("key"), &key).unwrap();
    let refused = errand(&away, &["--restore", text(&backup)]);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("key"), "{}", refused.stderr);
    assert!(Running::start(&away).is_none());
    let unfinished = errand(&away, &["--backup", text(&folder.path().join("tuesday"))]);
    assert!(unfinished.code == 2 && unfinished.stderr.contains("broken off"), "{}", unfinished.stderr);
    assert!(!folder.path().join("tuesday").exists());
    std::fs::copy(database.with_extension("key"), &key).unwrap();
    let done = errand(&away, &["--restore", text(&backup)]);
    assert_eq!((done.code, done.stderr.as_str()), (0, ""));
    drop(Running::start(&away).expect("now it opens"));
}

#[test]
fn a_database_is_copied_with_its_key_and_opens_there() {
    let (folder, database) = household();
    let copy = folder.path().join("new").join("house.db");
    let done = errand(&database, &["--copy-to", text(&copy)]);
    assert_eq!((done.code, done.stderr.as_str()), (0, ""), "{}", done.stdout);
    let key = copy.with_extension("key");
    assert!(done.stdout.contains(text(&copy)) && done.stdout.contains(text(&key)), "{}", done.stdout);
    #[cfg(unix)]
    assert_eq!((mode(&copy), mode(&key)), (0o600, 0o600));
    drop(Running::start(&copy).expect("the copy opens"));
    drop(Running::start(&database).expect("and the first one too"));
    let onto_itself = errand(&database, &["--copy-to", text(&database)]);
    assert!(onto_itself.code == 2 && onto_itself.stderr.contains("not empty"), "{}", onto_itself.stderr);
}

#[test]
fn a_house_moves_to_a_server_and_is_backed_up_from_there() {
    let Some(server) = PostgresServer::find_or_skip() else { return };
    let empty = server.fresh_database().unwrap();
    let (folder, database) = household();
    let url = empty.url();
    let copied = errand_in(folder.path(), &["--database", text(&database), "--copy-to", &url]);
    assert_eq!((copied.code, copied.stderr.as_str()), (0, ""), "{}", copied.stdout);
    assert!(copied.stdout.contains(empty.name()) && !copied.stdout.contains(&url), "no password: {}", copied.stdout);
    drop(Running::start_in(folder.path(), &url).expect("the household opens on the server"));

    let backup = folder.path().join("monday");
    let done = errand_in(folder.path(), &["--database", &url, "--backup", text(&backup)]);
    assert_eq!((done.code, done.stderr.as_str()), (0, ""), "{}", done.stdout);
    let back = folder.path().join("back.db");
    let key = text(&database.with_extension("key")).to_owned();
    let done = errand_in(folder.path(), &["--database", text(&back), "--key", &key, "--restore", text(&backup)]);
    assert_eq!((done.code, done.stderr.as_str()), (0, ""), "{}", done.stdout);
    let over = errand_in(folder.path(), &["--database", &url, "--key", &key, "--restore", text(&backup)]);
    assert!(over.code == 2 && over.stderr.contains("not empty"), "{}", over.stderr);

    let refused = errand_in(folder.path(), &["--database", &url, "--reset"]);
    assert!(refused.code == 2 && refused.stderr.contains("not deleted"), "{}", refused.stderr);
    let nobody = "postgres://someone:hidden-word@127.0.0.1:1/none";
    let refused = errand_in(folder.path(), &["--database", nobody, "--backup", "x"]);
    assert_eq!(refused.code, 2);
    assert!(
        refused.stderr.contains("127.0.0.1:1/none") && !refused.stderr.contains("hidden-word"),
        "{}",
        refused.stderr
    );
}

#[test]
fn what_is_not_there_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("none.db");
    for arguments in [["--backup", "x"], ["--copy-to", "y.db"]] {
        let refused = errand(&database, &arguments);
        assert_eq!(refused.code, 2);
        assert!(refused.stderr.contains("no database"), "{}", refused.stderr);
    }
    assert_eq!(names(folder.path()), Vec::<String>::new());
    let refused = errand(&database, &["--backup", "x", "--restore", "x"]);
    assert!(refused.code == 2 && refused.stderr.contains("do not go together"), "{}", refused.stderr);
    let help = portal().arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    assert!(["--backup FILE", "--restore FILE", "--copy-to PLACE", "--key FILE"].iter().all(|one| help.contains(one)));
}
