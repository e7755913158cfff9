//! What must be known of an item to decide about it. Never what it says.

use chrono::{DateTime, Utc};

use crate::chart::Section;
use crate::kernel::id::{AccountId, PatientId, TenantId};

use super::pack::TopicSet;
use crate::kernel::SensitivitySet;

/// What must be known of an item to decide about it.
#[derive(Debug, Clone, Copy)]
pub struct ItemFacts<'a> {
    /// In which tenant it is.
    pub tenant: TenantId,
    /// In whose chart.
    pub patient: PatientId,
    /// In which section.
    pub section: Section,
    /// Its labels, those that reached it from others included.
    pub labels: SensitivitySet,
    /// The pack's topics that it is of.
    pub topics: TopicSet,
    /// Whether it is a fact.
    pub truth: Truth,
    /// When it came into the chart.
    pub recorded_at: DateTime<Utc>,
    /// Since when it may be seen.
    pub released: Released,
    /// From whom the patient hid it.
    pub hidden: Hidden<'a>,
    /// Who wrote it, where a person did: messages.
    pub author: Option<AccountId>,
}

/// Whether an item is a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Truth {
    /// It is.
    Fact,
    /// It was withdrawn, cancelled, negated or replaced.
    NotAFact,
}

/// Since when an item may be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Released {
    /// By the patient; never where there is none.
    pub own: Option<DateTime<Utc>>,
    /// By everyone else; never where there is none.
    pub others: Option<DateTime<Utc>>,
    /// Whether the patient wants to be told first.
    pub shows: Shows,
}

/// How a released item is shown to the patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shows {
    /// At once.
    AtOnce,
    /// After a tap, by the patient's own wish.
    AfterTap,
}

impl Released {
    /// Released since ever.
    pub const ALWAYS: Self =
        Self { own: Some(DateTime::<Utc>::MIN_UTC), others: Some(DateTime::<Utc>::MIN_UTC), shows: Shows::AtOnce };
}

/// From whom the patient hid an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hidden<'a> {
    /// From nobody, or from these accounts.
    From(&'a [AccountId]),
    /// From everyone but the patient.
    FromAll,
}

impl Hidden<'_> {
    /// Whether it is hidden from an account.
    #[inline]
    #[must_use]
    pub fn is_from(&self, account: AccountId) -> bool {
        match self {
            Self::FromAll => true,
            Self::From(accounts) => accounts.contains(&account),
        }
    }
}
