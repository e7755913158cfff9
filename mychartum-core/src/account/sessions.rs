//! Sessions: opened, resumed, rotated, ended.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::access::pack::AccountPolicy;
use crate::audit::{Action, Actor, Facts, Outcome, Purpose};
use crate::kernel::hidden;
use crate::kernel::id::{AccountId, DeviceId, PatientId, SessionId};
use crate::ledger::{Change, Draft, Failure, Ledger, Patience, Stored, decode, encode};
use crate::port::storage::{Direction, Partition, RowId, Scan, StorageErrorKind};

use super::credential::TotpSecret;
use super::error::SessionError;
use super::record::AccountRecord;
use super::secret_token::{Presented, SessionToken, TokenUse, mint};
use super::settings::AccountSettings;
use super::state::AccountState;

/// What is stored of a session.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct SessionRecord {
    secret_hash: [u8; 32],
    opened_at: DateTime<Utc>,
    used_at: DateTime<Utc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended_at: Option<DateTime<Utc>>,
    /// The account's epoch when it was opened.
    #[serde(default)]
    epoch: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    device: Option<DeviceId>,
    /// 1 a password, 2 a second factor too.
    #[serde(default = "password_only")]
    assurance: u8,
    /// When its holder last proved who it is, with the strongest factor that the account has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    proved_at: Option<DateTime<Utc>>,
    /// What a passkey has to sign, for the next proof or the next passkey of this session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    challenge: Option<[u8; 32]>,
    /// The authenticator app that is being set up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    enrolling: Option<TotpSecret>,
    /// For whom its holder acts now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    acting_for: Option<PatientId>,
}

hidden!(SessionRecord);

const fn password_only() -> u8 {
    1
}

/// A session that was found alive.
#[derive(Debug)]
pub(crate) struct LiveSession {
    pub(crate) id: SessionId,
    pub(crate) account: AccountId,
    pub(crate) own: Vec<PatientId>,
    pub(crate) state: AccountState,
    pub(crate) assurance: u8,
    pub(crate) device: Option<DeviceId>,
    pub(crate) proved_at: Option<DateTime<Utc>>,
    pub(crate) acting_for: Option<PatientId>,
    pub(crate) idle_until: DateTime<Utc>,
    pub(crate) ends_at: DateTime<Utc>,
}

/// A session as its account's holder sees it among the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSession {
    /// Which one.
    pub id: SessionId,
    /// On which device, where it is known.
    pub device: Option<DeviceId>,
    /// Since when.
    pub opened_at: DateTime<Utc>,
    /// When it was last used, as precisely as that is written down.
    pub used_at: DateTime<Utc>,
}

/// What a new session is to be.
#[derive(Debug, Clone, Copy)]
pub(super) struct NewSession {
    pub(super) device: Option<DeviceId>,
    pub(super) assurance: u8,
    pub(super) epoch: u64,
    /// Whether its holder has just shown the strongest that the account has.
    pub(super) is_fresh: bool,
}

impl Ledger {
    /// The row of a new session, and its token.
    pub(super) fn session_row(
        &self,
        account: AccountId,
        new: NewSession,
        now: DateTime<Utc>,
    ) -> Result<(SessionId, Draft, SessionToken), Failure> {
        let record = SessionRecord {
            secret_hash: [0; 32],
            opened_at: now,
            used_at: now,
            ended_at: None,
            epoch: new.epoch,
            device: new.device,
            assurance: new.assurance,
            proved_at: new.is_fresh.then_some(now),
            challenge: None,
            enrolling: None,
            acting_for: None,
        };
        self.row_of(account, record)
    }

    fn row_of(&self, account: AccountId, record: SessionRecord) -> Result<(SessionId, Draft, SessionToken), Failure> {
        let session = SessionId::from_bytes(self.random_id()?);
        let minted = mint(TokenUse::Session, account, session, &*self.entropy)?;
        let record = SessionRecord { secret_hash: minted.hash, ..record };
        let put = Draft::first(Stored::SESSIONS, row(session), record.opened_at.timestamp_micros(), encode(&record)?);
        Ok((session, put, SessionToken(minted.text)))
    }

    pub(crate) async fn resume(
        &self,
        token: &SessionToken,
        policy: &AccountPolicy,
        settings: &AccountSettings,
    ) -> Result<LiveSession, SessionError> {
        let parts = Presented::<AccountId, SessionId>::read(&token.0).ok_or(SessionError::Unknown)?;
        let (record, version) = self.session_record(parts.owner, parts.row).await?.ok_or(SessionError::Unknown)?;
        if !parts.proves(TokenUse::Session, &record.secret_hash) || record.ended_at.is_some() {
            return Err(SessionError::Unknown);
        }
        let (account, _) = self.account_record(parts.owner).await?.ok_or(SessionError::Unknown)?;
        let now = self.now();
        if record.epoch != account.epoch || !account.state.opens_at(now) {
            return Err(SessionError::Unknown);
        }
        let ends_at = record.opened_at + policy.absolute;
        if now >= ends_at {
            return Err(SessionError::TooOld);
        }
        if now >= record.used_at + policy.idle {
            return Err(SessionError::Idle);
        }
        if now >= record.used_at + settings.touch {
            self.touch(parts.owner, parts.row, SessionRecord { used_at: now, ..record.clone() }, version).await?;
        }
        Ok(LiveSession {
            id: parts.row,
            account: parts.owner,
            own: account.own,
            state: account.state,
            assurance: record.assurance,
            device: record.device,
            proved_at: record.proved_at,
            acting_for: record.acting_for,
            idle_until: (now + policy.idle).min(ends_at),
            ends_at,
        })
    }

    /// Whether a session was ended, or all of its account's were, since it was resumed.
    pub(crate) async fn is_live(&self, account: AccountId, session: SessionId) -> Result<bool, Failure> {
        let Some((record, _)) = self.session_record(account, session).await? else { return Ok(false) };
        let known = self.account_record(account).await?;
        let is_open = |known: &AccountRecord| record.epoch == known.epoch && known.state.opens_at(self.now());
        Ok(record.ended_at.is_none() && known.is_some_and(|(known, _)| is_open(&known)))
    }

    /// Puts another session in the place of this one, under a new id and a new token (I13); the old one is over.
    pub(super) async fn rotate(
        &self,
        live: &LiveSession,
        (action, subject): (Action, Option<PatientId>),
        change: impl Fn(SessionRecord, DateTime<Utc>) -> SessionRecord,
    ) -> Result<SessionToken, SessionError> {
        let mut patience = Patience::default();
        loop {
            let (record, version) = self.session_record(live.account, live.id).await?.ok_or(SessionError::Unknown)?;
            if record.ended_at.is_some() || !self.is_live(live.account, live.id).await? {
                return Err(SessionError::Unknown);
            }
            let now = self.now();
            let (session, put, token) = self.row_of(live.account, change(record.clone(), now))?;
            let old = Draft {
                version: version + 1,
                ..Draft::first(
                    Stored::SESSIONS,
                    row(live.id),
                    record.opened_at.timestamp_micros(),
                    encode(&SessionRecord { ended_at: Some(now), ..record })?,
                )
            };
            let facts = Facts {
                session: Some(session),
                subject,
                ..Facts::new(now, Actor::Account(live.account), action, Purpose::Verification, Outcome::Permitted)
            };
            match self.record(Change::puts(Partition::account(live.account), vec![old, put]), facts).await {
                Ok(_) => return Ok(token),
                Err(Failure::Storage(error)) if error.kind() == StorageErrorKind::Conflict && patience.is_left() => {}
                Err(failure) => return Err(failure.into()),
            }
        }
    }

    /// Puts a session in the place of this one whose holder has just proved who it is.
    pub(crate) async fn stepped_up(&self, live: &LiveSession, assurance: u8) -> Result<SessionToken, SessionError> {
        let change = |record: SessionRecord, now| SessionRecord {
            proved_at: Some(now),
            used_at: now,
            assurance: record.assurance.max(assurance),
            challenge: None,
            ..record
        };
        self.rotate(live, (Action::StepUp, None), change).await
    }

    /// Puts a session in the place of this one that acts for somebody else.
    pub(crate) async fn turned_to(
        &self,
        live: &LiveSession,
        subject: Option<PatientId>,
    ) -> Result<SessionToken, SessionError> {
        let change = |record: SessionRecord, now| SessionRecord { acting_for: subject, used_at: now, ..record };
        self.rotate(live, (Action::SubjectSwitched, subject), change).await
    }

    /// What a passkey has to sign in this session.
    pub(crate) async fn session_challenge(&self, live: &LiveSession) -> Result<Option<[u8; 32]>, Failure> {
        Ok(self.session_record(live.account, live.id).await?.and_then(|(record, _)| record.challenge))
    }

    /// Makes something for a passkey to sign in this session.
    pub(crate) async fn set_session_challenge(&self, live: &LiveSession) -> Result<[u8; 32], SessionError> {
        let mut challenge = [0; 32];
        self.entropy.fill(&mut challenge).map_err(Failure::from)?;
        self.edit_session(live, |record| record.challenge = Some(challenge)).await?;
        Ok(challenge)
    }

    /// The authenticator app that is being set up in this session.
    pub(crate) async fn session_totp(&self, live: &LiveSession) -> Result<Option<TotpSecret>, Failure> {
        Ok(self.session_record(live.account, live.id).await?.and_then(|(record, _)| record.enrolling))
    }

    /// Begins to set up an authenticator app in this session, or goes on with it.
    pub(crate) async fn begin_session_totp(&self, live: &LiveSession) -> Result<TotpSecret, SessionError> {
        if let Some(begun) = self.session_totp(live).await? {
            return Ok(begun);
        }
        let secret = TotpSecret::new(&*self.entropy).map_err(Failure::from)?;
        let record = self.edit_session(live, |record| {
            record.enrolling.get_or_insert_with(|| secret.clone());
        });
        record.await?.enrolling.ok_or(SessionError::Unknown)
    }

    async fn edit_session(
        &self,
        live: &LiveSession,
        edit: impl Fn(&mut SessionRecord),
    ) -> Result<SessionRecord, SessionError> {
        let mut patience = Patience::default();
        loop {
            let found = self.session_record(live.account, live.id).await?;
            let (mut record, version) = found.ok_or(SessionError::Unknown)?;
            edit(&mut record);
            let order = record.opened_at.timestamp_micros();
            let draft = Draft::first(Stored::SESSIONS, row(live.id), order, encode(&record)?);
            let put = Draft { version: version + 1, ..draft };
            match self.housekeep(Change::puts(Partition::account(live.account), vec![put])).await {
                Ok(()) => return Ok(record),
                Err(Failure::Storage(error)) if error.kind() == StorageErrorKind::Conflict && patience.is_left() => {}
                Err(failure) => return Err(failure.into()),
            }
        }
    }

    pub(crate) async fn end_session(&self, account: AccountId, session: SessionId) -> Result<(), Failure> {
        let mut patience = Patience::default();
        loop {
            let Some((record, version)) = self.session_record(account, session).await? else { return Ok(()) };
            if record.ended_at.is_some() {
                return Ok(());
            }
            let now = self.now();
            let put = Draft {
                version: version + 1,
                ..Draft::first(
                    Stored::SESSIONS,
                    row(session),
                    record.opened_at.timestamp_micros(),
                    encode(&SessionRecord { ended_at: Some(now), ..record })?,
                )
            };
            let facts = Facts {
                session: Some(session),
                ..Facts::new(now, Actor::Account(account), Action::SignOut, Purpose::Verification, Outcome::Permitted)
            };
            match self.record(Change::puts(Partition::account(account), vec![put]), facts).await {
                Ok(_) => return Ok(()),
                // A request of the same session wrote its last use in between; the end still has to be written.
                Err(Failure::Storage(error)) if error.kind() == StorageErrorKind::Conflict && patience.is_left() => {}
                Err(failure) => return Err(failure),
            }
        }
    }

    /// The sessions of an account that are open, the newest first.
    pub(crate) async fn open_sessions(
        &self,
        account: AccountId,
        policy: &AccountPolicy,
    ) -> Result<Vec<OpenSession>, Failure> {
        let Some((known, _)) = self.account_record(account).await? else { return Ok(Vec::new()) };
        let now = self.now();
        // None opened before that can still be open.
        let from = Some((now - policy.absolute).timestamp_micros());
        let partition = Partition::account(account);
        let mut scan = Scan { direction: Direction::Descending, from, ..Scan::new(partition, Stored::SESSIONS, 256) };
        let mut open = Vec::new();
        loop {
            let rows = self.scan(&scan).await?;
            for found in &rows {
                let record: SessionRecord = decode(&self.open_own(found).await?, "session")?;
                if record.ended_at.is_none() && record.epoch == known.epoch && now < record.used_at + policy.idle {
                    open.push(OpenSession {
                        id: SessionId::from_bytes(found.row.to_bytes()),
                        device: record.device,
                        opened_at: record.opened_at,
                        used_at: record.used_at,
                    });
                }
            }
            match rows.last() {
                Some(last) if rows.len() == 256 => scan.after = Some(last.position()),
                _ => return Ok(open),
            }
        }
    }

    async fn session_record(
        &self,
        account: AccountId,
        session: SessionId,
    ) -> Result<Option<(SessionRecord, u64)>, Failure> {
        let partition = Partition::account(account);
        let rows = self.get(partition, Stored::SESSIONS, &[row(session)]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let opened = self.open_own(row).await?;
        Ok(Some((decode(&opened, "session")?, row.version)))
    }

    /// Writes down when a session was last used. Another request of the same session may have been first, which is as good.
    async fn touch(
        &self,
        account: AccountId,
        session: SessionId,
        record: SessionRecord,
        version: u64,
    ) -> Result<(), Failure> {
        let order = record.opened_at.timestamp_micros();
        let draft = Draft::first(Stored::SESSIONS, row(session), order, encode(&record)?);
        let put = Draft { version: version + 1, ..draft };
        match self.housekeep(Change::puts(Partition::account(account), vec![put])).await {
            Err(Failure::Storage(error)) if error.kind() == StorageErrorKind::Conflict => Ok(()),
            outcome => outcome,
        }
    }
}

const fn row(session: SessionId) -> RowId {
    RowId::from_bytes(session.to_bytes())
}
