//! What a pack says of releasing results.

use super::topic::TopicSet;
use crate::access::SensitivitySet;
use crate::chart::SectionSet;

/// When results are shown: at once, unless a rule says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleasePolicy {
    /// Delays, each with a ground and an end; the longest that applies counts.
    pub delays: Vec<Delay>,
    /// An individual hold lasts at most so many days.
    pub max_hold_days: u16,
    /// A patient's own wish to wait for a clinician's comment lasts at most so many days.
    pub max_wish_days: u16,
}

/// A delay that a law or a published policy gives a ground for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delay {
    /// Its name in the pack.
    pub name: Box<str>,
    /// It applies to items of these sections,
    pub sections: SectionSet,
    /// and of one of these topics,
    pub topics: TopicSet,
    /// or with one of these labels.
    pub labels: SensitivitySet,
    /// So many hours after the result was final.
    pub hours: u16,
    /// Whom it concerns.
    pub concerns: Concerns,
    /// Why: the law or the policy, in one line.
    pub ground: Box<str>,
    /// The key of the source that says so.
    pub cite: Box<str>,
}

/// Whom a delay concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Concerns {
    /// The patient and everyone else.
    Everyone,
    /// Proxies only.
    Proxies,
}
