//! What is stored of an account.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::kernel::hidden;
use crate::kernel::id::{AccountId, PatientId};
use crate::ledger::{Failure, Ledger};
use crate::port::storage::Partition;
use crate::vault::TagDomain;

use super::password::PasswordHash;
use super::username::Username;

/// The record of an account's partition.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct AccountRecord {
    pub(super) username: Username,
    pub(super) password: PasswordHash,
    /// The charts that are the account holder's own.
    pub(super) own: Vec<PatientId>,
    pub(super) opened_at: DateTime<Utc>,
    /// Sessions opened before this are over.
    pub(super) sessions_since: DateTime<Utc>,
}

/// The record of a username's entry in the directory.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) struct UsernameRecord {
    pub(super) account: AccountId,
}

hidden!(AccountRecord, UsernameRecord);

impl Ledger {
    /// The directory's entry for a username.
    pub(super) fn username_partition(&self, username: &Username) -> Partition {
        Partition::directory(self.vault.index().tag(TagDomain::Username, &[username.folded().as_bytes()]))
    }

    /// The account of a username with its record and the record's version.
    pub(super) async fn account_by_username(
        &self,
        username: &Username,
    ) -> Result<Option<(AccountId, AccountRecord, u64)>, Failure> {
        let entry = self.only_record::<UsernameRecord>(self.username_partition(username)).await?;
        let Some((UsernameRecord { account }, _)) = entry else { return Ok(None) };
        let record = self.only_record::<AccountRecord>(Partition::account(account)).await?;
        Ok(record.map(|(record, version)| (account, record, version)))
    }
}
