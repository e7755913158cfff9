//! A file of the real VFS, to which calls are passed on.

use std::ffi::{c_int, c_void};

use rusqlite::ffi::{self, sqlite3_file, sqlite3_io_methods};

/// A file that the real VFS opened.
///
/// INVARIANT (open real file): a value is made only from a file that the real VFS opened, and is used only until that
/// file is closed. So its table of methods is there, and lives as long as the process.
#[derive(Clone, Copy)]
pub(super) struct RealFile(*mut sqlite3_file);

/// Calls a method of the real file: `real!(self, xLock, arguments ...)`, or gives the last value where it has none.
macro_rules! real {
    ($file:ident, $method:ident $(, $argument:expr)* ; else $otherwise:expr) => {{
        // SAFETY: INVARIANT (open real file). Pointers among the arguments are the ones that SQLite gave for this very
        // method, or point to memory that is borrowed for the time of the call.
        unsafe {
            match $file.methods().$method {
                Some(method) => method($file.0 $(, $argument)*),
                None => $otherwise,
            }
        }
    }};
}

impl RealFile {
    /// # Safety
    /// The real VFS opened this file, and the value is not used after it is closed.
    pub(super) const unsafe fn new(file: *mut sqlite3_file) -> Self {
        Self(file)
    }

    fn methods(self) -> &'static sqlite3_io_methods {
        // SAFETY: INVARIANT (open real file).
        unsafe { &*(*self.0).pMethods }
    }

    pub(super) fn close(self) -> c_int {
        real!(self, xClose; else ffi::SQLITE_OK)
    }

    pub(super) fn read(self, into: &mut [u8], offset: i64) -> c_int {
        real!(self, xRead, into.as_mut_ptr().cast(), length(into), offset; else ffi::SQLITE_IOERR_READ)
    }

    pub(super) fn write(self, data: &[u8], offset: i64) -> c_int {
        real!(self, xWrite, data.as_ptr().cast(), length(data), offset; else ffi::SQLITE_IOERR_WRITE)
    }

    pub(super) fn truncate(self, size: i64) -> c_int {
        real!(self, xTruncate, size; else ffi::SQLITE_IOERR_TRUNCATE)
    }

    pub(super) fn lock(self, level: c_int) -> c_int {
        real!(self, xLock, level; else ffi::SQLITE_IOERR_LOCK)
    }

    pub(super) fn unlock(self, level: c_int) -> c_int {
        real!(self, xUnlock, level; else ffi::SQLITE_IOERR_UNLOCK)
    }

    pub(super) fn sector_size(self) -> c_int {
        real!(self, xSectorSize; else 0)
    }

    pub(super) fn device_characteristics(self) -> c_int {
        real!(self, xDeviceCharacteristics; else 0)
    }

    pub(super) fn shm_lock(self, offset: c_int, count: c_int, flags: c_int) -> c_int {
        real!(self, xShmLock, offset, count, flags; else ffi::SQLITE_IOERR_SHMLOCK)
    }

    pub(super) fn shm_barrier(self) {
        real!(self, xShmBarrier; else ());
    }

    pub(super) fn shm_unmap(self, delete: c_int) -> c_int {
        real!(self, xShmUnmap, delete; else ffi::SQLITE_OK)
    }

    /// # Safety
    /// `size` is what SQLite gave for this method.
    pub(super) unsafe fn file_size(self, size: *mut i64) -> c_int {
        real!(self, xFileSize, size; else ffi::SQLITE_IOERR_FSTAT)
    }

    /// # Safety
    /// `answer` is what SQLite gave for this method.
    pub(super) unsafe fn check_reserved_lock(self, answer: *mut c_int) -> c_int {
        real!(self, xCheckReservedLock, answer; else ffi::SQLITE_IOERR_CHECKRESERVEDLOCK)
    }

    /// # Safety
    /// `argument` is what SQLite gave for this method and this `operation`.
    pub(super) unsafe fn file_control(self, operation: c_int, argument: *mut c_void) -> c_int {
        real!(self, xFileControl, operation, argument; else ffi::SQLITE_NOTFOUND)
    }

    /// # Safety
    /// `at` is what SQLite gave for this method.
    pub(super) unsafe fn shm_map(self, region: c_int, size: c_int, extend: c_int, at: *mut *mut c_void) -> c_int {
        real!(self, xShmMap, region, size, extend, at; else ffi::SQLITE_IOERR_SHMMAP)
    }
}

/// SQLite asks for less than 2 GiB at a time, and what it asked for is what is passed on.
fn length(of: &[u8]) -> c_int {
    c_int::try_from(of.len()).unwrap_or(c_int::MAX)
}
