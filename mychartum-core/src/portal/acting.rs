//! What a patient and a proxy do about who acts for whom.

use chrono::{DateTime, NaiveDate, Utc};

use crate::access::grant::{
    BirthDateEntered, By, DeclineReason, GrantError, GrantState, LegalBasis, NewGrant, ProxyGrant, Relation,
    RevokeReason, SuspendReason,
};
use crate::access::{Assent, Question, Scope, SensitivitySet, Verb, Viewer, own_scope};
use crate::account::TokenUse;
use crate::audit::{Action, Outcome, Purpose};
use crate::chart::{Section, SectionSet};
use crate::kernel::id::{AccountId, GrantId, PatientId};
use crate::ledger::{Change, Draft, Failure, Stored, decode, encode};
use crate::port::storage::{Partition, RowId};

use super::chart_standing::{GrantRecord, SubjectRecord};
use super::grant_change::{Changer, ProxyError, lost_race};
use super::invitation::InvitationToken;
use super::session::Session;

/// What a patient offers someone.
#[derive(Debug, Clone, Copy)]
pub struct Offer {
    /// What they are to the patient.
    pub relation: Relation,
    /// What they may do.
    pub scope: Scope,
    /// The labels that the patient consents to show.
    pub consents: SensitivitySet,
    /// Until when, exclusive.
    pub until: DateTime<Utc>,
}

/// What an invitation offers, as the invited person may know it before the date of birth is right: not whose chart it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offered {
    /// What the two are to each other, as whoever invited said.
    pub relation: Relation,
    /// Why it is lawful.
    pub basis: LegalBasis,
    /// What they may do.
    pub scope: Scope,
    /// Until when, exclusive; none where it lasts until it is ended.
    pub until: Option<DateTime<Utc>>,
}

/// Someone whom an account acts for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActingFor {
    /// Whose chart.
    pub patient: PatientId,
    /// By which grant.
    pub grant: GrantId,
    /// What the two are to each other.
    pub relation: Relation,
    /// Why it is lawful.
    pub basis: LegalBasis,
    /// Until when; none where it lasts until it is ended.
    pub until: Option<DateTime<Utc>>,
    /// Where it stands: live, or in dispute, in which case less of it is left and both sides are told so.
    pub state: GrantState,
    /// The sections that may be asked for now.
    pub sections: SectionSet,
}

impl Session {
    /// Who acts for the patient of an own chart, since when, on what basis: every grant there ever was, the newest first.
    ///
    /// # Errors
    /// [`ProxyError::NotFound`] for any other chart.
    pub async fn grants(&self, patient: PatientId) -> Result<Vec<ProxyGrant>, ProxyError> {
        self.own(patient).await?;
        let standing = self.portal.ledger.chart_standing(patient, &self.portal.policy).await?;
        let mut grants: Vec<ProxyGrant> = standing.grants.into_iter().map(|(record, _)| record.grant).collect();
        grants.sort_by_key(|grant| (core::cmp::Reverse(grant.from()), grant.id()));
        Ok(grants)
    }

    /// Invites someone to act for the patient of an own chart. The token is for the invited person, told by another way than
    /// the patient's date of birth.
    ///
    /// # Errors
    /// [`ProxyError::Refused`]: more than the patient has, longer than the policy allows, too young to decide.
    pub async fn invite(&self, patient: PatientId, offer: &Offer) -> Result<(GrantId, InvitationToken), ProxyError> {
        self.own(patient).await?;
        self.fresh()?;
        let ledger = &self.portal.ledger;
        let standing = ledger.chart_standing(patient, &self.portal.policy).await?;
        let now = ledger.now();
        let id = GrantId::from_bytes(ledger.random_id().map_err(Failure::from)?);
        let new = NewGrant {
            id,
            relation: offer.relation,
            basis: LegalBasis::PatientConsent,
            scope: offer.scope,
            consents: offer.consents,
            from: now,
            until: Some(offer.until),
            evidence: None,
        };
        let grant = ProxyGrant::invite(&new, self.live.account, &standing.subject, &self.portal.policy, now)?;
        let (token, hash) = InvitationToken::new(patient, id, &*ledger.entropy).map_err(Failure::from)?;
        let record = GrantRecord { grant, invitation: Some(hash) };
        ledger.put_grant(&record, self.as_patient(), Action::GrantInvited).await?;
        Ok((id, token))
    }

    /// What an invitation offers. It says nothing of the patient.
    ///
    /// # Errors
    /// [`ProxyError::NotFound`] for a token that is unknown, used, expired, over, or meant for another account, all alike.
    pub async fn offered(&self, token: &InvitationToken) -> Result<Offered, ProxyError> {
        let (patient, id) = self.invited(token).await?;
        let standing = self.portal.ledger.chart_standing(patient, &self.portal.policy).await?;
        let (record, _) = standing.grant(id).ok_or(ProxyError::NotFound)?;
        let (grant, now) = (&record.grant, self.portal.ledger.now());
        let open = grant.state() == GrantState::Invited && grant.accept_by().is_some_and(|end| now < end);
        let meant = grant.proxy().is_none_or(|proxy| proxy == self.live.account);
        if !open || !meant || self.live.own.contains(&patient) {
            return Err(ProxyError::NotFound);
        }
        let (relation, basis, scope, until) = (grant.relation(), grant.basis(), grant.scope(), grant.until());
        Ok(Offered { relation, basis, scope, until })
    }

    /// Accepts an invitation, with the patient's date of birth.
    ///
    /// # Errors
    /// [`ProxyError::NotFound`] for a token that is unknown, used, expired or over, all alike;
    /// [`ProxyError::WrongBirthDate`].
    pub async fn accept(&self, token: &InvitationToken, born: NaiveDate) -> Result<ActingFor, ProxyError> {
        let (patient, id) = self.invited(token).await?;
        let (account, policy) = (self.live.account, &*self.portal.policy);
        if self.live.own.contains(&patient) {
            return Err(GrantError::OwnChart.into());
        }
        let changer = self.as_proxy();
        let step = |grant: &ProxyGrant, standing: &super::chart_standing::ChartStanding, now| {
            // Where sources do not agree, or know a year only, nobody can enter it right: the clinic has to mend it first.
            let right = !standing.born.is_empty() && standing.born.iter().all(|known| known.day() == Some(born));
            let entered = if right { BirthDateEntered::Right } else { BirthDateEntered::Wrong };
            grant.accept(By::Proxy(account), entered, &standing.subject, policy, now)
        };
        let ledger = &self.portal.ledger;
        let moved = ledger.move_grant(policy, patient, id, changer, Action::GrantGiven, step).await;
        let moved = moved.map_err(|error| match error {
            // A token that was used or is over is as good as none.
            ProxyError::Refused(GrantError::IllegalTransition { .. } | GrantError::NotAllowed) => ProxyError::NotFound,
            other => other,
        })?;
        if matches!(moved.state(), GrantState::Invited | GrantState::Denied(_)) {
            return Err(ProxyError::WrongBirthDate);
        }
        ledger.note_acting(&moved, changer).await?;
        let acting = self.acting_for().await?;
        acting.into_iter().find(|acting| acting.grant == id).ok_or(ProxyError::NotFound)
    }

    /// Says no to an invitation.
    ///
    /// # Errors
    /// [`ProxyError::NotFound`] as for [`accept`](Self::accept).
    pub async fn decline(&self, token: &InvitationToken, reason: DeclineReason) -> Result<(), ProxyError> {
        let (patient, id) = self.invited(token).await?;
        let by = By::Proxy(self.live.account);
        let step = |grant: &ProxyGrant, _: &_, now| grant.decline(by, reason, now);
        let (ledger, policy) = (&self.portal.ledger, &*self.portal.policy);
        ledger.move_grant(policy, patient, id, self.as_proxy(), Action::GrantDeclined, step).await.map(drop)
    }

    /// For whom this account acts now. A grant that lets nothing through is left out.
    ///
    /// # Errors
    /// [`ProxyError::SessionEnded`], [`ProxyError::Failure`].
    pub async fn acting_for(&self) -> Result<Vec<ActingFor>, ProxyError> {
        if !self.is_live().await? {
            return Err(ProxyError::SessionEnded);
        }
        let (ledger, policy) = (&self.portal.ledger, &*self.portal.policy);
        let mut acting = Vec::new();
        for row in ledger.all_rows(Partition::account(self.live.account), Stored::ACTING).await? {
            let patient: PatientId = decode(&ledger.open_own(&row).await?, "acting")?;
            let id = GrantId::from_bytes(row.row.to_bytes());
            let standing = ledger.chart_standing(patient, policy).await?;
            let Some((record, _)) = standing.grant(id) else { continue };
            let question = Question { who: self.who(), purpose: Purpose::Care, verb: Verb::View, at: ledger.now() };
            let viewer = Viewer::new(&question, &standing.subject, &standing.index(policy, question.at), policy);
            let sections: SectionSet =
                Section::ALL.into_iter().filter(|section| viewer.ask(*section).is_permit()).collect();
            let grant = &record.grant;
            if grant.state().is_live() && !sections.is_empty() {
                acting.push(ActingFor {
                    patient,
                    grant: id,
                    relation: grant.relation(),
                    basis: grant.basis(),
                    until: grant.until(),
                    state: grant.state(),
                    sections,
                });
            }
        }
        Ok(acting)
    }

    /// Gives a grant back.
    ///
    /// # Errors
    /// [`ProxyError::NotFound`] for a grant that is not this account's.
    pub async fn resign(&self, patient: PatientId, id: GrantId) -> Result<(), ProxyError> {
        if !self.is_live().await? {
            return Err(ProxyError::SessionEnded);
        }
        let account = self.live.account;
        let standing = self.portal.ledger.chart_standing(patient, &self.portal.policy).await?;
        if standing.grant(id).is_none_or(|(record, _)| record.grant.proxy() != Some(account)) {
            return Err(ProxyError::NotFound);
        }
        let changer = self.as_proxy();
        let step = |grant: &ProxyGrant, _: &_, now| grant.resign(By::Proxy(account), now);
        let (ledger, policy) = (&self.portal.ledger, &*self.portal.policy);
        let moved = ledger.move_grant(policy, patient, id, changer, Action::GrantEnded, step).await?;
        Ok(ledger.note_acting(&moved, changer).await?)
    }

    /// Ends a grant on an own chart, at once: the next question of the proxy is refused.
    ///
    /// # Errors
    /// [`ProxyError::Refused`] for a grant that does not rest on the patient's consent.
    pub async fn revoke(&self, patient: PatientId, id: GrantId) -> Result<(), ProxyError> {
        let moved = self
            .move_own(patient, id, Action::GrantEnded, |grant, by, now| grant.revoke(by, RevokeReason::Patient, now))
            .await?;
        Ok(self.portal.ledger.note_acting(&moved, self.as_patient()).await?)
    }

    /// Lets a grant on an own chart rest.
    ///
    /// # Errors
    /// [`ProxyError`].
    pub async fn pause(&self, patient: PatientId, id: GrantId) -> Result<(), ProxyError> {
        let step = |grant: &ProxyGrant, by, now| grant.suspend(by, SuspendReason::PatientPaused, now);
        self.move_own(patient, id, Action::GrantSuspended, step).await.map(drop)
    }

    /// Lets a grant stand again that the patient paused.
    ///
    /// # Errors
    /// [`ProxyError`].
    pub async fn unpause(&self, patient: PatientId, id: GrantId) -> Result<(), ProxyError> {
        let policy = std::sync::Arc::clone(&self.portal.policy);
        let step = move |grant: &ProxyGrant, by, now| grant.reinstate(by, None, &policy, now);
        self.move_own(patient, id, Action::GrantReinstated, step).await.map(drop)
    }

    /// Gives a grant on an own chart more time and nothing else.
    ///
    /// # Errors
    /// [`ProxyError`].
    pub async fn renew(&self, patient: PatientId, id: GrantId, until: DateTime<Utc>) -> Result<(), ProxyError> {
        self.fresh()?;
        let policy = std::sync::Arc::clone(&self.portal.policy);
        let step = move |grant: &ProxyGrant, by, now| grant.renew(by, until, &policy, now);
        self.move_own(patient, id, Action::GrantChanged, step).await.map(drop)
    }

    /// Narrows a grant on an own chart without the proxy being told (safety mode): what is not left looks as if there were
    /// nothing. `None` ends it.
    ///
    /// # Errors
    /// [`ProxyError`].
    pub async fn narrow(&self, patient: PatientId, id: GrantId, left: Option<Scope>) -> Result<(), ProxyError> {
        let step = move |grant: &ProxyGrant, by, _| grant.narrow(by, left);
        self.move_own(patient, id, Action::GrantChanged, step).await.map(drop)
    }

    /// Changes what a proxy by consent may do and see, openly.
    ///
    /// # Errors
    /// [`ProxyError`].
    pub async fn rescope(
        &self,
        patient: PatientId,
        id: GrantId,
        scope: Scope,
        consents: SensitivitySet,
    ) -> Result<(), ProxyError> {
        self.own(patient).await?;
        self.fresh()?;
        let (ledger, policy) = (&self.portal.ledger, &*self.portal.policy);
        let by = By::Patient(self.live.account);
        let step = |grant: &ProxyGrant, standing: &super::chart_standing::ChartStanding, now| {
            grant.rescope(by, scope, consents, &standing.subject, policy, now)
        };
        ledger.move_grant(policy, patient, id, self.as_patient(), Action::GrantChanged, step).await.map(drop)
    }

    /// A minor agrees to the portal, or refuses; grants that waited for it are moved with it.
    ///
    /// # Errors
    /// [`ProxyError`].
    pub async fn assent(&self, patient: PatientId, assent: Assent) -> Result<(), ProxyError> {
        self.own(patient).await?;
        let (ledger, policy) = (&self.portal.ledger, &*self.portal.policy);
        let changer = self.as_patient();
        let waiting = loop {
            let (record, version) = ledger.subject_record(patient).await?;
            let said = match assent {
                Assent::NotGiven => None,
                Assent::Given => Some(true),
                Assent::Refused => Some(false),
            };
            let body = encode(&SubjectRecord { assent: said, ..record })?;
            let put = Draft { version: version + 1, ..Draft::first(Stored::ACCESS, Stored::ONLY, 0, body) };
            let facts = changer.facts(patient, Action::Assent, Outcome::Permitted, ledger.now());
            let written = ledger.record(Change::puts(Partition::patient(patient), vec![put]), facts).await;
            if !lost_race(&written) {
                written?;
                let standing = ledger.chart_standing(patient, policy).await?;
                break standing.grants;
            }
        };
        let by = By::Patient(self.live.account);
        for (record, _) in waiting {
            if record.grant.state() == GrantState::PendingAssent {
                let step = |grant: &ProxyGrant, _: &_, now| grant.assent(by, assent, now);
                let id = record.grant.id();
                let moved = ledger.move_grant(policy, patient, id, changer, Action::GrantGiven, step).await?;
                ledger.note_acting(&moved, changer).await?;
            }
        }
        Ok(())
    }

    async fn move_own(
        &self,
        patient: PatientId,
        id: GrantId,
        action: Action,
        step: impl Fn(&ProxyGrant, By, DateTime<Utc>) -> Result<ProxyGrant, GrantError>,
    ) -> Result<ProxyGrant, ProxyError> {
        self.may_decide(patient).await?;
        let (ledger, policy) = (&self.portal.ledger, &*self.portal.policy);
        let by = By::Patient(self.live.account);
        let step = |grant: &ProxyGrant, _: &_, now| step(grant, by, now);
        ledger.move_grant(policy, patient, id, self.as_patient(), action, step).await
    }

    /// Whether a chart is the account holder's own, and theirs to decide about at this age.
    pub(super) async fn may_decide(&self, patient: PatientId) -> Result<(), ProxyError> {
        self.own(patient).await?;
        let (ledger, policy) = (&self.portal.ledger, &*self.portal.policy);
        let standing = ledger.chart_standing(patient, policy).await?;
        let scope = own_scope(&standing.subject, policy, ledger.now());
        scope.map(drop).ok_or_else(|| GrantError::PatientTooYoung.into())
    }

    /// Whether a chart is the account holder's own.
    /// Its holder proved not long ago who it is: what shows somebody more takes that. What shows somebody less is done at once,
    /// since it may be urgent.
    pub(super) fn fresh(&self) -> Result<(), ProxyError> {
        if self.is_fresh() { Ok(()) } else { Err(ProxyError::StepUp) }
    }

    pub(super) async fn own(&self, patient: PatientId) -> Result<(), ProxyError> {
        if !self.is_live().await? {
            return Err(ProxyError::SessionEnded);
        }
        if self.live.own.contains(&patient) { Ok(()) } else { Err(ProxyError::NotFound) }
    }

    async fn invited(&self, token: &InvitationToken) -> Result<(PatientId, GrantId), ProxyError> {
        if !self.is_live().await? {
            return Err(ProxyError::SessionEnded);
        }
        let ledger = &self.portal.ledger;
        let parts = token.parts().ok_or(ProxyError::NotFound)?;
        let row = RowId::from_bytes(parts.row.to_bytes());
        let rows = ledger.get(Partition::patient(parts.owner), Stored::ACCESS, &[row]).await?;
        let row = rows.first().ok_or(ProxyError::NotFound)?;
        let record: GrantRecord = decode(&ledger.open_own(row).await?, "grant")?;
        match record.invitation {
            Some(hash) if parts.proves(TokenUse::Invitation, &hash) => Ok((parts.owner, parts.row)),
            _ => Err(ProxyError::NotFound),
        }
    }

    pub(super) const fn as_patient(&self) -> Changer {
        Changer::new(By::Patient(self.live.account), Some(self.live.id))
    }

    pub(super) const fn as_proxy(&self) -> Changer {
        Changer::new(By::Proxy(self.live.account), Some(self.live.id))
    }

    /// The account's own id, for what it writes.
    pub(super) const fn account_id(&self) -> AccountId {
        self.live.account
    }
}
