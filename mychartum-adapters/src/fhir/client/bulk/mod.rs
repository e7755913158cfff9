//! Bulk Data: everything of many patients, as files of NDJSON (HL7 Bulk Data Access 2.0).

mod export;
mod file;
mod job;
mod lines;
mod manifest;

pub use export::{BulkExport, Polled};
pub use file::BulkReader;
pub use job::{BulkJob, BulkScope};
pub use manifest::{BulkFile, Manifest};
