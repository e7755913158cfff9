//! Processes of a server: who they are, killing them, and waiting until they are gone.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::PostgresServerError;
use super::error::io;

/// How long to wait for a killed process to be gone.
const LIMIT: Duration = Duration::from_secs(60);

/// Sends a signal, by the name that `kill` has for it; processes that are already gone are no error.
pub(super) fn signal(name: &str, processes: &[u32]) -> Result<(), PostgresServerError> {
    let mut kill = Command::new("sh");
    kill.args(["-c", "kill -s \"$@\"", "kill", name]).args(processes.iter().map(u32::to_string));
    kill.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    kill.status().map(|_| ()).map_err(io("send a signal"))
}

/// The processes that one process started.
pub(super) fn children(parent: u32) -> Result<Vec<u32>, PostgresServerError> {
    let all = fs::read_dir("/proc").map_err(io("list processes"))?;
    let all = all.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    Ok(all.filter(|process| stat(*process).is_some_and(|(_, of)| of == parent)).collect())
}

/// Waits until all are gone, or are nothing but entries that nobody has collected.
pub(super) fn wait_until_gone(processes: &[u32]) -> Result<(), PostgresServerError> {
    let start = Instant::now();
    while processes.iter().any(|process| stat(*process).is_some_and(|(state, _)| state != 'Z' && state != 'X')) {
        if start.elapsed() > LIMIT {
            return Err(PostgresServerError::TooLong { what: "the end of a killed process" });
        }
        thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

/// State and parent of a process, from `/proc/<id>/stat`: `7 (any name) S 1 ...`.
fn stat(process: u32) -> Option<(char, u32)> {
    let stat = fs::read_to_string(Path::new("/proc").join(process.to_string()).join("stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    let mut words = rest.split_whitespace();
    Some((words.next()?.chars().next()?, words.next()?.parse().ok()?))
}
