//! Asking: decided, written down, and only then a permit.

use chrono::Duration;

use crate::access::{AccessError, Ask, Chart, Decision, Facts as AccessFacts, Permit, decide};
use crate::audit::{Action, Actor, Facts, Outcome, SectionBits};
use crate::chart::{Section, SectionSet};
use crate::kernel::id::PatientId;
use crate::ledger::{Change, Ledger};
use crate::port::storage::Partition;

impl Ledger {
    /// Decides a question and writes the decision down, whichever it is.
    pub(super) async fn ask(&self, ask: Ask, own: &[PatientId], permit_life: Duration) -> Result<Permit, AccessError> {
        let partition = Partition::patient(ask.patient);
        let head = self.head(partition).await?;
        let chart = if head.revision > 0 { Chart::Exists } else { Chart::Missing };
        let decision = decide(&ask, &AccessFacts { own, chart });
        let (action, outcome, rule) = match decision {
            Decision::Permit(rule) if only_the_log(ask.sections) => (Action::AccessReport, Outcome::Permitted, rule),
            Decision::Permit(rule) => (Action::Disclose, Outcome::Permitted, rule),
            Decision::Deny(rule) => (Action::Refuse, Outcome::Refused, rule),
        };
        let facts = Facts {
            subject: Some(ask.patient),
            session: ask.session,
            sections: SectionBits::from_bits(ask.sections.bits()),
            reason: Some(rule.into()),
            ..Facts::new(ask.at, ask.actor, action, ask.purpose, outcome)
        };
        // A refusal is told to the patient whose chart was asked for; where there is no such chart, to whoever asked.
        let written = match (chart, ask.actor) {
            (Chart::Exists, _) => self.note(partition, head, facts).await?,
            (Chart::Missing, Actor::Account(account)) => {
                self.record(Change::none(Partition::account(account)), facts).await?
            }
            (Chart::Missing, _) => self.record(Change::none(Partition::SYSTEM), facts).await?,
        };
        match decision {
            Decision::Permit(_) => Ok(Permit::issue(self.vault.tenant(), &ask, &written, permit_life)),
            Decision::Deny(_) => Err(AccessError::NotFound),
        }
    }
}

fn only_the_log(sections: SectionSet) -> bool {
    sections == SectionSet::from(Section::AccessLog)
}
