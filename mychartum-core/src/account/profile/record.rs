//! What is stored of a profile: what lies over the sources, and what waits.

use serde::{Deserialize, Serialize};

use crate::kernel::hidden;
use crate::kernel::id::ProposalId;

use super::overlay::Overlay;
use super::proposal::Proposal;

/// What is stored of a profile, in one row, so that a change of it is one compare-and-set. What was decided has rows of its own.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct ProfileRecord {
    #[serde(default)]
    pub(crate) overlay: Overlay,
    /// What waits for the clinic, the oldest first.
    #[serde(default)]
    pub(crate) open: Vec<Proposal>,
}

hidden!(ProfileRecord);

impl ProfileRecord {
    /// An open proposal.
    pub(crate) fn find(&self, id: ProposalId) -> Option<&Proposal> {
        self.open.iter().find(|proposal| proposal.id == id)
    }

    /// Without an open proposal.
    pub(crate) fn without(&self, id: ProposalId) -> Self {
        let open = self.open.iter().filter(|proposal| proposal.id != id).cloned().collect();
        Self { overlay: self.overlay.clone(), open }
    }
}
