//! A session: someone was authenticated.

use chrono::{DateTime, Utc};

use crate::access::{AccessError, Ask, Permit, Role, Who};
use crate::account::LiveSession;
use crate::audit::{Actor, Purpose};
use crate::chart::SectionSet;
use crate::kernel::id::{AccountId, PatientId};
use crate::ledger::Failure;

use super::portal::Portal;

/// A signed-in stay of one account. It asks; it never reads.
#[derive(Debug)]
pub struct Session {
    pub(super) portal: Portal,
    pub(super) live: LiveSession,
}

impl Session {
    pub(super) const fn new(portal: Portal, live: LiveSession) -> Self {
        Self { portal, live }
    }

    /// Whose session.
    #[must_use]
    pub const fn account(&self) -> AccountId {
        self.live.account
    }

    /// The charts that are the account holder's own.
    #[must_use]
    pub fn patients(&self) -> &[PatientId] {
        &self.live.own
    }

    /// When it ends if nothing more is done.
    #[must_use]
    pub const fn idle_until(&self) -> DateTime<Utc> {
        self.live.idle_until
    }

    /// When it ends, whatever is done.
    #[must_use]
    pub const fn ends_at(&self) -> DateTime<Utc> {
        self.live.ends_at
    }

    /// Asks to see sections of a chart. The decision is written down before this returns, whichever it is.
    ///
    /// Of several sections the permit names those that may be seen, and it is refused where there is none.
    ///
    /// # Errors
    /// [`AccessError::NotFound`] for a chart that does not exist as for one that is not for this account;
    /// [`AccessError::SessionEnded`] after a sign-out, a new password, or [`idle_until`](Self::idle_until).
    pub async fn ask(
        &self,
        patient: PatientId,
        sections: impl Into<SectionSet>,
        purpose: Purpose,
    ) -> Result<Permit, AccessError> {
        if !self.is_live().await? {
            return Err(AccessError::SessionEnded);
        }
        let ledger = &self.portal.ledger;
        let ask = Ask {
            actor: Actor::Account(self.live.account),
            session: Some(self.live.id),
            patient,
            sections: sections.into(),
            purpose,
            at: ledger.now(),
        };
        ledger.ask(ask, self.who(), &self.portal.policy, self.portal.settings.permit_life).await
    }

    /// Whether it still is one. A host may keep a session at hand for long: it gives no more than its token would.
    pub(super) async fn is_live(&self) -> Result<bool, Failure> {
        let ledger = &self.portal.ledger;
        Ok(ledger.now() < self.live.idle_until && ledger.is_live(self.live.account, self.live.id).await?)
    }

    /// Who asks in this session.
    pub(super) fn who(&self) -> Who<'_> {
        let role = Role::Account { account: self.live.account, own: &self.live.own, app: None };
        Who { tenant: self.portal.ledger.vault.tenant(), role, assurance: self.live.assurance }
    }

    /// Ends the session.
    ///
    /// # Errors
    /// [`Failure`]: it could not be written down, and the session goes on.
    pub async fn sign_out(self) -> Result<(), Failure> {
        self.portal.ledger.end_session(self.live.account, self.live.id).await
    }
}
