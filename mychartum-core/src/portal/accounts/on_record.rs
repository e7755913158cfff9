//! What the clinic has on record of an account's holder: addresses, demographics, words that no password is made of.

use crate::access::AccessError;
use crate::account::{AccountRecord, ContextKind, ContextWords, LinkState};
use crate::audit::Purpose;
use crate::chart::{Patient, Section};
use crate::kernel::id::{AccountId, PatientId};
use crate::kernel::{Address, EmailAddress, PartialDate, PhoneNumber};
use crate::ledger::{Failure, Stored, decode};
use crate::notify::LinkOf;
use crate::port::storage::RowId;

use super::super::error::ReadError;
use super::super::listing::Page;
use super::super::portal::Portal;
use super::super::queue::Queue;

impl Portal {
    /// Where the clinic reaches somebody who has no account yet: what was given for the account, else what sources have on record
    /// now.
    pub(in crate::portal) async fn addresses_on_record(&self, record: &AccountRecord) -> Result<Vec<Address>, Failure> {
        let mut addresses: Vec<Address> = record.contacts.all().iter().map(|contact| contact.address.clone()).collect();
        if addresses.is_empty() {
            for patient in &record.own {
                for view in self.demographics(*patient).await? {
                    addresses.extend(view.contacts.iter().filter_map(|contact| address_of(contact.value.as_str())));
                }
            }
        }
        Ok(addresses)
    }

    /// What sources say of who a patient is, read in the portal's own name: asked for, written down, and only then read.
    pub(in crate::portal) async fn demographics(&self, patient: PatientId) -> Result<Vec<Patient>, Failure> {
        let permit = match self.ask(patient, Section::Demographics, Purpose::Operations).await {
            Ok(permit) => permit,
            Err(AccessError::Failure(failure)) => return Err(failure),
            Err(AccessError::NotFound | AccessError::SessionEnded) => return Ok(Vec::new()),
        };
        let read = match self.disclose(permit) {
            Ok(chart) => chart.demographics(Page::ALL).await,
            Err(error) => Err(error),
        };
        match read {
            Ok(found) => Ok(found.items.into_iter().map(|item| item.view).collect()),
            Err(ReadError::Failure(failure)) => Err(failure),
            Err(ReadError::Expired | ReadError::Misuse) => Err(Failure::Damaged("demographics: permit")),
        }
    }

    /// Words that others know of an account's holder, so that no password is made of them.
    pub(super) async fn words_of(&self, record: &AccountRecord, name: Option<&str>) -> Result<ContextWords, Failure> {
        let mut words = self.outside.words.clone();
        if let Some(name) = name {
            words = words.with(ContextKind::Name, name);
        }
        if let Some(born) = record.born {
            words = words.with_birth_date(born);
        }
        for patient in &record.own {
            for view in self.demographics(*patient).await? {
                words = words.with(ContextKind::Name, &view.name());
                if let Some(born) = view.birth_date.as_ref().and_then(PartialDate::day) {
                    words = words.with_birth_date(born);
                }
            }
        }
        Ok(words)
    }

    /// Staff learn that an activation died of wrong dates of birth.
    pub(super) async fn tell_clinic_of_lock(&self, account: AccountId) -> Result<(), Failure> {
        self.enqueue_account(Queue::Locked, account, RowId::from_bytes(account.to_bytes())).await
    }

    /// The accounts whose activation died of wrong dates of birth, the oldest first. Another one has to be issued.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn locked_activations(&self) -> Result<Vec<AccountId>, Failure> {
        let mut locked = Vec::new();
        for row in self.ledger.all_rows(self.queue(Queue::Locked), Stored::RECORD).await? {
            let account: AccountId = decode(&self.ledger.open_own(&row).await?, "queue")?;
            let link = self.ledger.link_of(account, LinkOf::Activation).await?;
            if link.is_some_and(|(link, _)| link.state_at(self.ledger.now()) == LinkState::Locked) {
                locked.push(account);
            } else {
                self.dequeue(Queue::Locked, row.row).await?;
            }
        }
        Ok(locked)
    }
}

/// An address of what a source wrote as a contact: an e-mail address, or a telephone number with its country or of North America.
fn address_of(text: &str) -> Option<Address> {
    let text = text.strip_prefix("mailto:").or_else(|| text.strip_prefix("tel:")).unwrap_or(text);
    let email = EmailAddress::parse(text).map(Address::Email);
    email.or_else(|_| PhoneNumber::parse_within(text, 1).map(Address::Phone)).ok()
}
