//! What the clinic does with proposals: a queue, a look at each, and a decision for each field.
//!
//! Who is staff is the host's affair; each call names the member of staff, and the patient's trail keeps the name.

use chrono::{DateTime, Utc};

use crate::access::{Ask, Question, Role, Verb, Viewer, Who};
use crate::account::profile::{
    Profile, ProfileField, ProfilePart, Proposal, ProposalError, ProposalEvent, ProposalState, Proposer, RejectReason,
};
use crate::audit::{Actor, Facts, Outcome, Purpose, ReasonCode};
use crate::chart::Section;
use crate::kernel::hidden;
use crate::kernel::id::{AccountId, PatientId, ProposalId};
use crate::ledger::{Change, Failure, Stored, decode};
use crate::notify::{LinkOf, Planned, Recipient};
use crate::port::notifier::Notice;
use crate::port::storage::{Partition, RowId};

use super::super::grant_change::lost_race;
use super::super::portal::Portal;
use super::super::queue::Queue;
use super::error::ProfileError;
use super::proposing::{facts_of, item_of};
use super::reading::said;
use super::store::proposal_row;

/// A proposal in the clinic's queue: that there is one, and not what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProfileWaiting {
    /// Whose profile.
    pub patient: PatientId,
    /// Which proposal.
    pub proposal: ProposalId,
    /// Which part.
    pub part: ProfilePart,
    /// Who proposed it.
    pub by: Proposer,
    /// When.
    pub proposed_at: DateTime<Utc>,
}

/// A proposal as staff see it, beside what holds now.
pub struct ProfileCase {
    /// The proposal, with the value that held when it was made.
    pub proposal: Proposal,
    /// What holds now; none where nothing does.
    pub now: Option<ProfileField>,
    /// Whether that was changed by somebody else since it was proposed.
    pub is_conflict: bool,
    /// Whether whoever proposed it may still manage the profile, in truth: not so where it was taken from them without telling, or
    /// where their grant ended. Always so for the patient.
    pub is_backed: bool,
}

hidden!(ProfileCase);

/// What staff decide about a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProfileDecision {
    /// It is taken over. It is not where what holds was changed in between.
    Accept,
    /// It is taken over although what holds was changed in between.
    AcceptDespiteConflict,
    /// It is not taken over.
    Reject(RejectReason),
}

impl Portal {
    /// The proposals that wait for the clinic, the oldest first. It names parts and no values.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn profile_queue(&self) -> Result<Vec<ProfileWaiting>, Failure> {
        let mut waiting = Vec::new();
        for row in self.ledger.all_rows(self.queue(Queue::Profiles), Stored::RECORD).await? {
            let patient: PatientId = decode(&self.ledger.open_own(&row).await?, "queue")?;
            let id = ProposalId::from_bytes(row.row.to_bytes());
            let (record, _) = self.ledger.profile_record(patient).await?;
            if let Some(&Proposal { part, by, proposed_at, .. }) = record.find(id) {
                waiting.push(ProfileWaiting { patient, proposal: id, part, by, proposed_at });
            }
        }
        // Of what was proposed at once, the order of the parts is the same each time.
        waiting.sort_by_key(|one| (one.proposed_at, one.patient, one.part));
        Ok(waiting)
    }

    /// What waits of one patient, for a member of staff: for each field the value when it was proposed, the value now and the new
    /// one. The patient's trail says who looked.
    ///
    /// # Errors
    /// [`ProfileError::NotFound`] where there is no such chart.
    pub async fn profile_cases(&self, staff: AccountId, patient: PatientId) -> Result<Vec<ProfileCase>, ProfileError> {
        let ask = Ask {
            actor: Actor::Account(staff),
            session: None,
            patient,
            sections: Section::Demographics.into(),
            purpose: Purpose::Operations,
            at: self.ledger.now(),
        };
        // The clinic's own view of who a patient is, which is all that this shows.
        let who = Who { tenant: self.ledger.vault.tenant(), role: Role::Host, assurance: u8::MAX };
        let permit = self.ledger.ask(ask, who, &self.policy, self.settings.permit_life).await?;
        let sources = self.demographics_by(permit).await?;
        let (record, _) = self.ledger.profile_record(patient).await?;
        let profile = Profile::new(&said(sources.iter().map(|item| &item.view)), &record.overlay);
        let standing = self.ledger.chart_standing(patient, &self.policy).await?;
        let at = self.ledger.now();
        let index = standing.index(&self.policy, at);
        let stands = |by: Proposer| {
            let role = Role::Account { account: by.account, own: &[], app: None };
            let who = Who { tenant: self.ledger.vault.tenant(), role, assurance: u8::MAX };
            let question = Question { who, purpose: Purpose::Care, verb: Verb::Manage, at };
            let viewer = Viewer::new(&question, &standing.subject, &index, &self.policy);
            by.grant.is_none() || viewer.truly_asks(Section::Demographics).is_permit()
        };
        let case = |proposal: Proposal| {
            let now = profile.value(proposal.part);
            let (is_conflict, is_backed) = (proposal.conflicts_with(now), stands(proposal.by));
            ProfileCase { now: now.cloned(), is_conflict, is_backed, proposal }
        };
        Ok(record.open.into_iter().map(case).collect())
    }

    /// A member of staff decides about a proposal. Whoever proposed it is told that it was decided.
    ///
    /// An accepted legal name or date of birth changes nothing here: the clinic's own system is where it is changed, and its new
    /// value comes by intake. Until then every decision about access uses what sources say.
    ///
    /// # Errors
    /// [`ProfileError::Refused`]: [`ProposalError::Conflict`] for [`ProfileDecision::Accept`] where what holds was changed since it was
    /// proposed, [`ProposalError::Illegal`] for one that is not open any more, [`ProposalError::OwnProposal`];
    /// [`ProfileError::NotFound`].
    pub async fn decide_profile(
        &self,
        staff: AccountId,
        patient: PatientId,
        id: ProposalId,
        decision: ProfileDecision,
    ) -> Result<ProposalState, ProfileError> {
        let (event, reason) = match decision {
            ProfileDecision::Accept | ProfileDecision::AcceptDespiteConflict => {
                (ProposalEvent::Accept { by: staff }, None)
            }
            ProfileDecision::Reject(reason) => (ProposalEvent::Reject { by: staff, reason }, Some(reason)),
        };
        loop {
            let head = self.ledger.head(Partition::patient(patient)).await?;
            let (record, version) = self.ledger.profile_record(patient).await?;
            let known = match record.find(id) {
                Some(open) => Some(open.clone()),
                None => self.ledger.closed_proposal(patient, id).await?,
            };
            let proposal = known.ok_or(ProfileError::NotFound)?;
            let now = self.ledger.now();
            let all_said = said(&self.all_demographics(patient).await?);
            let held = Profile::new(&all_said, &record.overlay);
            let decided = match proposal.after(event, now) {
                Ok(_) if decision == ProfileDecision::Accept && proposal.conflicts_with(held.value(proposal.part)) => {
                    Err(ProposalError::Conflict(proposal.part))
                }
                decided => decided,
            };
            let facts = Facts {
                account: Some(proposal.by.account),
                grant: proposal.by.grant.map(|grant| RowId::from_bytes(grant.to_bytes())),
                record: Some(item_of(id)),
                reason: reason.map(|reason| ReasonCode::new(reason.number())),
                ..facts_of(patient, Actor::Account(staff), Outcome::Permitted, now)
            };
            let decided = match decided {
                Ok(decided) => decided,
                Err(error) => {
                    let facts = Facts { outcome: Outcome::Refused, ..facts };
                    self.ledger.record(Change::none(Partition::patient(patient)), facts).await?;
                    return Err(error.into());
                }
            };
            let mut left = record.without(id);
            left.overlay = left.overlay.with(&decided, &all_said);
            let closed = [decided.clone()];
            let written = self.ledger.write_profile((patient, head), (&left, version), &closed, facts).await;
            if lost_race(&written) {
                continue;
            }
            written?;
            self.tell_of_decision(patient, &decided, now).await?;
            self.dequeue(Queue::Profiles, proposal_row(id)).await?;
            return Ok(decided.state);
        }
    }

    /// Tells whoever proposed it, unless they lost the grant that it was proposed under.
    async fn tell_of_decision(
        &self,
        patient: PatientId,
        decided: &Proposal,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let account = decided.by.account;
        let grant = decided.by.grant.map(|grant| (patient, grant));
        let planned = Planned { grant, ..Planned::new(Notice::ProfileDecided, Recipient::Account(account), now) };
        let planned = planned.with_link(LinkOf::SignIn);
        self.ledger.plan_for(account, planned, &[b"profile", &decided.id.to_bytes()]).await
    }
}
