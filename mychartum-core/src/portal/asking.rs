//! Asking: decided, written down, and only then a permit.

use chrono::Duration;

use crate::access::pack::PolicyPack;
use crate::access::{AccessError, Ask, Decision, Permit, Question, Rule, Verb, Viewer, Who};
use crate::audit::{Action, Actor, Facts, Outcome, SectionBits};
use crate::chart::{Section, SectionSet};
use crate::kernel::id::GrantId;
use crate::ledger::{Change, Ledger};
use crate::port::storage::{Partition, RowId};

impl Ledger {
    /// Decides a question and writes the decision down, whichever it is.
    ///
    /// Of several sections the permit names those that may be asked for; where there is none of them, it is refused.
    pub(super) async fn ask(
        &self,
        ask: Ask,
        who: Who<'_>,
        policy: &PolicyPack,
        permit_life: Duration,
    ) -> Result<Permit, AccessError> {
        self.ask_also(ask, who, None, policy, permit_life).await
    }

    /// The same where looking is not enough: only those sections are permitted that one may do something more with.
    pub(super) async fn ask_also(
        &self,
        ask: Ask,
        who: Who<'_>,
        also: Option<Verb>,
        policy: &PolicyPack,
        permit_life: Duration,
    ) -> Result<Permit, AccessError> {
        let partition = Partition::patient(ask.patient);
        loop {
            let head = self.head(partition).await?;
            if head.revision == 0 {
                return self.no_such_chart(&ask).await;
            }
            let decided = self.decided(&ask, who, also, policy).await?;
            let written = self.note(partition, head, decided.facts(&ask)).await?;
            // INVARIANT (decided on what is so): nothing was written to the chart between what was read and the entry. Where
            // something was, a grant may have ended in between, and only the same decision again counts.
            let in_between = written.entry().position() != head.audit.count + 1;
            if in_between && !self.decided(&ask, who, also, policy).await?.is_as(&decided) {
                continue;
            }
            if decided.permitted.is_empty() {
                return Err(AccessError::NotFound);
            }
            let tenant = self.vault.tenant();
            return Ok(Permit::issue(tenant, &ask, decided.permitted, decided.viewer, &written, permit_life));
        }
    }

    /// Whether a question that was permitted still would be, and whether it truly would: a proxy is not told of what was taken
    /// away in safety mode. It writes nothing down: it is for a change that goes on from it.
    pub(super) async fn still_permits(
        &self,
        ask: &Ask,
        who: Who<'_>,
        also: Option<Verb>,
        policy: &PolicyPack,
    ) -> Result<Still, AccessError> {
        let decided = self.decided(ask, who, also, policy).await?;
        let viewers = || core::iter::once(&decided.viewer).chain(&decided.also);
        let truly = |section| viewers().all(|viewer| viewer.truly_asks(section).is_permit());
        Ok(match decided.permitted {
            SectionSet::NONE => Still::NotAtAll,
            permitted if permitted.iter().all(truly) => Still::Truly,
            _ => Still::ForAllTheyKnow,
        })
    }

    async fn decided(
        &self,
        ask: &Ask,
        who: Who<'_>,
        also: Option<Verb>,
        policy: &PolicyPack,
    ) -> Result<Decided, AccessError> {
        let standing = self.chart_standing(ask.patient, policy).await?;
        let index = standing.index(policy, ask.at);
        let made_ready = |verb| {
            let question = Question { who, purpose: ask.purpose, verb, at: ask.at };
            Viewer::new(&question, &standing.subject, &index, policy)
        };
        let (viewer, also) = (made_ready(Verb::View), also.map(made_ready));
        let decide = |section| match (viewer.ask(section), &also) {
            (seen, Some(also)) if seen.is_permit() => also.ask(section),
            (seen, _) => seen,
        };
        let decisions: Vec<(Section, Decision)> =
            ask.sections.iter().map(|section| (section, decide(section))).collect();
        let permitted: SectionSet =
            decisions.iter().filter(|(_, decision)| decision.is_permit()).map(|(section, _)| *section).collect();
        let deciding = decisions.iter().find(|(_, decision)| decision.is_permit() || permitted.is_empty());
        let (rule, grant) = deciding.map_or((Rule::NothingAsked, None), |(_, one)| (one.rule, one.grant));
        Ok(Decided { viewer, also, permitted, rule, grant })
    }

    /// Where there is no such chart, the refusal is told to whoever asked.
    async fn no_such_chart(&self, ask: &Ask) -> Result<Permit, AccessError> {
        let partition = match ask.actor {
            Actor::Account(account) => Partition::account(account),
            _ => Partition::SYSTEM,
        };
        let rule = if ask.sections.is_empty() { Rule::NothingAsked } else { Rule::NoSuchChart };
        let facts = Facts {
            subject: Some(ask.patient),
            session: ask.session,
            sections: SectionBits::from_bits(ask.sections.bits()),
            reason: Some(rule.into()),
            ..Facts::new(ask.at, ask.actor, Action::Refuse, ask.purpose, Outcome::Refused)
        };
        self.record(Change::none(partition), facts).await?;
        Err(AccessError::NotFound)
    }
}

/// Whether what was permitted still is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Still {
    /// It is not.
    NotAtAll,
    /// It looks so to the asker, and is not so.
    ForAllTheyKnow,
    /// It is.
    Truly,
}

/// What was decided about a question.
struct Decided {
    viewer: Viewer,
    also: Option<Viewer>,
    permitted: SectionSet,
    rule: Rule,
    grant: Option<GrantId>,
}

impl Decided {
    /// Whether it is the same decision.
    fn is_as(&self, other: &Self) -> bool {
        self.viewer == other.viewer && self.also == other.also && self.permitted == other.permitted
    }

    /// What is written down of it.
    fn facts(&self, ask: &Ask) -> Facts {
        let (action, outcome, sections) = match self.permitted {
            SectionSet::NONE => (Action::Refuse, Outcome::Refused, ask.sections),
            permitted if self.rule == Rule::BrokenGlass => (Action::BrokenGlass, Outcome::Permitted, permitted),
            permitted if only_the_log(permitted) => (Action::AccessReport, Outcome::Permitted, permitted),
            permitted => (Action::Disclose, Outcome::Permitted, permitted),
        };
        Facts {
            subject: Some(ask.patient),
            session: ask.session,
            sections: SectionBits::from_bits(sections.bits()),
            reason: Some(self.rule.into()),
            grant: self.grant.map(|grant| RowId::from_bytes(grant.to_bytes())),
            ..Facts::new(ask.at, ask.actor, action, ask.purpose, outcome)
        }
    }
}

fn only_the_log(sections: SectionSet) -> bool {
    sections == SectionSet::from(Section::AccessLog)
}
