//! Sessions: opened, resumed, ended.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::audit::{Action, Actor, Facts, Outcome, Purpose};
use crate::kernel::id::{AccountId, PatientId, SessionId};
use crate::ledger::{Change, Draft, Failure, Ledger, Stored, decode, encode};
use crate::port::storage::{Partition, RowId, StorageErrorKind};

use super::error::SessionError;
use super::record::AccountRecord;
use super::session_token::SessionToken;
use super::settings::AccountSettings;

/// What is stored of a session.
#[derive(Clone, Serialize, Deserialize)]
struct SessionRecord {
    secret_hash: [u8; 32],
    opened_at: DateTime<Utc>,
    used_at: DateTime<Utc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended_at: Option<DateTime<Utc>>,
}

/// A session that was found alive.
#[derive(Debug)]
pub(crate) struct LiveSession {
    pub(crate) id: SessionId,
    pub(crate) account: AccountId,
    pub(crate) own: Vec<PatientId>,
    pub(crate) idle_until: DateTime<Utc>,
    pub(crate) ends_at: DateTime<Utc>,
}

impl Ledger {
    pub(super) async fn open_session(&self, account: AccountId) -> Result<SessionToken, Failure> {
        let now = self.now();
        let session = SessionId::from_bytes(self.random_id()?);
        let (token, secret_hash) = SessionToken::new(account, session, &*self.entropy)?;
        let record = SessionRecord { secret_hash, opened_at: now, used_at: now, ended_at: None };
        let put = Draft::first(Stored::SESSIONS, row(session), now.timestamp_micros(), encode(&record)?);
        let facts = Facts {
            session: Some(session),
            ..Facts::new(now, Actor::Account(account), Action::SignIn, Purpose::Verification, Outcome::Permitted)
        };
        self.record(Change::puts(Partition::account(account), vec![put]), facts).await?;
        Ok(token)
    }

    pub(crate) async fn resume(
        &self,
        token: &SessionToken,
        settings: &AccountSettings,
    ) -> Result<LiveSession, SessionError> {
        let parts = token.parts().ok_or(SessionError::Unknown)?;
        let (record, version) =
            self.session_record(parts.account, parts.session).await?.ok_or(SessionError::Unknown)?;
        if !parts.proves(&record.secret_hash) || record.ended_at.is_some() {
            return Err(SessionError::Unknown);
        }
        let account = self.only_record::<AccountRecord>(Partition::account(parts.account)).await?;
        let (account, _) = account.ok_or(SessionError::Unknown)?;
        if record.opened_at < account.sessions_since {
            return Err(SessionError::Unknown);
        }
        let now = self.now();
        let ends_at = record.opened_at + settings.absolute;
        if now >= ends_at {
            return Err(SessionError::TooOld);
        }
        if now >= record.used_at + settings.idle {
            return Err(SessionError::Idle);
        }
        if now >= record.used_at + settings.touch {
            self.touch(&parts.account, parts.session, SessionRecord { used_at: now, ..record.clone() }, version)
                .await?;
        }
        Ok(LiveSession {
            id: parts.session,
            account: parts.account,
            own: account.own,
            idle_until: (now + settings.idle).min(ends_at),
            ends_at,
        })
    }

    /// Whether a session was ended, or all of its account's were, since it was resumed.
    pub(crate) async fn is_live(&self, account: AccountId, session: SessionId) -> Result<bool, Failure> {
        let Some((record, _)) = self.session_record(account, session).await? else { return Ok(false) };
        let known = self.only_record::<AccountRecord>(Partition::account(account)).await?;
        Ok(record.ended_at.is_none() && known.is_some_and(|(known, _)| record.opened_at >= known.sessions_since))
    }

    pub(crate) async fn end_session(&self, account: AccountId, session: SessionId) -> Result<(), Failure> {
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
                Err(Failure::Storage(error)) if error.kind() == StorageErrorKind::Conflict => {}
                Err(failure) => return Err(failure),
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
        account: &AccountId,
        session: SessionId,
        record: SessionRecord,
        version: u64,
    ) -> Result<(), Failure> {
        let order = record.opened_at.timestamp_micros();
        let draft = Draft::first(Stored::SESSIONS, row(session), order, encode(&record)?);
        let put = Draft { version: version + 1, ..draft };
        match self.housekeep(Change::puts(Partition::account(*account), vec![put])).await {
            Err(Failure::Storage(error)) if error.kind() == StorageErrorKind::Conflict => Ok(()),
            outcome => outcome,
        }
    }
}

const fn row(session: SessionId) -> RowId {
    RowId::from_bytes(session.to_bytes())
}
