//! What was applied or accepted, over what sources say.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::access::pack::ProfilePart;
use crate::kernel::hidden;
use crate::kernel::id::{AccountId, ProposalId};

use super::profile_field::ProfileField;
use super::proposal::Proposal;
use super::said::Said;
use super::state::ProposalState;

/// What lies over what sources say of one part.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overlaid {
    /// What it is; none where it was cleared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<ProfileField>,
    /// What sources said then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    over: Vec<ProfileField>,
    /// The proposal that it comes from.
    pub proposal: ProposalId,
    /// The member of staff who verified it; none where it applied itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_by: Option<AccountId>,
    /// Since when.
    pub since: DateTime<Utc>,
}

impl Overlaid {
    /// What a source said since then that none had said before: then the clinic spoke last, and that holds.
    pub(super) fn overtaken_by<'a>(&self, said: &'a Said, part: ProfilePart) -> Option<&'a ProfileField> {
        let known = |new: &ProfileField| self.over.iter().chain(&self.value).any(|known| known.says_same(new));
        said.of(part).find(|new| !known(new))
    }
}

/// What was applied or accepted.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Overlay(BTreeMap<ProfilePart, Overlaid>);

hidden!(Overlaid, Overlay);

impl Overlay {
    /// What lies over a part, whether it holds or was overtaken.
    #[must_use]
    pub fn of(&self, part: ProfilePart) -> Option<&Overlaid> {
        self.0.get(&part)
    }

    /// With what came of a proposal laid over what sources say now.
    ///
    /// INVARIANT (the clinic knows who one is): a legal name and a date of birth change nothing here.
    #[must_use]
    pub fn with(mut self, proposal: &Proposal, said: &Said) -> Self {
        let verified_by = match proposal.state {
            ProposalState::Applied {} => None,
            ProposalState::Accepted { by } => Some(by),
            _ => return self,
        };
        let part = proposal.part;
        if part.may_apply_itself() {
            let over = said.of(part).cloned().collect();
            let (value, proposal, since) = (proposal.new.clone(), proposal.id, proposal.since);
            self.0.insert(part, Overlaid { value, over, proposal, verified_by, since });
        }
        self
    }
}
