//! A proposal: one part of a profile, what it was, and what it is to be.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::access::pack::ProfilePart;
use crate::kernel::hidden;
use crate::kernel::id::{AccountId, GrantId, ProposalId};

use super::error::ProposalError;
use super::profile_field::{ProfileField, say_same};
use super::state::{ProposalEvent, ProposalState};

/// Who proposed a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Proposer {
    /// Whose account.
    pub account: AccountId,
    /// The grant acted under; none for the patient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<GrantId>,
}

/// A change of one part of a profile that somebody proposed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Which one.
    pub id: ProposalId,
    /// Which part.
    pub part: ProfilePart,
    /// What held when it was proposed, as far as whoever proposed it sees it; none where nothing did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old: Option<ProfileField>,
    /// What it is to be; none where it is to be nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<ProfileField>,
    /// Who proposed it.
    pub by: Proposer,
    /// When.
    pub proposed_at: DateTime<Utc>,
    /// Where it stands.
    pub state: ProposalState,
    /// Since when it stands there.
    pub since: DateTime<Utc>,
}

impl core::fmt::Debug for Proposal {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Proposal({})", self.id)
    }
}

hidden!(Values);

/// What a new proposal is about.
pub(super) struct Values {
    pub(super) part: ProfilePart,
    pub(super) old: Option<ProfileField>,
    pub(super) new: Option<ProfileField>,
}

impl Proposal {
    pub(super) fn new(id: ProposalId, values: Values, by: Proposer, now: DateTime<Utc>) -> Self {
        let Values { part, old, new } = values;
        Self { id, part, old, new, by, proposed_at: now, state: ProposalState::OPEN, since: now }
    }

    /// It after something happened.
    ///
    /// # Errors
    /// [`ProposalError::Illegal`] where it is not open any more; [`ProposalError::OwnProposal`] where staff decide about what
    /// they proposed themselves.
    pub fn after(&self, event: ProposalEvent, now: DateTime<Utc>) -> Result<Self, ProposalError> {
        let state = self.state.after(event)?;
        if let ProposalEvent::Accept { by } | ProposalEvent::Reject { by, .. } = event
            && by == self.by.account
        {
            return Err(ProposalError::OwnProposal);
        }
        Ok(Self { state, since: now, ..self.clone() })
    }

    /// Whether what holds now is neither what held when it was proposed nor what it is to be: then somebody else changed it in
    /// between, and staff see all three.
    #[must_use]
    pub fn conflicts_with(&self, now: Option<&ProfileField>) -> bool {
        !say_same(self.old.as_ref(), now) && !say_same(self.new.as_ref(), now)
    }
}
