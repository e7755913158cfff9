//! What was decided, by which rule, under which grant, and what it obliges to.

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

/// What a permit obliges to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Obligations(u8);

impl Obligations {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// Say that there is something, and show it when the patient taps: the patient's own wish.
    pub const HIDE_UNTIL_TAP: Self = Self(1);
    /// Tell the patient that someone looked.
    pub const NOTIFY_PATIENT: Self = Self(2);
    /// Have the privacy officer look at it again.
    pub const SECOND_LOOK: Self = Self(4);
    /// Show the notice against redisclosure with it (42 CFR 2.32).
    pub const PART2_NOTICE: Self = Self(8);

    /// These and those.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of the others are among them.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The bits.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }
}
