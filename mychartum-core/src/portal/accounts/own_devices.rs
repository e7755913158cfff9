//! The devices and sessions of an account, as its holder sees and ends them.

use crate::account::{AccountChange, AccountError, AccountRecord, By, Device, OpenSession};
use crate::audit::{Action, Facts, Outcome, Purpose};
use crate::kernel::id::{AccountId, DeviceId, SessionId};
use crate::ledger::{Change, Failure, Ledger, Patience};
use crate::port::storage::{Partition, StorageErrorKind};

use super::super::session::Session;

impl Session {
    /// The devices that signed in, the one that was used last first.
    ///
    /// # Errors
    /// [`AccountError::SessionEnded`].
    pub async fn devices(&self) -> Result<Vec<Device>, AccountError> {
        self.alive().await?;
        Ok(self.portal.ledger.devices(self.live.account).await?)
    }

    /// The sessions that are open, the newest first.
    ///
    /// # Errors
    /// [`AccountError::SessionEnded`].
    pub async fn open_sessions(&self) -> Result<Vec<OpenSession>, AccountError> {
        self.alive().await?;
        Ok(self.portal.ledger.open_sessions(self.live.account, self.portal.policy.accounts()).await?)
    }

    /// The device that this session is on, where it is known.
    #[must_use]
    pub const fn device(&self) -> Option<DeviceId> {
        self.live.device
    }

    /// Which session this is.
    #[must_use]
    pub const fn id(&self) -> SessionId {
        self.live.id
    }

    /// Signs a device out: its sessions end, and it is a stranger again.
    ///
    /// # Errors
    /// [`AccountError::SessionEnded`].
    pub async fn sign_out_device(&self, device: DeviceId) -> Result<(), AccountError> {
        self.alive().await?;
        for session in self.portal.ledger.open_sessions(self.live.account, self.portal.policy.accounts()).await? {
            if session.device == Some(device) {
                self.portal.ledger.end_session(self.live.account, session.id).await?;
            }
        }
        self.forget_devices(|known| known == device).await
    }

    /// Signs out everywhere but here. Other devices stay known, and those that are trusted are not any more.
    ///
    /// # Errors
    /// [`AccountError::SessionEnded`].
    pub async fn sign_out_others(&self) -> Result<(), AccountError> {
        self.alive().await?;
        for session in self.portal.ledger.open_sessions(self.live.account, self.portal.policy.accounts()).await? {
            if session.id != self.live.id {
                self.portal.ledger.end_session(self.live.account, session.id).await?;
            }
        }
        let here = self.live.device;
        self.forget_devices(|known| Some(known) != here).await
    }

    /// Signs out everywhere, here too.
    ///
    /// # Errors
    /// [`AccountError::SessionEnded`].
    pub async fn sign_out_everywhere(self) -> Result<(), AccountError> {
        self.alive().await?;
        let step = |before: &AccountRecord, _| Ok(AccountChange::new(before.clone().shut_out(), Action::SessionEnded));
        self.portal.ledger.change_by(self.live.account, self.by(), step).await?;
        self.forget_devices(|_| true).await
    }

    pub(super) async fn forget_devices(&self, which: impl Fn(DeviceId) -> bool) -> Result<(), AccountError> {
        let (ledger, account) = (&self.portal.ledger, self.live.account);
        Ok(ledger.forget_devices(account, self.by(), which).await?)
    }
}

impl Ledger {
    /// Makes devices strangers again.
    pub(crate) async fn forget_devices(
        &self,
        account: AccountId,
        by: By,
        which: impl Fn(DeviceId) -> bool,
    ) -> Result<(), Failure> {
        let mut patience = Patience::default();
        loop {
            let deletes = self.device_deletes(account, &which).await?;
            if deletes.is_empty() {
                return Ok(());
            }
            let facts = Facts {
                session: by.session,
                account: Some(account),
                ..Facts::new(self.now(), by.actor, Action::DeviceForgotten, Purpose::Operations, Outcome::Permitted)
            };
            let change = Change { partition: Partition::account(account), puts: Vec::new(), deletes };
            match self.record(change, facts).await {
                Err(Failure::Storage(error)) if error.kind() == StorageErrorKind::Conflict && patience.is_left() => {}
                written => return written.map(drop),
            }
        }
    }
}
