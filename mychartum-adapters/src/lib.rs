//! Adapters between the portal and the outside: one folder each, each behind its own feature, none on by default.
//!
//! | feature | folder | what it brings |
//! |---|---|---|
//! | `blobs`, `blobs-s3` | [`blobs`] | attached files in a folder, in memory, in an object store |
//! | `fhir` | [`fhir`] | FHIR R4 deliveries: bundles, single resources, NDJSON |
//! | `keys` | [`keys`] | keyrings in a key file or around a secret of the host |
//! | `system` | [`system`] | the machine's clock and randomness |
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "blobs")]
pub mod blobs;
#[cfg(feature = "fhir")]
pub mod fhir;
#[cfg(feature = "keys")]
pub mod keys;
#[cfg(feature = "system")]
pub mod system;
