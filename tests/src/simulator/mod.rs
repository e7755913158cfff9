//! The clinic's side, simulated: a FHIR server on the loopback that misbehaves as a test tells it.
//!
//! It is a real socket with synthetic patients behind it. Nothing of it belongs into a running portal.

mod fhir_fault;
mod fhir_reply;
mod fhir_server;
mod fhir_store;
mod fhir_tokens;

pub use fhir_fault::FhirFault;
pub use fhir_server::SimulatedFhir;
pub use fhir_store::FhirStore;
pub use fhir_tokens::TokenManner;
