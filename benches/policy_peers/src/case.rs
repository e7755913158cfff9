//! A case: someone wants to do something with an item of a chart.

use chrono::NaiveDate;
use chrono_tz::Tz;
use mychartum_core::access::grant::{GrantIndex, Terms};
use mychartum_core::access::pack::{PolicyPack, TopicSet};
use mychartum_core::access::{
    AppToken, Decision, Glass, Hidden, ItemFacts, Question, Released, Role, SensitivitySet, Subject, Truth, Verb, Who,
    decide,
};
use mychartum_core::audit::Purpose;
use mychartum_core::chart::Section;
use mychartum_core::kernel::id::{AccountId, PatientId, TenantId};

/// A case, with everything that decides it.
#[derive(Debug, Clone)]
pub struct Case {
    /// In which tenant the asker is.
    pub tenant: TenantId,
    /// Who asks.
    pub asker: Asker,
    /// How sure one is of that.
    pub assurance: u8,
    /// What for.
    pub purpose: Purpose,
    /// What is to be done.
    pub verb: Verb,
    /// When, in microseconds since 1970.
    pub now: i64,
    /// Whose chart.
    pub subject: Subject,
    /// When the patient was born, as far as that is known.
    pub birth: Option<Birth>,
    /// The chart's grants, of whomever.
    pub grants: Vec<Terms>,
    /// The item.
    pub item: Item,
}

/// Who asks.
#[derive(Debug, Clone)]
pub enum Asker {
    /// A person, perhaps through an app.
    Account {
        /// Whose account.
        account: AccountId,
        /// The person's own charts.
        own: Vec<PatientId>,
        /// The app.
        app: Option<AppToken>,
    },
    /// Staff, perhaps behind broken glass.
    Staff {
        /// Whose account.
        account: AccountId,
        /// The glass.
        glass: Option<Glass>,
    },
    /// The host.
    Host,
}

/// A date of birth: the first and the last day that it may mean.
#[derive(Debug, Clone, Copy)]
pub struct Birth {
    /// The first day.
    pub first: NaiveDate,
    /// The last day.
    pub last: NaiveDate,
    /// Where the patient is at home.
    pub zone: Tz,
}

/// An item that owns what is said of it.
#[derive(Debug, Clone)]
pub struct Item {
    /// In which tenant.
    pub tenant: TenantId,
    /// In whose chart.
    pub patient: PatientId,
    /// In which section.
    pub section: Section,
    /// Its labels.
    pub labels: SensitivitySet,
    /// Its topics.
    pub topics: TopicSet,
    /// Whether it is a fact.
    pub truth: Truth,
    /// Since when it is shown.
    pub released: Released,
    /// From whom it is hidden; none is from everyone.
    pub hidden: Option<Vec<AccountId>>,
    /// Who wrote it.
    pub author: Option<AccountId>,
}

impl Case {
    /// The question, as ours takes it.
    ///
    /// # Panics
    /// If the time is beyond what a calendar knows.
    #[must_use]
    pub fn question(&self) -> Question<'_> {
        let role = match &self.asker {
            Asker::Account { account, own, app } => Role::Account { account: *account, own, app: *app },
            Asker::Staff { account, glass } => Role::Staff { account: *account, glass: *glass },
            Asker::Host => Role::Host,
        };
        let who = Who { tenant: self.tenant, role, assurance: self.assurance };
        Question { who, purpose: self.purpose, verb: self.verb, at: crate::cases::at(self.now) }
    }

    /// What ours decides.
    pub fn decide(&self, pack: &PolicyPack) -> Decision {
        let grants = GrantIndex::new(&self.grants, pack);
        decide(&self.question(), &self.item.facts(), &self.subject, &grants, pack)
    }
}

impl Item {
    /// The item, as ours takes it.
    #[must_use]
    pub fn facts(&self) -> ItemFacts<'_> {
        ItemFacts {
            tenant: self.tenant,
            patient: self.patient,
            section: self.section,
            labels: self.labels,
            topics: self.topics,
            truth: self.truth,
            recorded_at: crate::cases::at(0),
            released: self.released,
            hidden: self.hidden.as_deref().map_or(Hidden::FromAll, Hidden::From),
            author: self.author,
        }
    }
}
