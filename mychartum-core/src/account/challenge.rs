//! Sign-ins that are not complete: what was shown, what is asked next, and how often one may still try.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::kernel::hidden;
use crate::kernel::id::{AccountId, ChallengeId};
use crate::ledger::{Draft, Failure, Ledger, Stored, decode, encode};
use crate::port::storage::{Delete, Partition, Row, RowId, Scan};

use super::credential::{DeviceLabel, TotpSecret};
use super::factor::Factor;
use super::gate::Shown;
use super::secret_token::{ChallengeToken, Presented, TokenUse, mint};

/// What is stored of a sign-in that is not complete.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct ChallengeRecord {
    pub(super) secret_hash: [u8; 32],
    /// The account's credentials when it began: if they change, it is void.
    pub(super) credentials: u64,
    pub(super) factor: Option<Factor>,
    pub(super) began_at: DateTime<Utc>,
    pub(super) until: DateTime<Utc>,
    pub(super) tries_left: u8,
    pub(super) label: DeviceLabel,
    /// The authenticator app that is being set up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) enrolling: Option<TotpSecret>,
    /// What a passkey has to sign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) passkey: Option<[u8; 32]>,
    /// Until when the code counts that was sent, and how many were sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) code_until: Option<DateTime<Utc>>,
    #[serde(default)]
    pub(super) codes_sent: u8,
}

hidden!(ChallengeRecord);

impl ChallengeRecord {
    pub(super) fn shown(&self) -> Shown {
        Shown { password: true, factor: self.factor }
    }
}

/// A sign-in that somebody continues.
pub(super) struct OpenChallenge {
    token: SecretString,
    pub(super) account: AccountId,
    pub(super) id: ChallengeId,
    pub(super) record: ChallengeRecord,
    pub(super) version: u64,
}

/// What a new challenge begins with.
pub(super) struct NewChallenge {
    pub(super) credentials: u64,
    pub(super) until: DateTime<Utc>,
    pub(super) tries: u8,
    pub(super) label: DeviceLabel,
}

const fn row(challenge: ChallengeId) -> RowId {
    RowId::from_bytes(challenge.to_bytes())
}

impl OpenChallenge {
    /// The token that it was opened with.
    pub(super) fn token(&self) -> ChallengeToken {
        ChallengeToken(self.token.clone())
    }

    /// The row of it as it becomes.
    pub(super) fn put(&self, record: &ChallengeRecord) -> Result<Draft, Failure> {
        let order = record.until.timestamp_micros();
        let put = Draft::first(Stored::CHALLENGES, row(self.id), order, encode(record)?);
        Ok(Draft { version: self.version + 1, ..put })
    }

    /// What ends it.
    pub(super) const fn delete(&self) -> Delete {
        Delete { collection: Stored::CHALLENGES, row: row(self.id), version: self.version }
    }
}

impl Ledger {
    /// The row of a new challenge, and its token.
    pub(super) fn challenge_row(
        &self,
        account: AccountId,
        new: NewChallenge,
        now: DateTime<Utc>,
    ) -> Result<(Draft, ChallengeToken), Failure> {
        let id = ChallengeId::from_bytes(self.random_id()?);
        let minted = mint(TokenUse::Challenge, account, id, &*self.entropy)?;
        let record = ChallengeRecord {
            secret_hash: minted.hash,
            credentials: new.credentials,
            factor: None,
            began_at: now,
            until: new.until,
            tries_left: new.tries,
            label: new.label,
            enrolling: None,
            passkey: None,
            code_until: None,
            codes_sent: 0,
        };
        let put = Draft::first(Stored::CHALLENGES, row(id), new.until.timestamp_micros(), encode(&record)?);
        Ok((put, ChallengeToken(minted.text)))
    }

    /// The challenge that a token continues; none where it is over, unknown or used up.
    pub(super) async fn open_challenge(&self, token: &ChallengeToken) -> Result<Option<OpenChallenge>, Failure> {
        let Some(presented) = Presented::<AccountId, ChallengeId>::read(&token.0) else { return Ok(None) };
        let partition = Partition::account(presented.owner);
        let rows = self.get(partition, Stored::CHALLENGES, &[row(presented.row)]).await?;
        let Some(found) = rows.first() else { return Ok(None) };
        let record: ChallengeRecord = decode(&self.open_own(found).await?, "challenge")?;
        let now = self.now();
        let is_open = presented.proves(TokenUse::Challenge, &record.secret_hash)
            && record.began_at <= now
            && now < record.until
            && record.tries_left > 0;
        let version = found.version;
        let token = token.0.clone();
        Ok(is_open.then_some(OpenChallenge { token, account: presented.owner, id: presented.row, record, version }))
    }

    /// What is to be deleted of challenges that are over.
    pub(super) async fn stale_challenges(&self, account: AccountId) -> Result<Vec<Delete>, Failure> {
        let now = self.now().timestamp_micros();
        let until = Some(now);
        let scan = Scan { until, ..Scan::new(Partition::account(account), Stored::CHALLENGES, 64) };
        let rows = self.scan(&scan).await?;
        let delete = |row: &Row| Delete { collection: Stored::CHALLENGES, row: row.row, version: row.version };
        Ok(rows.iter().map(delete).collect())
    }
}
