//! Adapters between the portal and the outside: one folder each, each behind its own feature, none on by default.
//!
//! | feature | folder | what it brings |
//! |---|---|---|
//! | `blobs`, `blobs-s3` | [`blobs`] | attached files in a folder, in memory, in an object store |
//! | `ccda` | [`ccda`] | C-CDA R2.1 clinical documents, structured and unstructured |
//! | `fhir` | [`fhir`] | FHIR R4 deliveries: bundles, single resources, NDJSON |
//! | `fhir-client` | [`fhir`] | FHIR R4 servers as sources of records: searches, tokens |
//! | `hl7v2` | [`hl7v2`] | HL7 v2 messages and files of them, read into parcels; acknowledgements |
//! | `keys` | [`keys`] | keyrings in a key file or around a secret of the host |
//! | `mllp` | [`mllp`] | HL7 v2 over TCP: a listener and a client, with and without TLS |
//! | `passkeys` | [`passkeys`] | WebAuthn ceremonies: enrolling passkeys, signing in with them |
//! | `notify-smtp`, `notify-sms`, `notify-webhook`, `notify-file` | [`notify`] | notices by e-mail, text message, webhook, file |
//! | `system` | [`system`] | the machine's clock and randomness |
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "blobs")]
pub mod blobs;
#[cfg(feature = "ccda")]
pub mod ccda;
#[cfg(any(feature = "ccda", feature = "fhir", feature = "hl7v2"))]
mod delivery;
#[cfg(feature = "fhir")]
pub mod fhir;
#[cfg(feature = "hl7v2")]
pub mod hl7v2;
#[cfg(feature = "keys")]
pub mod keys;
#[cfg(any(feature = "ccda", feature = "fhir", feature = "hl7v2"))]
mod markup;
#[cfg(feature = "mllp")]
pub mod mllp;
#[cfg(feature = "_notify")]
pub mod notify;
#[cfg(feature = "passkeys")]
pub mod passkeys;
#[cfg(any(feature = "ccda", feature = "fhir", feature = "hl7v2"))]
mod phrases;
#[cfg(feature = "system")]
pub mod system;
