//! Answers that people ask for: what does someone see, what will change, what could be seen then, and why not.

use chrono::{DateTime, Utc};

use crate::access::grant::{GrantIndex, ProxyGrant, Terms};
use crate::access::pack::PolicyPack;
use crate::access::{Decision, Lifeline, Permit, Question, Role, Turn, Verb, Viewer, Who};
use crate::audit::Purpose;
use crate::chart::{Section, SectionSet};
use crate::kernel::id::{AccountId, GrantId, ItemId, PatientId};
use crate::ledger::{Failure, Ledger, Stored, decode};
use crate::port::storage::Partition;

use super::chart_standing::{ChartStanding, GrantRecord};
use super::error::ReadError;
use super::grant_change::ProxyError;
use super::portal::Portal;
use super::session::Session;

impl Session {
    /// "See as they see": a permit for the owner of a chart that shows what a proxy would find at a time, now or after the next
    /// birthday. It is written down as the owner's own look.
    ///
    /// # Errors
    /// [`ProxyError::NotFound`] for a chart that is not the own one, a grant that nobody has accepted, or where the proxy
    /// would find nothing.
    pub async fn preview(
        &self,
        patient: PatientId,
        grant: GrantId,
        sections: impl Into<SectionSet>,
        at: DateTime<Utc>,
    ) -> Result<Permit, ProxyError> {
        self.own(patient).await?;
        let (ledger, policy) = (&self.portal.ledger, &*self.portal.policy);
        let standing = ledger.chart_standing(patient, policy).await?;
        let proxy = proxy_of(&standing, grant)?;
        let viewer = viewer(proxy, &standing, &standing.index(policy, at), policy, at);
        let sections: SectionSet = sections.into().iter().filter(|section| viewer.ask(*section).is_permit()).collect();
        if sections.is_empty() {
            return Err(ProxyError::NotFound);
        }
        let permit = self.ask(patient, sections, Purpose::Care).await?;
        Ok(permit.seen_as(viewer, sections))
    }

    /// What will change by itself for whoever acts by a grant on an own chart, and when: birthdays, the end of the grant.
    ///
    /// # Errors
    /// [`ProxyError::NotFound`].
    pub async fn timeline(&self, patient: PatientId, grant: GrantId) -> Result<Vec<Turn>, ProxyError> {
        self.own(patient).await?;
        let (ledger, policy) = (&self.portal.ledger, &*self.portal.policy);
        let standing = ledger.chart_standing(patient, policy).await?;
        let proxy = proxy_of(&standing, grant)?;
        let now = ledger.now();
        let grants = standing.terms(policy, now);
        let line = Lifeline { proxy, subject: &standing.subject, grants: &grants, pack: policy };
        Ok(line.turns(now))
    }

    /// Why an item of an own chart is shown or not: the rule, never the content. `None` where there is no such item.
    ///
    /// # Errors
    /// [`ProxyError::NotFound`] where the section may not be asked for.
    pub async fn why(
        &self,
        patient: PatientId,
        section: Section,
        item: ItemId,
    ) -> Result<Option<Decision>, ProxyError> {
        self.own(patient).await?;
        let permit = self.ask(patient, section, Purpose::Care).await?;
        let read = |error| match error {
            ReadError::Failure(failure) => ProxyError::Failure(failure),
            ReadError::Expired | ReadError::Misuse => ProxyError::NotFound,
        };
        let chart = self.portal.disclose(permit).map_err(read)?;
        chart.decision(section, item).await.map_err(read)
    }
}

impl Portal {
    /// "What could this account see of that chart then, and under which rule?", for the privacy officer: the decision about
    /// each section, by the grants as they were at that time and the policy that is given (the one of then).
    ///
    /// What was hidden or held item by item is not looked at.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn could_see(
        &self,
        account: AccountId,
        patient: PatientId,
        at: DateTime<Utc>,
        policy: &PolicyPack,
    ) -> Result<Vec<(Section, Decision)>, Failure> {
        let standing = self.ledger.chart_standing(patient, policy).await?;
        let grants = self.ledger.grants_at(patient, &standing, at).await?;
        let of = |grant: &ProxyGrant| grant.terms(policy, &standing.consents, at);
        let terms: Vec<Terms> = grants.iter().filter_map(of).collect();
        let viewer = viewer(account, &standing, &GrantIndex::new(&terms, policy), policy, at);
        Ok(Section::ALL.into_iter().map(|section| (section, viewer.ask(section))).collect())
    }
}

impl Ledger {
    /// The grants on a chart as they were at a time.
    async fn grants_at(
        &self,
        patient: PatientId,
        standing: &ChartStanding,
        at: DateTime<Utc>,
    ) -> Result<Vec<ProxyGrant>, Failure> {
        // In the order in which they were replaced.
        let mut past = Vec::new();
        for row in self.all_rows(Partition::patient(patient), Stored::PAST_GRANTS).await? {
            let record: GrantRecord = decode(&self.open_own(&row).await?, "past grant")?;
            past.push((row.order, record.grant));
        }
        let mut then = Vec::new();
        for (record, _) in &standing.grants {
            let id = record.grant.id();
            let own = || past.iter().filter(|(_, grant)| grant.id() == id);
            let made_at = own().next().map_or(record.grant.since(), |(_, first)| first.since());
            if made_at <= at {
                let replaced = own().find(|(replaced_at, _)| *replaced_at > at.timestamp_micros());
                then.push(replaced.map_or(&record.grant, |(_, grant)| grant).clone());
            }
        }
        Ok(then)
    }
}

fn proxy_of(standing: &ChartStanding, grant: GrantId) -> Result<AccountId, ProxyError> {
    standing.grant(grant).and_then(|(record, _)| record.grant.proxy()).ok_or(ProxyError::NotFound)
}

/// How an account looks at a chart as a proxy.
fn viewer(
    account: AccountId,
    standing: &ChartStanding,
    grants: &GrantIndex,
    policy: &PolicyPack,
    at: DateTime<Utc>,
) -> Viewer {
    let role = Role::Account { account, own: &[], app: None };
    let who = Who { tenant: standing.subject.tenant, role, assurance: u8::MAX };
    let question = Question { who, purpose: Purpose::Care, verb: Verb::View, at };
    Viewer::new(&question, &standing.subject, grants, policy)
}
