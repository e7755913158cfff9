//! Why a grant was not made or moved.

use super::state::GrantState;

/// A grant was not made or moved; nothing changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// From this state it does not go there.
    #[error("grant: {attempted} is not possible from {from:?}")]
    IllegalTransition {
        /// Where it stands.
        from: GrantState,
        /// What was tried.
        attempted: Step,
    },
    /// The same person acts for this patient by as many grants as are looked at already.
    #[error("grant: one person acts for one patient by at most {} grants", super::MOST_OF_ONE)]
    TooMany,
    /// Whoever tried may not.
    #[error("grant: not theirs to do")]
    NotAllowed,
    /// The policy knows no grants of this basis.
    #[error("basis: not known to the policy")]
    BasisUnknown,
    /// It would give more than whoever gives it has.
    #[error("scope: more than the giver has")]
    ScopeTooWide,
    /// It would give nothing.
    #[error("scope: empty")]
    ScopeEmpty,
    /// Records under 42 CFR Part 2 are opened by a written consent, not by a label on a grant.
    #[error("consents: records under 42 CFR Part 2 take a written consent")]
    WrittenConsentNeeded,
    /// It ends before it begins, or begins too far back.
    #[error("time: it ends before it begins")]
    TimeInverted,
    /// It would last longer than the policy allows, or has no end where one is needed.
    #[error("time: longer than the policy allows")]
    TooLong,
    /// What must be shown is missing.
    #[error("evidence: missing")]
    EvidenceMissing,
    /// The day by which an attestation is looked at again is missing or past.
    #[error("evidence: no day of review")]
    NoReview,
    /// The same member of staff has verified it already.
    #[error("verification: a second person is needed")]
    SecondPerson,
    /// The patient may not decide about the own chart at this age.
    #[error("patient: may not decide at this age")]
    PatientTooYoung,
    /// Nobody acts for oneself.
    #[error("proxy: is the patient")]
    OwnChart,
    /// The policy lets nobody give more at this age, or not these people.
    #[error("widening: not by these, or not at this age")]
    NoWidening,
    /// The grant may not be passed on.
    #[error("delegation: not within the grant")]
    NoDelegation,
    /// A reason is needed.
    #[error("reason: not one that this party can give")]
    WrongReason,
}

/// What was tried with a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// Look at a request.
    TakeUp,
    /// Verify it.
    Verify,
    /// Refuse it.
    Deny,
    /// Accept an invitation.
    Accept,
    /// Say no to one.
    Decline,
    /// Agree or refuse as the minor.
    Assent,
    /// Give more than the age does.
    Widen,
    /// Change the scope.
    Rescope,
    /// Narrow it without telling.
    Narrow,
    /// Let it rest.
    Suspend,
    /// Let it stand again.
    Reinstate,
    /// Put it in dispute.
    Dispute,
    /// Renew it.
    Renew,
    /// Let its time end.
    Expire,
    /// End it.
    Revoke,
    /// Give it back.
    Resign,
    /// End it by death.
    EndByDeath,
}

impl core::fmt::Display for Step {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{self:?}")
    }
}
