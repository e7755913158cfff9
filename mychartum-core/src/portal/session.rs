//! A session: someone was authenticated.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

use crate::access::{AccessError, Ask, Permit};
use crate::account::LiveSession;
use crate::audit::{Actor, Purpose};
use crate::chart::SectionSet;
use crate::kernel::id::{AccountId, PatientId};
use crate::ledger::{Failure, Ledger};

/// A signed-in stay of one account. It asks; it never reads.
#[derive(Debug)]
pub struct Session {
    ledger: Arc<Ledger>,
    live: LiveSession,
    permit_life: Duration,
}

impl Session {
    pub(super) const fn new(ledger: Arc<Ledger>, live: LiveSession, permit_life: Duration) -> Self {
        Self { ledger, live, permit_life }
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
    /// # Errors
    /// [`AccessError::NotFound`] for a chart that does not exist as for one that is not for this account;
    /// [`AccessError::SessionEnded`] after a sign-out, a new password, or [`idle_until`](Self::idle_until).
    pub async fn ask(
        &self,
        patient: PatientId,
        sections: impl Into<SectionSet>,
        purpose: Purpose,
    ) -> Result<Permit, AccessError> {
        let LiveSession { account, id: session, idle_until, .. } = self.live;
        // A host may keep a session at hand for long: it gives no more than its token would.
        if self.ledger.now() >= idle_until || !self.ledger.is_live(account, session).await? {
            return Err(AccessError::SessionEnded);
        }
        let ask = Ask {
            actor: Actor::Account(account),
            session: Some(session),
            patient,
            sections: sections.into(),
            purpose,
            at: self.ledger.now(),
        };
        self.ledger.ask(ask, &self.live.own, self.permit_life).await
    }

    /// Ends the session.
    ///
    /// # Errors
    /// [`Failure`]: it could not be written down, and the session goes on.
    pub async fn sign_out(self) -> Result<(), Failure> {
        self.ledger.end_session(self.live.account, self.live.id).await
    }
}
