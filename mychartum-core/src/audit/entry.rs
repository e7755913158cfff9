//! One entry of the trail.

use core::fmt;

use chrono::{DateTime, Utc};

use crate::kernel::id::{AccountId, DeliveryId, ItemId, PatientId, SessionId};
use crate::port::storage::{Position, RowId};

use super::{Action, Actor, Outcome, Purpose};

/// What happened: all that an entry says but its number.
///
/// Closed enums and opaque ids only (INVARIANT (no text in the trail)). Make one with [`Facts::new`] and name the rest:
///
/// ```
/// use chrono::DateTime;
/// use mychartum_core::audit::{Action, Actor, Facts, Outcome, Purpose};
/// use mychartum_core::kernel::id::{AccountId, PatientId};
///
/// let who = Actor::Account(AccountId::from_bytes([1; 16]));
/// let facts = Facts {
///     subject: Some(PatientId::from_bytes([2; 16])),
///     ..Facts::new(DateTime::UNIX_EPOCH, who, Action::Disclose, Purpose::Care, Outcome::Permitted)
/// };
/// assert_eq!(facts.count, 0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// When, to the microsecond; finer parts are cut off when the entry is made.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor: Actor,
    /// What.
    pub action: Action,
    /// What for.
    pub purpose: Purpose,
    /// How it ended.
    pub outcome: Outcome,
    /// The sections of the chart that it was about.
    pub sections: SectionBits,
    /// How many items, where they are counted; else 0. Never the number of items that someone may not know of.
    pub count: u32,
    /// Whose chart.
    pub subject: Option<PatientId>,
    /// The account that it was done to, if not the actor's own.
    pub account: Option<AccountId>,
    /// The grant acted under.
    pub grant: Option<RowId>,
    /// The rule that decided.
    pub reason: Option<ReasonCode>,
    /// In which session.
    pub session: Option<SessionId>,
    /// With which delivery.
    pub delivery: Option<DeliveryId>,
    /// The one item of the chart that it was about.
    pub record: Option<ItemId>,
}

impl Facts {
    /// Facts with nothing but what every entry has.
    #[must_use]
    pub const fn new(at: DateTime<Utc>, actor: Actor, action: Action, purpose: Purpose, outcome: Outcome) -> Self {
        Self {
            at,
            actor,
            action,
            purpose,
            outcome,
            sections: SectionBits::NONE,
            count: 0,
            subject: None,
            account: None,
            grant: None,
            reason: None,
            session: None,
            delivery: None,
            record: None,
        }
    }
}

/// A numbered entry of one chain: made by [`append`](super::append) or read back, never by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    position: u64,
    facts: Facts,
}

impl Entry {
    /// The entry at a position (1 is the first), with its time as the encoding holds it: whole microseconds since
    /// 1970, in which a leap second is the second after it.
    pub(super) fn new(position: u64, facts: Facts) -> Self {
        let at = DateTime::from_timestamp_micros(facts.at.timestamp_micros()).unwrap_or(facts.at);
        Self { position, facts: Facts { at, ..facts } }
    }

    /// The same under another number, for a reader who must not learn how many entries there are between.
    pub(crate) const fn numbered(self, position: u64) -> Self {
        Self { position, ..self }
    }

    /// Where the row of the entry at a position stands in its collection: its order is the position, and its row id the
    /// position in sixteen bytes, big endian. Nothing above `i64::MAX`, which no chain reaches.
    #[must_use]
    pub fn place(position: u64) -> Option<Position> {
        let order = i64::try_from(position).ok()?;
        Some(Position { order, row: RowId::from_bytes(u128::from(position).to_be_bytes()) })
    }

    /// Its number in the chain; the first is 1.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.position
    }

    /// What it says.
    #[must_use]
    pub const fn facts(&self) -> &Facts {
        &self.facts
    }
}

/// A set of sections of a chart, one bit each. Which bit is which section is the chart's affair.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SectionBits(u32);

impl SectionBits {
    /// No section.
    pub const NONE: Self = Self(0);

    /// The set with these bits.
    #[must_use]
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// Its bits.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// The sections of both.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all sections of the other are in it.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl fmt::Debug for SectionBits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SectionBits({:#b})", self.0)
    }
}

/// The number of the rule that decided, as the policy names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReasonCode(u16);

impl ReasonCode {
    /// The reason with this number.
    #[must_use]
    pub const fn new(number: u16) -> Self {
        Self(number)
    }

    /// Its number.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }
}
