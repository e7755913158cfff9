//! The profile: what people say of themselves, as proposals that the clinic decides about.
//!
//! What sources say stays as it came. A change is a [`Proposal`] for one [`ProfilePart`]; a policy lets some parts apply
//! themselves, all others wait for staff. What was applied or accepted lies over what sources say ([`Overlay`]) until a source
//! says something new. Everything here is a pure function over values.
//!
//! INVARIANT (the clinic knows who one is): a legal name or a date of birth is never laid over what sources say, whoever accepts
//! it. Acceptance is the clinic's word that it will change its own system; the new value comes from there, by intake, and until
//! it does every decision about access uses the old one.

mod emergency_contact;
mod error;
mod few;
mod insurer;
mod legal_name;
mod line;
mod overlay;
mod pharmacy;
mod plan;
#[cfg(test)]
mod plan_tests;
mod postal_address;
#[allow(clippy::module_inception, reason = "each file is named after its main type")]
mod profile;
mod profile_field;
mod proposal;
mod record;
mod said;
mod state;

pub use emergency_contact::EmergencyContact;
pub use error::{FieldError, ProposalError};
pub use few::Few;
pub use insurer::{Insurer, PolicyHolder};
pub use legal_name::LegalName;
pub use line::{Line, LineError};
pub use overlay::{Overlaid, Overlay};
pub use pharmacy::Pharmacy;
pub use plan::MOST_OPEN;
pub(crate) use plan::{Applying, Ground, Plan, plan};
pub use postal_address::PostalAddress;
pub use profile::{Held, Origin, Profile};
pub use profile_field::{ProfileChange, ProfileField};
pub use proposal::{Proposal, Proposer};
pub(crate) use record::ProfileRecord;
pub use said::Said;
pub use state::{IllegalProposal, ProposalEvent, ProposalEventKind, ProposalState, ProposalStateKind, RejectReason};

pub use crate::access::pack::ProfilePart;
