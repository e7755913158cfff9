//! Policy packs: versioned, dated, cited data.

mod band;
mod basis_policy;
mod policy_pack;
mod release_policy;
mod template;
mod topic;

pub use band::{Authority, Band, LeapDay, OwnAccess, ProxyAccess, Widen};
pub use basis_policy::{AgeRule, BasisPolicy, Evidence, Renewal};
pub use policy_pack::{
    AssurancePolicy, BY_CONSENT_ONLY, GlassPolicy, InvitationPolicy, PolicyPack, PolicyVersion, Source,
};
pub use release_policy::{Concerns, Delay, ReleasePolicy};
pub use template::{Template, TemplateId};
pub use topic::{Topic, TopicSet};
