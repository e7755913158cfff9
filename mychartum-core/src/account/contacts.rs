//! Addresses of an account's holder.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::kernel::{Address, hidden};
use crate::notify::Reachable;

/// The most addresses of an account.
const MOST: usize = 8;

/// Addresses of an account's holder, verified or not yet.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contacts {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    all: Vec<Contact>,
    /// Where everything goes, and nowhere else (45 CFR 164.522(b)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    confidential: Option<Address>,
}

/// One address.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The address.
    pub address: Address,
    /// When it was added.
    pub added_at: DateTime<Utc>,
    /// When its holder proved to read it; none until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_at: Option<DateTime<Utc>>,
    /// Whether messages came back from it.
    #[serde(default)]
    pub is_broken: bool,
    /// Which code proves it: the row that the code is made of, when it was sent, and how many tries are left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) proof: Option<Proof>,
}

/// A code that was sent to an address.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Proof {
    pub(super) row: [u8; 16],
    pub(super) until: DateTime<Utc>,
    pub(super) tries_left: u8,
}

hidden!(Contacts, Contact, Proof);

/// Why an address was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ContactError {
    /// It is there already.
    #[error("contact: known already")]
    Known,
    /// It is not there.
    #[error("contact: not known")]
    Unknown,
    /// There are as many as an account has.
    #[error("contact: too many")]
    TooMany,
    /// The code is not the one that was sent, or too old, or was tried too often.
    #[error("code: not the one that was sent, or over")]
    WrongCode,
    /// It is the last one by which its holder can be told of dangers.
    #[error("contact: the last one that works")]
    LastOne,
    /// It is the address of somebody who acts for this patient.
    #[error("contact: somebody's who acts for the patient")]
    Guardians,
    /// Another account has it, and the clinic's policy wants that not to be.
    #[error("contact: another account's")]
    Taken,
}

impl Contacts {
    /// None at all.
    pub(crate) const NONE: Self = Self { all: Vec::new(), confidential: None };

    /// All of them.
    #[must_use]
    pub fn all(&self) -> &[Contact] {
        &self.all
    }

    /// Where everything goes, and nowhere else.
    #[must_use]
    pub const fn confidential(&self) -> Option<&Address> {
        self.confidential.as_ref()
    }

    /// Those that were proved and work.
    pub fn verified(&self) -> impl Iterator<Item = &Contact> {
        self.all.iter().filter(|contact| contact.verified_at.is_some() && !contact.is_broken)
    }

    /// How its holder is reached.
    #[must_use]
    pub fn reachable(&self) -> Reachable {
        let addresses = self.verified().map(|contact| contact.address.clone()).collect();
        Reachable { addresses, confidential: self.confidential.clone() }
    }

    /// Whether one of them is the same mailbox or telephone.
    #[must_use]
    pub fn reaches(&self, address: &Address) -> bool {
        let form = address.canonical();
        self.all.iter().any(|contact| contact.address.canonical() == form)
    }

    pub(super) fn add(
        &mut self,
        address: Address,
        proof: Option<Proof>,
        now: DateTime<Utc>,
    ) -> Result<(), ContactError> {
        let is_full = self.all.len() >= MOST;
        match self.all.iter_mut().find(|contact| contact.address == address) {
            Some(known) if known.verified_at.is_some() && !known.is_broken => Err(ContactError::Known),
            Some(waiting) => {
                waiting.proof = proof;
                Ok(())
            }
            None if is_full => Err(ContactError::TooMany),
            None => {
                self.all.push(Contact { address, added_at: now, verified_at: None, is_broken: false, proof });
                Ok(())
            }
        }
    }

    /// Adds an address that the clinic was told.
    pub(crate) fn add_from_clinic(&mut self, address: Address, now: DateTime<Utc>) -> Result<(), ContactError> {
        self.add(address, None, now)
    }

    pub(super) fn find_mut(&mut self, address: &Address) -> Option<&mut Contact> {
        self.all.iter_mut().find(|contact| contact.address == *address)
    }

    /// Adds an address that was proved by other means: a link that was sent to it.
    pub(crate) fn add_verified(&mut self, address: Address, now: DateTime<Utc>) {
        if self.find_mut(&address).is_none() && self.all.len() < MOST {
            self.all.push(Contact {
                address: address.clone(),
                added_at: now,
                verified_at: None,
                is_broken: false,
                proof: None,
            });
        }
        if let Some(contact) = self.find_mut(&address) {
            contact.verified_at.get_or_insert(now);
            contact.is_broken = false;
        }
    }

    pub(super) fn remove(&mut self, address: &Address) -> Result<Contact, ContactError> {
        let place = self.all.iter().position(|contact| contact.address == *address).ok_or(ContactError::Unknown)?;
        let is_last = self.verified().all(|contact| contact.address == *address) && self.verified().count() > 0;
        if is_last {
            return Err(ContactError::LastOne);
        }
        if self.confidential.as_ref() == Some(address) {
            self.confidential = None;
        }
        Ok(self.all.remove(place))
    }

    pub(super) fn keep_confidential(&mut self, address: Option<Address>) -> Result<(), ContactError> {
        if let Some(address) = &address
            && !self.verified().any(|contact| contact.address == *address)
        {
            return Err(ContactError::Unknown);
        }
        self.confidential = address;
        Ok(())
    }

    /// Notes that messages to an address come back.
    pub(crate) fn note_broken(&mut self, address: &Address) {
        if let Some(contact) = self.find_mut(address) {
            contact.is_broken = true;
        }
    }
}
