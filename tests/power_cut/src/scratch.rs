//! Folders for what is laid out and thrown away.

use std::io;
use std::path::Path;

use tempfile::TempDir;

/// A new folder, in memory where the system has such a place.
///
/// What a cut left is judged by a storage without the shim, which syncs in earnest. That would keep the machine's disk
/// busy for nothing: the disk that counts here is the [`Medium`](crate::Medium).
///
/// # Errors
/// Where no folder can be made.
pub fn scratch() -> io::Result<TempDir> {
    let memory = Path::new("/dev/shm");
    if memory.is_dir()
        && let Ok(folder) = TempDir::new_in(memory)
    {
        return Ok(folder);
    }
    TempDir::new()
}
