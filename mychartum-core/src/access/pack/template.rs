//! Templates: bundles of rights with a name.

use super::topic::TopicSet;
use crate::access::{Scope, SensitivitySet};

/// A place in a pack's list of templates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TemplateId(pub(in crate::access) u8);

/// A bundle of rights with a name: full, limited-teen, scheduling-only ...
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Its name in the pack.
    pub name: Box<str>,
    /// What may be done with which sections.
    pub scope: Scope,
    /// Items with these labels are shown without a consent of their own; never one of [`BY_CONSENT_ONLY`](super::BY_CONSENT_ONLY).
    pub shown: SensitivitySet,
    /// Items of these topics are left out.
    pub hides: TopicSet,
}
