//! Errors of object stores as errors of the port.

use std::error::Error as _;
use std::io::ErrorKind;

use mychartum_core::port::blob_store::{BlobError, BlobErrorKind};
use object_store::Error;

/// The port's error for what a store said. What it said in words stays behind: it names places.
pub(super) fn blob_error(error: &Error, operation: &'static str) -> BlobError {
    let kind = match error {
        Error::NotFound { .. } => BlobErrorKind::Missing,
        error => io_kind(error).map_or(BlobErrorKind::Unavailable, blob_kind),
    };
    BlobError::new(kind, operation)
}

/// The port's error for a fault of the file system.
pub(super) fn io_error(error: &std::io::Error, operation: &'static str) -> BlobError {
    BlobError::new(blob_kind(error.kind()), operation)
}

fn blob_kind(kind: ErrorKind) -> BlobErrorKind {
    match kind {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => BlobErrorKind::Full,
        ErrorKind::Interrupted | ErrorKind::TimedOut | ErrorKind::WouldBlock => BlobErrorKind::Busy,
        _ => BlobErrorKind::Unavailable,
    }
}

/// The fault of the file system at the bottom of an error, if there is one.
fn io_kind(error: &Error) -> Option<ErrorKind> {
    let mut source = error.source();
    while let Some(error) = source {
        if let Some(error) = error.downcast_ref::<std::io::Error>() {
            return Some(error.kind());
        }
        source = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_one_that_cannot_be_reached() {
        let told = |kind: ErrorKind| {
            let error = Error::Generic { store: "test", source: Box::new(std::io::Error::from(kind)) };
            blob_error(&error, "write").kind()
        };
        assert_eq!(told(ErrorKind::StorageFull), BlobErrorKind::Full);
        assert_eq!(told(ErrorKind::QuotaExceeded), BlobErrorKind::Full);
        assert_eq!(told(ErrorKind::Interrupted), BlobErrorKind::Busy);
        assert_eq!(told(ErrorKind::PermissionDenied), BlobErrorKind::Unavailable);
        let missing = Error::NotFound { path: "a/place".to_owned(), source: "it".into() };
        assert_eq!(blob_error(&missing, "read").to_string(), "blob store: read failed: there is no such object");
    }
}
