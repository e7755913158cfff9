//! Whose an address is: kept by keyed hash, to remind people of their name and to tell families from strangers.

use crate::access::may_be_of_age;
use crate::access::pack::SharedContacts;
use crate::account::{AccountError, ContactError};
use crate::kernel::Address;
use crate::kernel::id::{AccountId, PatientId};
use crate::ledger::{Change, Draft, Failure, Ledger, Patience, Stored, decode, encode};
use crate::port::storage::{Partition, RowId, Scan, StorageErrorKind};
use crate::vault::TagDomain;

use super::super::portal::Portal;

/// The most accounts that an address leads to.
const MOST: u32 = 32;

impl Ledger {
    fn contact_partition(&self, address: &Address) -> Partition {
        Partition::directory(self.vault.index().tag(TagDomain::Contact, &[address.canonical().as_bytes()]))
    }

    /// The accounts that an address was proved for.
    pub(crate) async fn accounts_at(&self, address: &Address) -> Result<Vec<AccountId>, Failure> {
        let rows = self.scan(&Scan::new(self.contact_partition(address), Stored::RECORD, MOST)).await?;
        let mut accounts = Vec::new();
        for row in rows {
            accounts.push(decode(&self.open_own(&row).await?, "contact")?);
        }
        Ok(accounts)
    }

    /// Notes that an address was proved for an account.
    pub(crate) async fn note_contact(&self, account: AccountId, address: &Address) -> Result<(), Failure> {
        let (partition, row) = (self.contact_partition(address), RowId::from_bytes(account.to_bytes()));
        let mut patience = Patience::default();
        loop {
            if !self.get(partition, Stored::RECORD, &[row]).await?.is_empty() {
                return Ok(());
            }
            let put = Draft::first(Stored::RECORD, row, self.now().timestamp_micros(), encode(&account)?);
            match self.housekeep(Change::puts(partition, vec![put])).await {
                Err(Failure::Storage(error)) if error.kind() == StorageErrorKind::Conflict && patience.is_left() => {}
                outcome => return outcome,
            }
        }
    }

    /// Forgets that an address was an account's.
    pub(crate) async fn forget_contact(&self, account: AccountId, address: &Address) -> Result<(), Failure> {
        let row = RowId::from_bytes(account.to_bytes());
        self.remove(self.contact_partition(address), Stored::RECORD, row).await
    }
}

impl Portal {
    /// Whether an account may have an address: not a guardian's, where its holder is a minor of an age that the policy guards
    /// (I19), and not another account's where the policy forbids that.
    pub(in crate::portal) async fn may_have(
        &self,
        account: AccountId,
        own: &[PatientId],
        address: &Address,
    ) -> Result<(), AccountError> {
        let policy = self.policy.accounts();
        let mut acting = Vec::new();
        for patient in own {
            let standing = self.ledger.chart_standing(*patient, &self.policy).await?;
            let proxies = standing.grants.iter().map(|(record, _)| &record.grant);
            let live: Vec<AccountId> =
                proxies.filter(|grant| !grant.state().is_final()).filter_map(|grant| grant.proxy()).collect();
            let when = (self.ledger.now(), standing.zone);
            // An age that is not known is guarded: the clinic mends the date of birth first.
            if may_be_of_age(&standing.born, policy.contact_guard, when, &self.policy) {
                for proxy in &live {
                    let record = self.ledger.account_record(*proxy).await?;
                    if *proxy != account && record.is_some_and(|(record, _)| record.contacts.reaches(address)) {
                        return Err(ContactError::Guardians.into());
                    }
                }
            }
            acting.extend(live);
        }
        let others = || async {
            let known = self.ledger.accounts_at(address).await?;
            Ok::<_, Failure>(known.into_iter().filter(|known| *known != account).collect::<Vec<_>>())
        };
        let is_taken = match policy.shared_contacts {
            SharedContacts::Allow => false,
            SharedContacts::Forbid => !others().await?.is_empty(),
            SharedContacts::Proxies => {
                let mut strangers = others().await?;
                strangers.retain(|other| !acting.contains(other));
                let mut is_taken = false;
                for other in strangers {
                    is_taken |= !self.acts_for_any(account, other).await?;
                }
                is_taken
            }
        };
        if is_taken { Err(ContactError::Taken.into()) } else { Ok(()) }
    }

    /// Whether one account acts for the holder of another.
    async fn acts_for_any(&self, account: AccountId, holder: AccountId) -> Result<bool, Failure> {
        let Some((record, _)) = self.ledger.account_record(holder).await? else { return Ok(false) };
        for patient in record.own {
            let standing = self.ledger.chart_standing(patient, &self.policy).await?;
            let mut grants = standing.grants.iter().map(|(record, _)| &record.grant);
            if grants.any(|grant| !grant.state().is_final() && grant.proxy() == Some(account)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
