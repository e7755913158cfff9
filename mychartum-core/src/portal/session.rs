//! A session: someone was authenticated.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

use crate::access::{AccessError, Ask, Decision, Facts as AccessFacts, Permit, decide};
use crate::account::LiveSession;
use crate::audit::{Action, Actor, Facts, Outcome, Purpose, SectionBits};
use crate::chart::{Section, SectionSet};
use crate::kernel::id::{AccountId, PatientId};
use crate::ledger::{Change, Failure, Ledger};
use crate::port::storage::Partition;

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
    /// [`AccessError::NotFound`] for a chart that does not exist as for one that is not for this account.
    pub async fn ask(
        &self,
        patient: PatientId,
        sections: impl Into<SectionSet>,
        purpose: Purpose,
    ) -> Result<Permit, AccessError> {
        let LiveSession { account, id: session, .. } = self.live;
        if !self.ledger.is_live(account, session).await? {
            return Err(AccessError::SessionEnded);
        }
        let ask = Ask { actor: account, patient, sections: sections.into(), purpose, at: self.ledger.now() };
        let decision = decide(&ask, &AccessFacts { own: &self.live.own });
        let (action, outcome, rule) = match decision {
            Decision::Permit(rule) if only_the_log(ask.sections) => (Action::AccessReport, Outcome::Permitted, rule),
            Decision::Permit(rule) => (Action::Disclose, Outcome::Permitted, rule),
            Decision::Deny(rule) => (Action::Refuse, Outcome::Refused, rule),
        };
        let facts = Facts {
            subject: Some(patient),
            session: Some(session),
            sections: SectionBits::from_bits(ask.sections.bits()),
            reason: Some(rule.into()),
            ..Facts::new(ask.at, Actor::Account(account), action, purpose, outcome)
        };
        let chart = Partition::patient(patient);
        // A refusal is told to the patient whose chart was asked for; where there is no such chart, to the one who asked.
        let partition = if self.ledger.exists(chart).await? { chart } else { Partition::account(account) };
        let written = self.ledger.record(Change::none(partition), facts).await?;
        match decision {
            Decision::Permit(_) => {
                Ok(Permit::issue(self.ledger.vault.tenant(), &ask, session, &written, self.permit_life))
            }
            Decision::Deny(_) => Err(AccessError::NotFound),
        }
    }

    /// Ends the session.
    ///
    /// # Errors
    /// [`Failure`]: it could not be written down, and the session goes on.
    pub async fn sign_out(self) -> Result<(), Failure> {
        self.ledger.end_session(self.live.account, self.live.id).await
    }
}

fn only_the_log(sections: SectionSet) -> bool {
    sections == SectionSet::from(Section::AccessLog)
}
