//! Going through what is due.

use crate::account::{AccountError, AccountState, NewLink, SentBy, Username, account_facts};
use crate::audit::{Action, Actor};
use crate::kernel::id::AccountId;
use crate::kernel::{Address, EmailAddress, PhoneNumber};
use crate::ledger::{Change, Failure, Patience, Stored, decode};
use crate::notify::{DueRow, LinkOf, Planned, Recipient, Wanted};
use crate::port::notifier::Notice;
use crate::port::storage::{Bucket, Delete, Due, Partition, Row, StorageErrorKind};

use super::super::portal::Portal;

/// How often the buckets are gone through in one run, at most: a request, its notice, its message, and once more.
const PASSES: u32 = 4;
/// How many rows of a bucket are taken at once.
const AT_ONCE: u32 = 64;

/// What was done of what was due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DueReport {
    /// Rows that were dealt with.
    pub done: u64,
    /// Rows that failed and stay due; the next run takes them up again.
    pub failed: u64,
}

impl Portal {
    /// Does what is due now. It ends when nothing more is, also when something fails: that stays due.
    ///
    /// # Errors
    /// [`Failure`] when storage cannot be asked at all.
    pub async fn run_due(&self) -> Result<DueReport, Failure> {
        let mut report = DueReport::default();
        // What is done may bring work that is due at once, in a bucket that was looked at before.
        for _ in 0..PASSES {
            let before = report.done;
            for bucket in Bucket::all() {
                self.run_bucket(bucket, &mut report).await?;
            }
            if report.done == before {
                break;
            }
        }
        Ok(report)
    }

    async fn run_bucket(&self, bucket: Bucket, report: &mut DueReport) -> Result<(), Failure> {
        loop {
            // To the microsecond that it is: what is due now is due.
            let before = self.ledger.now().timestamp_micros().saturating_add(1);
            let due = Due { bucket, collection: Stored::DUE, before, limit: AT_ONCE };
            let rows = self.ledger.storage.due(&due).await?;
            let mut done = 0;
            for row in &rows {
                match self.do_due(row).await {
                    Ok(()) => done += 1,
                    // Another worker was faster.
                    Err(Failure::Storage(error)) if error.kind() == StorageErrorKind::Conflict => {}
                    Err(_) => report.failed += 1,
                }
            }
            report.done += done;
            // What failed would be asked for again and again; a page that is not full has nothing behind it.
            if done == 0 || rows.len() < AT_ONCE as usize {
                return Ok(());
            }
        }
    }

    async fn do_due(&self, row: &Row) -> Result<(), Failure> {
        // Another worker may have dealt with it since it was read.
        let rows = self.ledger.get(row.partition, Stored::DUE, &[row.row]).await?;
        let Some(row) = rows.first().filter(|now| now.version == row.version) else { return Ok(()) };
        match decode::<DueRow>(&self.ledger.open_own(row).await?, "due work")? {
            DueRow::Planned(planned) => self.plan(row, planned).await,
            DueRow::Message(message) => self.carry(row, message).await,
            DueRow::Request { wanted, text } => match self.look_at_request(wanted, &text).await {
                Ok(()) => self.strike(row).await,
                Err(failure) => Err(failure),
            },
            DueRow::Recovery { account, started_at } => {
                self.then_strike(row, self.finish_recovery(account, started_at).await).await
            }
            DueRow::WindDown { account } => self.then_strike(row, self.wind_down(account).await).await,
            DueRow::GrantClock { patient, grant } => self.turn_grant(row, patient, grant).await,
        }
    }

    async fn then_strike(&self, row: &Row, outcome: Result<(), AccountError>) -> Result<(), Failure> {
        match outcome {
            Ok(()) => self.strike(row).await,
            Err(AccountError::Failure(failure)) => Err(failure),
            Err(_) => Err(Failure::Damaged("due work: account")),
        }
    }

    /// Takes a row of due work away that was done.
    pub(super) async fn strike(&self, row: &Row) -> Result<(), Failure> {
        self.ledger.housekeep(Change { partition: row.partition, puts: Vec::new(), deletes: vec![delete(row)] }).await
    }

    /// Looks at what somebody asked for who is not signed in. Whether it leads to anything is known here and nowhere outside.
    async fn look_at_request(&self, wanted: Wanted, text: &str) -> Result<(), Failure> {
        let address = EmailAddress::parse(text).map(Address::Email);
        let address = address.or_else(|_| PhoneNumber::parse_within(text, 1).map(Address::Phone)).ok();
        let mut accounts: Vec<AccountId> = Vec::new();
        if let Ok(username) = Username::parse(text)
            && wanted == Wanted::Reset
        {
            accounts.extend(self.ledger.account_by_username(&username).await?.map(|(account, ..)| account));
        }
        if let Some(address) = &address {
            accounts.extend(self.ledger.accounts_at(address).await?);
        }
        accounts.dedup();
        for account in accounts {
            self.send_requested(wanted, account, address.as_ref()).await?;
        }
        Ok(())
    }

    async fn send_requested(&self, wanted: Wanted, account: AccountId, at: Option<&Address>) -> Result<(), Failure> {
        let mut patience = Patience::default();
        loop {
            let Some((record, _)) = self.ledger.account_record(account).await? else { return Ok(()) };
            if !matches!(record.state, AccountState::Active | AccountState::Frozen) {
                return Ok(());
            }
            let now = self.ledger.now();
            // An address that an intruder added shortly before a freeze gets no link that would undo it.
            let settled = |since: Option<chrono::DateTime<chrono::Utc>>| {
                record.state == AccountState::Active
                    || since.is_some_and(|since| since + self.policy.accounts().recovery_delay <= now)
            };
            let confidential = record.contacts.confidential();
            let to = record.contacts.verified().filter(|contact| settled(contact.verified_at));
            let to = to.map(|contact| contact.address.clone());
            let to: Vec<Address> = to
                .filter(|address| confidential.is_none_or(|only| only == address))
                .filter(|address| at.is_none_or(|at| at.canonical() == address.canonical()))
                .collect();
            if to.is_empty() {
                return Ok(());
            }
            let (notice, link) = match wanted {
                Wanted::Reset => (Notice::PasswordReset, LinkOf::Reset),
                Wanted::Username => (Notice::UsernameReminder, LinkOf::SignIn),
            };
            let mut puts = Vec::new();
            if wanted == Wanted::Reset {
                let life = self.policy.accounts().reset;
                let new = NewLink { of: LinkOf::Reset, by: SentBy::Email, life, tries: 1 };
                puts.push(self.ledger.link_row(account, new, None).await?);
            }
            // After the link was made: a notice that is older than its link is not sent.
            let now = self.ledger.now();
            for address in to {
                let planned = Planned::new(notice, Recipient::At(account, address), now).with_link(link);
                puts.push(planned.draft(self.ledger.random_id()?)?);
            }
            let facts = account_facts(account, Actor::Unknown, Action::LinkIssued, now);
            match self.ledger.record(Change::puts(Partition::account(account), puts), facts).await {
                Err(Failure::Storage(error)) if error.kind() == StorageErrorKind::Conflict && patience.is_left() => {}
                written => return written.map(drop),
            }
        }
    }
}

pub(super) const fn delete(row: &Row) -> Delete {
    Delete { collection: Stored::DUE, row: row.row, version: row.version }
}
