//! The VFS that is registered as the default of the process: it finds out which files are watched.

use std::ffi::{CStr, OsStr, c_char, c_int, c_void};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::{Arc, OnceLock};

use rusqlite::ffi::{self, sqlite3_file, sqlite3_vfs};

use super::watched_file;
use crate::fault::Call;
use crate::watched::Watched;

/// The name that SQLite lists the shim under.
const NAME: &CStr = c"mychartum-power-cut";

/// Registers the shim as the default VFS, once.
///
/// Files outside of watched folders are opened by the real VFS with nothing in between.
pub(crate) fn install() {
    static INSTALLED: OnceLock<()> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        // SAFETY: a null name asks for the default VFS, which is there for the life of the process; finding it
        // initialises SQLite.
        let real = unsafe { ffi::sqlite3_vfs_find(ptr::null()) };
        // SAFETY: as above; null is ruled out.
        let Some(table) = (unsafe { real.as_ref() }) else { return };
        let shim = sqlite3_vfs {
            // 2: with the time in milliseconds, without system calls to replace.
            iVersion: 2,
            szOsFile: table.szOsFile + watched_file::OWN_SIZE,
            pNext: ptr::null_mut(),
            zName: NAME.as_ptr(),
            pAppData: real.cast(),
            xOpen: Some(open),
            xDelete: Some(delete),
            xAccess: Some(access),
            xFullPathname: Some(full_pathname),
            // SQLite asks for these only to load extensions, which nobody does here.
            xDlOpen: None,
            xDlError: None,
            xDlSym: None,
            xDlClose: None,
            xRandomness: Some(randomness),
            xSleep: Some(sleep),
            xCurrentTime: Some(current_time),
            xCurrentTimeInt64: Some(current_time_int64),
            xGetLastError: Some(last_error),
            ..*table
        };
        // SAFETY: the table is never freed, and its name is a constant.
        unsafe { ffi::sqlite3_vfs_register(Box::leak(Box::new(shim)), 1) };
    });
}

/// The real VFS below the shim.
///
/// # Safety
/// `vfs` is the shim as `install` registered it.
unsafe fn real(vfs: *mut sqlite3_vfs) -> *mut sqlite3_vfs {
    // SAFETY: the caller's promise; `install` put the real VFS there.
    unsafe { (*vfs).pAppData.cast() }
}

/// Calls a function of the real VFS: `real!(vfs, xSleep, arguments ...)`, or gives the last value where it has none.
macro_rules! real {
    ($vfs:ident, $function:ident, $($argument:expr),* ; else $otherwise:expr) => {{
        // SAFETY: SQLite passes the shim itself, and arguments that are valid for the shim are valid for the real VFS,
        // whose table is complete and lives as long as the process.
        unsafe {
            let real = real($vfs);
            match (*real).$function {
                Some(function) => function(real, $($argument),*),
                None => $otherwise,
            }
        }
    }};
}

/// The path in a C string; `None` for a temporary file, which has no name.
///
/// # Safety
/// `name` is null or a C string.
unsafe fn path(name: *const c_char) -> Option<PathBuf> {
    if name.is_null() {
        return None;
    }
    // SAFETY: not null, and the caller's promise.
    let bytes = unsafe { CStr::from_ptr(name) }.to_bytes();
    Some(Path::new(OsStr::from_bytes(bytes)).to_owned())
}

/// The path of a watched file and its folder.
///
/// # Safety
/// `name` is null or a C string.
unsafe fn watched(name: *const c_char) -> Option<(PathBuf, Arc<Watched>)> {
    // SAFETY: the caller's promise.
    let path = unsafe { path(name) }?;
    let watched = Watched::of(&path)?;
    Some((path, watched))
}

unsafe extern "C" fn open(
    vfs: *mut sqlite3_vfs,
    name: *const c_char,
    file: *mut sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: SQLite passes a C string or null.
    let Some((path, watched)) = (unsafe { watched(name) }) else {
        // The file's memory is longer than the real VFS needs, so it can have all of it.
        return real!(vfs, xOpen, name, file, flags, out_flags; else ffi::SQLITE_CANTOPEN);
    };
    // SAFETY: SQLite passes memory of at least `szOsFile` bytes, aligned for pointers.
    let below = unsafe { watched_file::below(file) };
    if let Some(code) = watched.strike(Call::Open) {
        return code;
    }
    let there = path.exists();
    let code = real!(vfs, xOpen, name, below, flags, out_flags; else ffi::SQLITE_CANTOPEN);
    if code == ffi::SQLITE_OK {
        let log = ffi::SQLITE_OPEN_WAL | ffi::SQLITE_OPEN_MAIN_JOURNAL | ffi::SQLITE_OPEN_SUPER_JOURNAL;
        // As the unix VFS does it: the first sync of a log syncs the folder too.
        let folder_too = flags & ffi::SQLITE_OPEN_CREATE != 0 && flags & log != 0;
        let id = watched.opened(&path, there);
        // SAFETY: the real file was just opened in the memory below, and SQLite closes what was opened.
        unsafe { watched_file::set_up(file, watched, id, folder_too) };
    }
    code
}

unsafe extern "C" fn delete(vfs: *mut sqlite3_vfs, name: *const c_char, sync_folder: c_int) -> c_int {
    let real = || real!(vfs, xDelete, name, 0; else ffi::SQLITE_IOERR_DELETE);
    // SAFETY: SQLite passes a C string.
    match unsafe { watched(name) } {
        Some((path, watched)) => watched.delete(&path, sync_folder != 0, real),
        None => real!(vfs, xDelete, name, sync_folder; else ffi::SQLITE_IOERR_DELETE),
    }
}

unsafe extern "C" fn access(vfs: *mut sqlite3_vfs, name: *const c_char, flags: c_int, answer: *mut c_int) -> c_int {
    // SAFETY: SQLite passes a C string.
    if let Some(code) = unsafe { watched(name) }.and_then(|(_, watched)| watched.strike(Call::Access)) {
        return code;
    }
    real!(vfs, xAccess, name, flags, answer; else ffi::SQLITE_IOERR_ACCESS)
}

unsafe extern "C" fn full_pathname(vfs: *mut sqlite3_vfs, name: *const c_char, size: c_int, out: *mut c_char) -> c_int {
    real!(vfs, xFullPathname, name, size, out; else ffi::SQLITE_CANTOPEN)
}

unsafe extern "C" fn randomness(vfs: *mut sqlite3_vfs, size: c_int, out: *mut c_char) -> c_int {
    real!(vfs, xRandomness, size, out; else 0)
}

unsafe extern "C" fn sleep(vfs: *mut sqlite3_vfs, microseconds: c_int) -> c_int {
    real!(vfs, xSleep, microseconds; else 0)
}

unsafe extern "C" fn current_time(vfs: *mut sqlite3_vfs, time: *mut f64) -> c_int {
    real!(vfs, xCurrentTime, time; else ffi::SQLITE_ERROR)
}

unsafe extern "C" fn current_time_int64(vfs: *mut sqlite3_vfs, time: *mut i64) -> c_int {
    real!(vfs, xCurrentTimeInt64, time; else ffi::SQLITE_ERROR)
}

unsafe extern "C" fn last_error(vfs: *mut sqlite3_vfs, size: c_int, out: *mut c_char) -> c_int {
    real!(vfs, xGetLastError, size, out; else 0)
}

/// The memory that SQLite hands over is aligned for pointers, and the real file begins after a whole number of them.
const _: () = assert!((watched_file::OWN_SIZE as usize).is_multiple_of(align_of::<*const c_void>()));
