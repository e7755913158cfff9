//! A file in a watched folder: each call is noted, made to fail, or both, and passed on.

use std::ffi::{c_int, c_void};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{ptr, slice};

use rusqlite::ffi::{self, sqlite3_file, sqlite3_io_methods};

use super::real_file::RealFile;
use crate::event::{Event, FileId};
use crate::fault::Call;
use crate::watched::Watched;

/// What lies in the memory that SQLite gives for a file; the real VFS's own file follows it.
#[repr(C)]
struct Own {
    base: sqlite3_file,
    state: *const State,
}

/// Bytes of our own before the real file.
pub(super) const OWN_SIZE: c_int = size_of::<Own>() as c_int;

struct State {
    watched: Arc<Watched>,
    file: FileId,
    real: RealFile,
    /// Whether the next sync has to sync the folder too.
    folder_too: AtomicBool,
}

static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    // 2: with a shared index of the log, without mapping the file itself.
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// Where the real file lies. The whole is marked as not open until [`set_up`].
///
/// # Safety
/// `file` points to memory of [`OWN_SIZE`] bytes and a file of the real VFS, aligned for pointers.
pub(super) unsafe fn below(file: *mut sqlite3_file) -> *mut sqlite3_file {
    let own: *mut Own = file.cast();
    // SAFETY: the caller's promise.
    unsafe {
        own.write(Own { base: sqlite3_file { pMethods: ptr::null() }, state: ptr::null() });
        own.add(1).cast()
    }
}

/// Makes a file watched.
///
/// # Safety
/// The real VFS opened the file [`below`], and SQLite closes this one before it frees or uses its memory again.
pub(super) unsafe fn set_up(file: *mut sqlite3_file, watched: Arc<Watched>, id: FileId, folder_too: bool) {
    let own: *mut Own = file.cast();
    // SAFETY: the caller's promise; the real file is closed together with this one, and its state freed.
    unsafe {
        let real = RealFile::new(own.add(1).cast());
        let state = Box::new(State { watched, file: id, real, folder_too: AtomicBool::new(folder_too) });
        own.write(Own { base: sqlite3_file { pMethods: &raw const METHODS }, state: Box::into_raw(state) });
    }
}

/// The state of a file that [`set_up`] made.
///
/// # Safety
/// SQLite passed the file to one of the methods here, so it is set up and not closed for as long as the method runs.
unsafe fn state<'a>(file: *mut sqlite3_file) -> &'a State {
    // SAFETY: the caller's promise.
    unsafe { &*(*file.cast::<Own>()).state }
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: SQLite closes a file once and does not use it afterwards; `set_up` made the state from a box.
    let state = unsafe { Box::from_raw((*file.cast::<Own>()).state.cast_mut()) };
    state.real.close()
}

unsafe extern "C" fn read(file: *mut sqlite3_file, into: *mut c_void, amount: c_int, offset: i64) -> c_int {
    // SAFETY: SQLite passes an open file, and room for `amount` bytes that nobody else uses meanwhile.
    let (state, into) = unsafe { (state(file), slice::from_raw_parts_mut(into.cast::<u8>(), length(amount))) };
    match state.watched.strike(Call::Read) {
        None => state.real.read(into, offset),
        Some(ffi::SQLITE_IOERR_SHORT_READ) => {
            // What a short read does not give is zero, as the interface demands.
            into.fill(0);
            ffi::SQLITE_IOERR_SHORT_READ
        }
        Some(code) => code,
    }
}

unsafe extern "C" fn write(file: *mut sqlite3_file, data: *const c_void, amount: c_int, offset: i64) -> c_int {
    // SAFETY: SQLite passes an open file and `amount` bytes that stay as they are meanwhile.
    let (state, data) = unsafe { (state(file), slice::from_raw_parts(data.cast::<u8>(), length(amount))) };
    state.watched.write(state.file, position(offset), data, |part| state.real.write(part, offset))
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: i64) -> c_int {
    // SAFETY: SQLite passes an open file.
    let state = unsafe { state(file) };
    state.watched.truncate(state.file, position(size), || state.real.truncate(size))
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, _flags: c_int) -> c_int {
    // SAFETY: SQLite passes an open file.
    let state = unsafe { state(file) };
    let code = state.watched.sync(state.file, state.folder_too.load(Ordering::SeqCst));
    if code == ffi::SQLITE_OK {
        state.folder_too.store(false, Ordering::SeqCst);
    }
    code
}

unsafe extern "C" fn file_size(file: *mut sqlite3_file, size: *mut i64) -> c_int {
    // SAFETY: SQLite passes an open file.
    let state = unsafe { state(file) };
    match state.watched.strike(Call::Size) {
        Some(code) => code,
        // SAFETY: SQLite gave this place for the answer.
        None => unsafe { state.real.file_size(size) },
    }
}

unsafe extern "C" fn lock(file: *mut sqlite3_file, level: c_int) -> c_int {
    // SAFETY: SQLite passes an open file.
    let state = unsafe { state(file) };
    state.watched.strike(Call::Lock).unwrap_or_else(|| state.real.lock(level))
}

unsafe extern "C" fn unlock(file: *mut sqlite3_file, level: c_int) -> c_int {
    // SAFETY: SQLite passes an open file.
    unsafe { state(file) }.real.unlock(level)
}

unsafe extern "C" fn check_reserved_lock(file: *mut sqlite3_file, answer: *mut c_int) -> c_int {
    // SAFETY: SQLite passes an open file and a place for the answer.
    unsafe { state(file).real.check_reserved_lock(answer) }
}

unsafe extern "C" fn file_control(file: *mut sqlite3_file, operation: c_int, argument: *mut c_void) -> c_int {
    // SAFETY: SQLite passes an open file.
    let state = unsafe { state(file) };
    match operation {
        ffi::SQLITE_FCNTL_CKPT_START => state.watched.note(Event::CheckpointBegins),
        ffi::SQLITE_FCNTL_CKPT_DONE => state.watched.note(Event::CheckpointEnds),
        _ => {}
    }
    // SAFETY: the operation and its argument are passed on as SQLite gave them.
    unsafe { state.real.file_control(operation, argument) }
}

unsafe extern "C" fn sector_size(file: *mut sqlite3_file) -> c_int {
    // SAFETY: SQLite passes an open file.
    unsafe { state(file) }.real.sector_size()
}

unsafe extern "C" fn device_characteristics(file: *mut sqlite3_file) -> c_int {
    // SAFETY: SQLite passes an open file.
    let real = unsafe { state(file) }.real.device_characteristics();
    // The one promise of a disk that the cuts keep: a torn write harms no byte beside it.
    real & ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE
}

unsafe extern "C" fn shm_map(
    file: *mut sqlite3_file,
    region: c_int,
    size: c_int,
    extend: c_int,
    at: *mut *mut c_void,
) -> c_int {
    // SAFETY: SQLite passes an open file.
    let state = unsafe { state(file) };
    match state.watched.strike(Call::MapShared) {
        Some(code) => code,
        // SAFETY: SQLite gave this place for the answer.
        None => unsafe { state.real.shm_map(region, size, extend, at) },
    }
}

unsafe extern "C" fn shm_lock(file: *mut sqlite3_file, offset: c_int, count: c_int, flags: c_int) -> c_int {
    // SAFETY: SQLite passes an open file.
    let state = unsafe { state(file) };
    // Unlocking does not fail: what is held in memory can always be let go.
    let struck = if flags & ffi::SQLITE_SHM_LOCK == 0 { None } else { state.watched.strike(Call::LockShared) };
    struck.unwrap_or_else(|| state.real.shm_lock(offset, count, flags))
}

unsafe extern "C" fn shm_barrier(file: *mut sqlite3_file) {
    // SAFETY: SQLite passes an open file.
    unsafe { state(file) }.real.shm_barrier();
}

unsafe extern "C" fn shm_unmap(file: *mut sqlite3_file, delete: c_int) -> c_int {
    // SAFETY: SQLite passes an open file.
    unsafe { state(file) }.real.shm_unmap(delete)
}

/// A length as SQLite gives it: never negative.
fn length(amount: c_int) -> usize {
    usize::try_from(amount).unwrap_or(0)
}

/// A place in a file as SQLite gives it: never negative.
fn position(offset: i64) -> usize {
    usize::try_from(offset).unwrap_or(0)
}
