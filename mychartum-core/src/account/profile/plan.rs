//! What comes of changes that somebody proposes: all of it or nothing, as a pure function.

use chrono::{DateTime, Utc};

use crate::access::pack::AccountPolicy;
use crate::kernel::hidden;
use crate::kernel::id::ProposalId;

use super::error::ProposalError;
use super::profile::Profile;
use super::profile_field::{ProfileChange, say_same};
use super::proposal::{Proposal, Proposer, Values};
use super::record::ProfileRecord;
use super::said::Said;
use super::state::ProposalEvent;

/// So many proposals of one patient may wait for the clinic.
pub const MOST_OPEN: usize = 50;

/// What may apply itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Applying {
    /// The parts that the policy names.
    AsThePolicySays,
    /// Nothing: the clinic looks at everything.
    Nothing,
}

/// What changes are planned upon.
pub(crate) struct Ground<'a> {
    pub(crate) record: &'a ProfileRecord,
    /// What holds, as far as whoever proposes sees it.
    pub(crate) seen: &'a Profile,
    /// What all sources say.
    pub(crate) said: &'a Said,
    pub(crate) policy: &'a AccountPolicy,
    pub(crate) applying: Applying,
    pub(crate) now: DateTime<Utc>,
}

/// What comes of changes.
#[derive(Clone)]
pub(crate) struct Plan {
    /// A proposal for each change, in their order: a new one, or the one that says the same already.
    pub(crate) proposals: Vec<Proposal>,
    pub(crate) record: ProfileRecord,
    /// Those that are not open any more, or never were: superseded, or applied.
    pub(crate) closed: Vec<Proposal>,
}

hidden!(Plan);

impl Plan {
    /// Whether anything changes.
    pub(crate) fn is_nothing(&self, before: &ProfileRecord) -> bool {
        self.closed.is_empty() && self.record == *before
    }
}

/// Plans changes.
///
/// 1. A part is named once; a value makes sense; who one is cannot be nothing.
/// 2. What holds already is nothing new.
/// 3. What the same person proposed already is not proposed again; a newer value for the same part supersedes the older one.
///    What others proposed for it stays beside it, and the clinic sees both.
/// 4. What the policy lets apply itself is applied, the rest waits.
pub(crate) fn plan(
    changes: &[ProfileChange],
    by: Proposer,
    ids: &[ProposalId],
    ground: &Ground<'_>,
) -> Result<Plan, ProposalError> {
    if changes.is_empty() {
        return Err(ProposalError::Nothing);
    }
    let (now, policy) = (ground.now, ground.policy);
    let mut plan = Plan { proposals: Vec::new(), record: ground.record.clone(), closed: Vec::new() };
    for (change, id) in changes.iter().zip(ids) {
        let part = change.part();
        if plan.proposals.iter().any(|earlier| earlier.part == part) {
            return Err(ProposalError::Twice(part));
        }
        let new = change.value(now)?;
        let old = ground.seen.value(part);
        if say_same(old, new) {
            return Err(ProposalError::NothingNew(part));
        }
        let of_mine = |known: &&Proposal| known.part == part && known.by.account == by.account;
        let earlier = plan.record.open.iter().find(of_mine).cloned();
        if let Some(earlier) = &earlier {
            if say_same(earlier.new.as_ref(), new) {
                plan.proposals.push(earlier.clone());
                continue;
            }
            plan.closed.push(earlier.after(ProposalEvent::Supersede { by: *id }, now)?);
            plan.record = plan.record.without(earlier.id);
        }
        let values = Values { part, old: old.cloned(), new: new.cloned() };
        let mut proposal = Proposal::new(*id, values, by, now);
        if ground.applying == Applying::AsThePolicySays && policy.applies_itself(part) {
            proposal = proposal.after(ProposalEvent::Apply {}, now)?;
            plan.record.overlay = plan.record.overlay.with(&proposal, ground.said);
            plan.closed.push(proposal.clone());
        } else {
            plan.record.open.push(proposal.clone());
        }
        plan.proposals.push(proposal);
    }
    if plan.record.open.len() > MOST_OPEN.max(ground.record.open.len()) {
        return Err(ProposalError::TooManyOpen);
    }
    Ok(plan)
}
