//! What the specification is told: the world of one question, in plain words.

use std::collections::BTreeSet;

use super::calendar::Born;
use super::policies::Policy;

/// Pairs of a section and a verb.
pub(crate) type Rights = BTreeSet<(&'static str, &'static str)>;
/// Codes of labels, or names of topics, accounts.
pub(crate) type Names = BTreeSet<&'static str>;

/// Everything that is asked, and everything that is so.
#[derive(Debug, Clone)]
pub(crate) struct World<'w> {
    pub(crate) policy: &'static Policy,
    /// Microseconds since 1970.
    pub(crate) now: i64,
    pub(crate) verb: &'static str,
    pub(crate) in_proceedings: bool,
    pub(crate) asker: Asker<'w>,
    pub(crate) patient: Patient,
    /// In no order.
    pub(crate) grants: Vec<Grant<'w>>,
    pub(crate) item: Item<'w>,
    /// The band, where it was worked out before for the same patient, policy, law and time; to save time only.
    pub(crate) known_band: Option<Option<usize>>,
}

#[derive(Debug, Clone)]
pub(crate) struct Asker<'w> {
    pub(crate) tenant: &'static str,
    pub(crate) assurance: u8,
    pub(crate) kind: Kind<'w>,
}

#[derive(Debug, Clone)]
pub(crate) enum Kind<'w> {
    Person { name: &'static str, own_charts: &'static [&'static str], app: Option<(&'static str, &'w Rights)> },
    Staff { glass: Option<Glass> },
    Host { for_operations: bool },
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Glass {
    pub(crate) chart: &'static str,
    pub(crate) has_reason: bool,
    pub(crate) from: i64,
    pub(crate) until: i64,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Patient {
    pub(crate) tenant: &'static str,
    pub(crate) chart: &'static str,
    pub(crate) born: Born,
    pub(crate) life: &'static str,
    pub(crate) emancipated: bool,
    pub(crate) assent_given: bool,
    /// By how many hours the patient's clocks are behind UTC (it is winter in the whole space).
    pub(crate) hours_behind: i64,
}

#[derive(Debug, Clone)]
pub(crate) struct Grant<'w> {
    pub(crate) id: u8,
    pub(crate) tenant: &'static str,
    pub(crate) chart: &'static str,
    pub(crate) proxy: &'static str,
    pub(crate) basis: &'static str,
    pub(crate) stands: bool,
    pub(crate) rights: &'w Rights,
    /// What is left of them quietly.
    pub(crate) left: &'w Rights,
    pub(crate) consents: &'w Names,
    /// The sections in which written consents open records of programmes for substance use, and their counselling notes.
    pub(crate) part2: (&'w Names, &'w Names),
    pub(crate) from: i64,
    pub(crate) until: Option<i64>,
    pub(crate) wider: Option<Wider>,
    pub(crate) out_of: Option<u8>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Wider {
    pub(crate) band: usize,
    pub(crate) template: &'static str,
    pub(crate) until: Option<i64>,
}

#[derive(Debug, Clone)]
pub(crate) struct Item<'w> {
    pub(crate) tenant: &'static str,
    pub(crate) chart: &'static str,
    pub(crate) section: &'static str,
    pub(crate) labels: &'w Names,
    pub(crate) topics: &'w Names,
    pub(crate) is_fact: bool,
    pub(crate) recorded: i64,
    pub(crate) own_from: Option<i64>,
    pub(crate) others_from: Option<i64>,
    pub(crate) after_tap: bool,
    /// Nobody is named where it is hidden from all.
    pub(crate) hidden_from: Option<&'w Names>,
    pub(crate) author: Option<&'static str>,
}

/// The answer with its reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) permit: bool,
    pub(crate) rule: u16,
    pub(crate) grant: Option<u8>,
    pub(crate) tap: bool,
    pub(crate) tell_patient: bool,
    pub(crate) second_look: bool,
    pub(crate) part2_notice: bool,
}

impl Verdict {
    pub(crate) const fn of(permit: bool, rule: u16) -> Self {
        Self { permit, rule, grant: None, tap: false, tell_patient: false, second_look: false, part2_notice: false }
    }
}
