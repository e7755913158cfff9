//! Proposing a change of a profile, and taking it back.

use crate::access::pack::AccountPolicy;
use crate::account::profile::{
    Ground, Plan, ProfileChange, ProfilePart, Proposal, ProposalError, ProposalEvent, Proposer, plan,
};
use crate::audit::{Action, Actor, Facts, Outcome, Purpose, SectionBits};
use crate::chart::{Section, SectionSet};
use crate::kernel::id::{ItemId, PatientId, ProposalId};
use crate::ledger::{Change, Failure};
use crate::port::storage::{Partition, RowId};

use super::super::grant_change::lost_race;
use super::super::queue::Queue;
use super::super::session::Session;
use super::error::ProfileError;
use super::reading::{Seen, said};
use super::store::proposal_row;

impl Session {
    /// Proposes changes of the profile of an own chart, or of one that this account manages: all of them or none.
    ///
    /// A part that the policy lets apply itself holds at once ([`AccountPolicy::applies_itself`]); all others wait for the clinic.
    /// Returns a proposal for each change, in their order. What this account proposed already is not proposed again, and a newer
    /// value for a part supersedes what it proposed earlier for it.
    ///
    /// # Errors
    /// [`ProfileError::NotFound`] as for [`profile`](Self::profile); [`ProfileError::Refused`] names the part and the rule, and
    /// then nothing was proposed; [`ProfileError::NotOffered`] where the account only reads.
    pub async fn propose(&self, patient: PatientId, changes: &[ProfileChange]) -> Result<Vec<Proposal>, ProfileError> {
        let seen = self.see_to_change(patient).await?;
        let ledger = &self.portal.ledger;
        let policy: &AccountPolicy = self.portal.policy.accounts();
        // More changes than there are parts name one of them twice.
        let mut ids = Vec::new();
        for _ in changes.iter().take(ProfilePart::ALL.len() + 1) {
            ids.push(ProposalId::from_bytes(ledger.random_id().map_err(Failure::from)?));
        }
        loop {
            let (head, applying) = self.head_to_change(&seen).await?;
            let (record, version) = ledger.profile_record(patient).await?;
            let all_said = said(&self.portal.all_demographics(patient).await?);
            let now = ledger.now();
            let ground = Ground {
                record: &record,
                seen: &seen.profile(&record.overlay),
                said: &all_said,
                policy,
                applying,
                now,
            };
            let planned = match plan(changes, seen.by, &ids, &ground) {
                Ok(planned) => planned,
                Err(error) => return Err(self.refused(patient, seen.by, None, error).await),
            };
            if planned.is_nothing(&record) {
                return Ok(planned.proposals);
            }
            // Queued first: a row of the queue without a proposal is passed over, a proposal without one would wait for ever.
            for proposal in &planned.record.open {
                if ids.contains(&proposal.id) {
                    self.portal.enqueue(Queue::Profiles, patient, proposal_row(proposal.id)).await?;
                }
            }
            let count = u32::try_from(planned.proposals.len()).unwrap_or(u32::MAX);
            let facts = Facts { count, ..self.profile_facts(patient, seen.by, Outcome::Permitted) };
            let Plan { proposals, record, closed } = planned;
            let written = ledger.write_profile((patient, head), (&record, version), &closed, facts).await;
            if lost_race(&written) {
                continue;
            }
            written?;
            for proposal in closed.iter().filter(|proposal| !ids.contains(&proposal.id)) {
                self.portal.dequeue(Queue::Profiles, proposal_row(proposal.id)).await?;
            }
            return Ok(proposals);
        }
    }

    /// Takes a proposal back: one's own, or anybody's on an own chart.
    ///
    /// # Errors
    /// [`ProfileError::NotFound`] for any other; [`ProfileError::Refused`] with [`ProposalError::Illegal`] for one that is not
    /// open any more.
    pub async fn withdraw_proposal(&self, patient: PatientId, id: ProposalId) -> Result<Proposal, ProfileError> {
        let seen = self.see_to_change(patient).await?;
        let event = ProposalEvent::Withdraw { by: self.live.account };
        let ledger = &self.portal.ledger;
        loop {
            let (head, _) = self.head_to_change(&seen).await?;
            let (record, version) = ledger.profile_record(patient).await?;
            let now = ledger.now();
            let known = match record.find(id) {
                Some(open) => Some(open.clone()),
                None => ledger.closed_proposal(patient, id).await?,
            };
            let proposal = known.filter(|proposal| seen.sees(proposal)).ok_or(ProfileError::NotFound)?;
            let withdrawn = match proposal.after(event, now) {
                Ok(withdrawn) => withdrawn,
                Err(error) => return Err(self.refused(patient, seen.by, Some(id), error).await),
            };
            let facts = Facts {
                record: Some(item_of(id)),
                account: Some(proposal.by.account),
                ..self.profile_facts(patient, seen.by, Outcome::Permitted)
            };
            let (left, closed) = (record.without(id), [withdrawn.clone()]);
            let written = ledger.write_profile((patient, head), (&left, version), &closed, facts).await;
            if lost_race(&written) {
                continue;
            }
            written?;
            self.portal.dequeue(Queue::Profiles, proposal_row(id)).await?;
            return Ok(withdrawn);
        }
    }

    async fn see_to_change(&self, patient: PatientId) -> Result<Seen, ProfileError> {
        let seen = self.see_profile(patient).await?;
        if self.live.state.may_write() { Ok(seen) } else { Err(ProfileError::NotOffered) }
    }

    /// Writes down that something was tried that a rule stands against (INVARIANT (tries are told)).
    async fn refused(
        &self,
        patient: PatientId,
        by: Proposer,
        id: Option<ProposalId>,
        error: ProposalError,
    ) -> ProfileError {
        let facts = Facts { record: id.map(item_of), ..self.profile_facts(patient, by, Outcome::Refused) };
        match self.portal.ledger.record(Change::none(Partition::patient(patient)), facts).await {
            Ok(_) => error.into(),
            Err(failure) => failure.into(),
        }
    }

    /// What is written down: who, for whom, by which grant.
    fn profile_facts(&self, patient: PatientId, by: Proposer, outcome: Outcome) -> Facts {
        let now = self.portal.ledger.now();
        Facts {
            session: Some(self.live.id),
            grant: by.grant.map(|grant| RowId::from_bytes(grant.to_bytes())),
            ..facts_of(patient, Actor::Account(by.account), outcome, now)
        }
    }
}

/// What every entry about a profile says.
pub(super) fn facts_of(
    patient: PatientId,
    actor: Actor,
    outcome: Outcome,
    now: chrono::DateTime<chrono::Utc>,
) -> Facts {
    Facts {
        subject: Some(patient),
        sections: SectionBits::from_bits(SectionSet::from(Section::Demographics).bits()),
        ..Facts::new(now, actor, Action::Profile, Purpose::Operations, outcome)
    }
}

/// A proposal as the one thing that an entry is about.
pub(super) const fn item_of(id: ProposalId) -> ItemId {
    ItemId::from_bytes(id.to_bytes())
}
