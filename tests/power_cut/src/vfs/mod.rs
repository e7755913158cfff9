//! The shim between SQLite and the system's own VFS: a table of C functions.
#![expect(unsafe_code, reason = "SQLite's VFS is a C interface; nowhere else in this workspace is unsafe code")]

mod real_file;
mod shim;
mod watched_file;

pub(crate) use shim::install;
