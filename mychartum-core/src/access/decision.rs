//! What was decided, by which rule, under which grant, and what it obliges to.

use crate::kernel::Obligations;
use crate::kernel::id::GrantId;

use super::pack::PolicyVersion;
use super::rule::Rule;

/// A decision with its reasons. Whoever asked sees only whether it was permitted; the rest is for the audit trail, the
/// privacy officer and the owner of the chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Decision {
    /// Whether it was permitted.
    pub answer: Answer,
    /// By which rule.
    pub rule: Rule,
    /// Under which grant, or which grant came nearest.
    pub grant: Option<GrantId>,
    /// In which of the pack's age bands the patient was, where the age decided.
    pub band: Option<u8>,
    /// What a permit obliges to; none on a refusal.
    pub obligations: Obligations,
    /// Which version of the policy decided.
    pub policy: PolicyVersion,
}

/// Whether something was permitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answer {
    /// It may be done.
    Permit,
    /// It may not.
    Deny,
}

impl Decision {
    /// Whether it was permitted.
    #[must_use]
    pub const fn is_permit(&self) -> bool {
        matches!(self.answer, Answer::Permit)
    }
}
