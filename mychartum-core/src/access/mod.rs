//! Access: the question, the decision, and the permit that comes of it.
//!
//! The chain of proofs is `Session -> Ask -> entry durable -> Permit -> Disclosure`. [`decide`] is a pure function; its
//! outcome is written to the audit trail first, and only a written outcome becomes a [`Permit`].

mod ask;
mod decide;
mod error;
pub mod grant;
pub mod pack;
mod permit;
mod scope;
mod sensitivity;
mod verb;

pub use ask::Ask;
pub use decide::{Chart, Decision, Facts, Rule, decide};
pub use error::AccessError;
pub use permit::Permit;
pub use scope::{InvalidScope, Scope};
pub use sensitivity::{Sensitivity, SensitivitySet};
pub use verb::Verb;
