//! When a result is shown: at once, unless a law, a clinician or the patient says otherwise.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use crate::chart::Section;

use super::item_facts::{Released, Shows};
use super::pack::{Concerns, ReleasePolicy, TopicSet};
use crate::kernel::SensitivitySet;

/// What must be known of an item to say when it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReleaseFacts {
    /// In which section it is.
    pub section: Section,
    /// Its labels.
    pub labels: SensitivitySet,
    /// The pack's topics that it is of.
    pub topics: TopicSet,
    /// When it was final, or corrected: each correction begins anew.
    pub final_at: DateTime<Utc>,
    /// Until when a clinician holds it back, and from whom.
    pub held: Option<(DateTime<Utc>, Concerns)>,
    /// What the patient wishes for this section.
    pub wish: Wish,
}

/// How a patient wants to meet new results of a section. Only the patient sets it; it is never a clinic's default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wish {
    /// Show them at once.
    #[default]
    AtOnce,
    /// Say that there is something, and show it after a tap.
    AfterTap,
    /// Wait so many days for a clinician to comment; never longer than the policy allows.
    Wait(u8),
}

/// Since when an item may be seen, by the patient and by others.
///
/// Immediate is the rule (45 CFR 171.201 allows delays only case by case or by law). Of several delays the longest counts.
#[must_use]
pub fn released(policy: &ReleasePolicy, facts: &ReleaseFacts) -> Released {
    let mut released = Released::ALWAYS;
    for delay in &policy.delays {
        let concerned = delay.sections.has(facts.section)
            && (delay.topics.meets(facts.topics) || !delay.labels.and(facts.labels).is_empty());
        if concerned {
            let end = later(facts.final_at, Duration::hours(i64::from(delay.hours)));
            released.others = released.others.max(end);
            if delay.concerns == Concerns::Everyone {
                released.own = released.own.max(end);
            }
        }
    }
    if let Some((until, concerns)) = facts.held {
        released.others = released.others.max(Some(until));
        if concerns == Concerns::Everyone {
            released.own = released.own.max(Some(until));
        }
    }
    match facts.wish {
        Wish::AtOnce => {}
        Wish::AfterTap => released.shows = Shows::AfterTap,
        Wish::Wait(days) => {
            let days = i64::from(u16::from(days).min(policy.max_wish_days));
            released.own = released.own.max(later(facts.final_at, Duration::days(days)));
        }
    }
    released
}

/// A time after another one; the end of time where there is none.
fn later(at: DateTime<Utc>, after: Duration) -> Option<DateTime<Utc>> {
    Some(at.checked_add_signed(after).unwrap_or(DateTime::<Utc>::MAX_UTC))
}
