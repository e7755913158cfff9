//! A storage's error names the operation; it cannot carry a value.

use mychartum_core::port::storage::{StorageError, StorageErrorKind};

pub fn case(name: &str) -> StorageError {
    let _ = name;
    StorageError::new(StorageErrorKind::Corrupt, name) //~ E0521
    //= StorageError::new(StorageErrorKind::Corrupt, "commit")
}
