//! The pulling side: a FHIR R4 server as a [`RecordSource`](mychartum_core::port::RecordSource).
//!
//! The reader of this folder's parent makes the parcels; here is what lies between it and a server: addresses, pages, waits,
//! tokens. See the section "The client" of its `README.md`.

mod address;
pub mod bulk;
mod error;
mod exchange;
mod page;
mod parcels;
mod patience;
mod position;
mod query;
mod requester;
mod search;
mod server;
mod settings;
pub mod token;

pub use crate::notify::{SetupError, Trust};
pub use error::ClientError;
pub use patience::Patience;
pub use server::FhirServer;
pub use settings::FhirSettings;
