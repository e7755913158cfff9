//! Policy packs: versioned, dated, cited data.

mod account_policy;
mod band;
mod basis_policy;
mod check;
mod error;
mod form;
#[cfg(test)]
mod form_tests;
#[cfg(test)]
mod good_pack;
mod known;
#[cfg(test)]
mod mutation_tests;
mod parse;
mod parse_access;
mod parse_accounts;
mod parse_bands;
mod parse_release;
mod parse_topics;
mod policy_pack;
mod release_policy;
#[cfg(test)]
mod rules_tests;
mod shipped;
#[cfg(test)]
mod shipped_tests;
mod template;
mod topic;

pub use account_policy::{AccountPolicy, ProfilePart, SecondFactorRule, SharedContacts, ThrottlePolicy};
pub use band::{Authority, Band, LeapDay, OwnAccess, ProxyAccess, Widen};
pub use basis_policy::{AgeRule, BasisPolicy, Evidence, Renewal};
pub use error::{PackError, PackErrorKind};
pub use policy_pack::{
    AssurancePolicy, BY_CONSENT_ONLY, GlassPolicy, InvitationPolicy, PolicyPack, PolicyVersion, Source,
};
pub use release_policy::{Concerns, Delay, ReleasePolicy};
pub use shipped::{EXAMPLE_PACK, OWN_RECORDS_PACK};
pub use template::{Template, TemplateId};
pub use topic::{Topic, TopicSet};
