//! Attached files over [`object_store`]: a folder, memory, an S3-compatible store, or whatever store a host brings.
//!
//! `README.md` in this folder says what each needs from its operator.

mod drafts;
mod error;
mod layout;
mod object_blobs;
mod read;
#[cfg(feature = "blobs-s3")]
mod s3;
mod upload;

pub use object_blobs::{Listing, ObjectBlobs};

pub use object_store;
