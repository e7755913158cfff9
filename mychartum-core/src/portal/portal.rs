//! The portal.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::access::pack::PolicyPack;
use crate::access::{AccessError, Ask, Permit, Role, Who};
use crate::account::{AccountError, NewAccount, Password, Username};
use crate::attachments::Shelf;
use crate::audit::{Actor, Purpose};
#[cfg(doc)]
use crate::chart::Section;
use crate::chart::{SectionSet, SourceId, SourceRef};
use crate::kernel::id::{AccountId, PatientId};
use crate::ledger::{Failure, Ledger, TrailCheck};
use crate::port::BlobStore;
use crate::port::storage::Partition;
use crate::sync::{Intake, LinkError};

use super::builder::PortalBuilder;
use super::disclosure::Disclosure;
use super::error::ReadError;
use super::outside::Outside;
use super::settings::Settings;

/// The front door of the engine. Cheap to clone; all clones are the same portal.
///
/// What the host does in its own name (opening accounts, taking deliveries) is here. What a person does needs a
/// [`Session`](super::Session), and what a person sees needs a [`Permit`].
#[derive(Debug, Clone)]
pub struct Portal {
    pub(super) ledger: Arc<Ledger>,
    pub(super) shelf: Option<Shelf>,
    pub(super) settings: Settings,
    pub(super) policy: Arc<PolicyPack>,
    pub(super) outside: Arc<Outside>,
}

impl Portal {
    /// Begins to build a portal.
    pub fn builder() -> PortalBuilder {
        PortalBuilder::default()
    }

    pub(super) fn new(
        ledger: Ledger,
        blobs: Option<Arc<dyn BlobStore>>,
        settings: Settings,
        policy: Arc<PolicyPack>,
        outside: Outside,
    ) -> Self {
        let ledger = Arc::new(ledger);
        let shelf = |store| Shelf { ledger: Arc::clone(&ledger), store, settings: settings.attachments };
        Self { shelf: blobs.map(shelf), ledger, settings, policy, outside: Arc::new(outside.ready()) }
    }

    /// Opens an account. Hashing the password computes for some 20 ms.
    ///
    /// # Errors
    /// [`AccountError`]: the name is taken, or the chart does not exist.
    pub async fn open_account(&self, account: NewAccount) -> Result<AccountId, AccountError> {
        self.ledger.open_account(account, &self.settings.accounts).await
    }

    /// Sets an account's password anew, on the host's own authority, and ends all its sessions. Hashing the password computes
    /// for some 20 ms.
    ///
    /// # Errors
    /// [`AccountError::NoSuchAccount`].
    pub async fn set_password(&self, username: &Username, password: &Password) -> Result<AccountId, AccountError> {
        self.ledger.set_password(username, password, &self.settings.accounts).await
    }

    /// Asks in the host's own name, to run the portal: who a patient is, and nothing else ([`Section::Demographics`] with
    /// [`Purpose::Operations`]). The patient's trail says that the host looked.
    ///
    /// # Errors
    /// [`AccessError::NotFound`] for any other question, or where there is no such chart.
    pub async fn ask(
        &self,
        patient: PatientId,
        sections: impl Into<SectionSet>,
        purpose: Purpose,
    ) -> Result<Permit, AccessError> {
        let ask = Ask {
            actor: Actor::Host,
            session: None,
            patient,
            sections: sections.into(),
            purpose,
            at: self.ledger.now(),
        };
        let who = Who { tenant: self.ledger.vault.tenant(), role: Role::Host, assurance: u8::MAX };
        self.ledger.ask(ask, who, &self.policy, self.settings.permit_life).await
    }

    /// Opens a chart as far as the permit goes.
    ///
    /// # Errors
    /// [`ReadError::Misuse`] for a permit of another portal, [`ReadError::Expired`].
    pub fn disclose(&self, permit: Permit) -> Result<Disclosure, ReadError> {
        Disclosure::new(self, permit)
    }

    /// The policy that decides.
    #[must_use]
    pub fn policy(&self) -> &PolicyPack {
        &self.policy
    }

    /// Begins to take a delivery from a source.
    ///
    /// # Errors
    /// [`Failure`] when there is no randomness.
    pub fn intake(&self, source: SourceId) -> Result<Intake, Failure> {
        Intake::new(Arc::clone(&self.ledger), source)
    }

    /// Ties what a source calls a patient (`Patient` and its id there) to a chart that exists here.
    ///
    /// # Errors
    /// [`LinkError::LinkedElsewhere`], [`LinkError::NoSuchPatient`].
    pub async fn link(&self, source: &SourceId, at_source: &SourceRef, patient: PatientId) -> Result<(), LinkError> {
        if !self.ledger.exists(Partition::patient(patient)).await? {
            return Err(LinkError::NoSuchPatient);
        }
        self.ledger.link(source, at_source, patient).await
    }

    /// The chart that what a source calls a patient is tied to.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn linked(&self, source: &SourceId, at_source: &SourceRef) -> Result<Option<PatientId>, Failure> {
        self.ledger.linked(source, at_source).await
    }

    /// When a source was last heard from, to the minute; `None` for never. It is about the source and not about any patient: nobody can
    /// tell from it whether something came that they may not see.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn last_heard(&self, source: &SourceId) -> Result<Option<DateTime<Utc>>, Failure> {
        self.ledger.last_heard(source).await
    }

    /// Checks the audit trail of a chart: every entry, every link, and the head.
    ///
    /// # Errors
    /// [`Failure::Trail`] names the first bad entry.
    pub async fn verify_trail(&self, patient: PatientId) -> Result<TrailCheck, Failure> {
        self.ledger.verify_trail(Partition::patient(patient)).await
    }

    /// Checks the audit trail of an account.
    ///
    /// # Errors
    /// [`Failure::Trail`] names the first bad entry.
    pub async fn verify_account_trail(&self, account: AccountId) -> Result<TrailCheck, Failure> {
        self.ledger.verify_trail(Partition::account(account)).await
    }
}
