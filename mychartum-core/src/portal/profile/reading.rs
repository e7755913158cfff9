//! Reading a profile: asked for, written down, and only then read.

use core::cmp::Ordering;

use crate::access::{Ask, Permit, Verb};
use crate::account::profile::{Applying, Overlay, Profile, ProfileRecord, Proposal, Proposer, Said};
use crate::audit::{Actor, Purpose};
use crate::chart::{Item, Patient, Provenance, Section, View};
use crate::kernel::hidden;
use crate::kernel::id::PatientId;
use crate::ledger::{Failure, decode, section_collection};
use crate::port::storage::{Head, Partition};
use crate::sync::ItemRecord;

use super::super::asking::Still;
use super::super::listing::Page;
use super::super::portal::Portal;
use super::super::session::Session;
use super::error::ProfileError;
use super::view::ProfileView;

/// The country of telephone numbers that sources send without theirs.
const CALLING_CODE: u16 = 1;

/// What somebody sees of a profile, by a permit that was written down.
pub(super) struct Seen {
    ask: Ask,
    also: Option<Verb>,
    pub(super) by: Proposer,
    pub(super) sources: Vec<Item<Patient>>,
    /// Whether that is all there is.
    whole: bool,
}

hidden!(Seen);

impl Seen {
    /// What holds, as far as it is seen.
    ///
    /// INVARIANT (nothing by a detour): from whom a source's record of the patient is hidden, what lies over that record is hidden
    /// too, or a new address would tell what the hidden one does not.
    pub(super) fn profile(&self, overlay: &Overlay) -> Profile {
        let said = said(self.sources.iter().map(|item| &item.view));
        if self.whole { Profile::new(&said, overlay) } else { Profile::new(&said, &Overlay::default()) }
    }

    /// Whether a proposal may be seen: the patient sees all of them, a proxy the own ones.
    pub(super) fn sees(&self, proposal: &Proposal) -> bool {
        self.by.grant.is_none() || proposal.by.account == self.by.account
    }
}

pub(super) fn said<'a>(sources: impl IntoIterator<Item = &'a Patient>) -> Said {
    Said::by(sources, CALLING_CODE)
}

impl Session {
    /// The profile of an own chart, or of one that this account manages: what sources say, what holds, and what waits.
    ///
    /// It is a disclosure of demographics, and is written down as one before anything is read.
    ///
    /// # Errors
    /// [`ProfileError::NotFound`] for a chart that does not exist as for one that this account may not manage, also where it may
    /// look at it.
    pub async fn profile(&self, patient: PatientId) -> Result<ProfileView, ProfileError> {
        let seen = self.see_profile(patient).await?;
        let ledger = &self.portal.ledger;
        let (record, _) = ledger.profile_record(patient).await?;
        let mut closed = ledger.closed_proposals(patient).await?;
        let ProfileRecord { overlay, mut open } = record;
        open.retain(|proposal| seen.sees(proposal));
        closed.retain(|proposal| seen.sees(proposal));
        Ok(ProfileView { profile: seen.profile(&overlay), sources: seen.sources, open, closed })
    }

    /// Asks for the demographics of a chart as somebody who manages them, and reads them.
    pub(super) async fn see_profile(&self, patient: PatientId) -> Result<Seen, ProfileError> {
        if !self.is_live().await? {
            return Err(ProfileError::SessionEnded);
        }
        let portal = &self.portal;
        let ask = Ask {
            actor: Actor::Account(self.live.account),
            session: Some(self.live.id),
            patient,
            sections: Section::Demographics.into(),
            purpose: Purpose::Care,
            at: portal.ledger.now(),
        };
        // Whoever acts for somebody else has to be given more than a look.
        let also = if self.live.own.contains(&patient) { None } else { Some(Verb::Manage) };
        let life = portal.settings.permit_life;
        let permit = portal.ledger.ask_also(ask, self.who(), also, &portal.policy, life).await?;
        let by = Proposer { account: self.live.account, grant: permit.grant() };
        let sources = portal.demographics_by(permit).await?;
        let whole = sources.len() == portal.all_demographics(patient).await?.len();
        Ok(Seen { ask, also, by, sources, whole })
    }
}

impl Session {
    /// The head of a chart that this account may still change the profile of, for a change that is decided upon it; and whether
    /// what applies itself may.
    ///
    /// INVARIANT (nothing behind the patient's back): whoever does not see all of who the patient is, or from whom it was taken
    /// without telling, changes nothing that no member of staff looked at.
    pub(super) async fn head_to_change(&self, seen: &Seen) -> Result<(Head, Applying), ProfileError> {
        let (ledger, policy) = (&self.portal.ledger, &*self.portal.policy);
        let head = ledger.head(Partition::patient(seen.ask.patient)).await?;
        let ask = Ask { at: ledger.now(), ..seen.ask };
        match ledger.still_permits(&ask, self.who(), seen.also, policy).await? {
            Still::Truly if seen.whole => Ok((head, Applying::AsThePolicySays)),
            Still::Truly | Still::ForAllTheyKnow => Ok((head, Applying::Nothing)),
            Still::NotAtAll => {
                // It ended in between: asking again writes the refusal down.
                self.see_profile(ask.patient).await?;
                Err(ProfileError::NotFound)
            }
        }
    }
}

impl Portal {
    /// What a permit shows of who the patient is, the newest first.
    pub(super) async fn demographics_by(&self, permit: Permit) -> Result<Vec<Item<Patient>>, ProfileError> {
        let mut sources = self.disclose(permit)?.demographics(Page::ALL).await?.items;
        sources.sort_by(|one, other| newer_first(&one.provenance, &other.provenance));
        Ok(sources)
    }

    /// What all sources say now, the newest first. Nobody is shown it: it is what a decision is made upon.
    pub(super) async fn all_demographics(&self, patient: PatientId) -> Result<Vec<Patient>, Failure> {
        let (partition, collection) = (Partition::patient(patient), section_collection(Section::Demographics));
        let mut all = Vec::new();
        for row in self.ledger.all_rows(partition, collection).await? {
            let item: ItemRecord = decode(&self.ledger.open_own(&row).await?, "item")?;
            if let View::Patient(view) = item.view
                && view.standing().is_fact()
            {
                all.push((item.provenance, *view));
            }
        }
        all.sort_by(|(one, _), (other, _)| newer_first(one, other));
        Ok(all.into_iter().map(|(_, view)| view).collect())
    }
}

/// By when what they say came here; of two at once the name of the source decides, so that it is the same each time.
fn newer_first(one: &Provenance, other: &Provenance) -> Ordering {
    let key = |of: &Provenance| (of.received_at, of.source.clone());
    key(other).cmp(&key(one))
}
