//! The clinic's side for tests: a laboratory that sends, a FHIR server that answers, the faults of the way, and a storage that fails
//! now and then.
//!
//! [`Lab`] makes the messages of a small laboratory from a seed, and knows the [`Truth`]: what charts must show in the end, in
//! whatever order and however often the messages arrive. [`Way`] says how they arrive. [`MllpSender`] sends them over a socket as
//! careless senders do, and [`UnsteadyStorage`] fails where a test says so. [`SimulatedFhir`] is a real socket with synthetic patients
//! behind it that misbehaves as a test tells it. Nothing of it belongs into a running portal.
//!
//! ```
//! use mychartum_testkit::simulator::{Lab, Size, Way};
//!
//! let lab = Lab::of(7, Size { patients: 2, orders: 3 });
//! let arriving = lab.on_the_way(&Way::careless(1));
//! assert!(arriving.len() >= lab.deliveries().len());
//! assert_eq!(lab.truth().charts().len(), 2);
//! ```

mod delivery;
#[cfg(feature = "sinks")]
mod fhir_fault;
#[cfg(feature = "sinks")]
mod fhir_reply;
#[cfg(feature = "sinks")]
mod fhir_server;
#[cfg(feature = "sinks")]
mod fhir_store;
#[cfg(feature = "sinks")]
mod fhir_tokens;
mod lab;
#[cfg(feature = "mllp")]
mod mllp_sender;
mod order;
mod truth;
mod unsteady_storage;
mod way;

pub use delivery::{Delivery, Said};
#[cfg(feature = "sinks")]
pub use fhir_fault::FhirFault;
#[cfg(feature = "sinks")]
pub use fhir_server::SimulatedFhir;
#[cfg(feature = "sinks")]
pub use fhir_store::FhirStore;
#[cfg(feature = "sinks")]
pub use fhir_tokens::TokenManner;
pub use lab::{Lab, Size};
#[cfg(feature = "mllp")]
pub use mllp_sender::{LineFaults, MllpSender};
pub use truth::{Shown, Truth};
pub use unsteady_storage::{Failing, UnsteadyStorage};
pub use way::Way;
