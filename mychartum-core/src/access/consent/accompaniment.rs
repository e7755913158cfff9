//! What goes with a disclosure of such records.

use chrono::{DateTime, Utc};

use crate::kernel::id::ConsentId;

use super::part2_consent::{ConsentEnd, ConsentPurpose, Covers, Part2Consent, Recipient};

/// The statement that goes with every disclosure by consent, in the words of the rule (42 CFR 2.32(a)(2)).
pub const REDISCLOSURE_NOTICE: &str = "42 CFR part 2 prohibits unauthorized use or disclosure of these records.";

/// What goes with records that were disclosed by consent: the notice and an explanation of the consent's scope (42 CFR 2.32).
///
/// The host puts it into words beside the records, on a page and in a file alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "records of a programme for substance use do not go without it"]
pub struct Part2Accompaniment {
    /// Which consent; its copy is in the list of consents.
    pub consent: ConsentId,
    /// How much and what kind it covers.
    pub covers: Covers,
    /// To whom.
    pub recipient: Recipient,
    /// What for.
    pub purpose: ConsentPurpose,
    /// When it was signed.
    pub signed_at: DateTime<Utc>,
    /// Until when it lasts.
    pub end: ConsentEnd,
}

impl Part2Accompaniment {
    pub(super) const fn of(consent: &Part2Consent) -> Self {
        Self {
            consent: consent.id(),
            covers: consent.covers(),
            recipient: consent.recipient(),
            purpose: consent.purpose(),
            signed_at: consent.signed_at(),
            end: consent.end(),
        }
    }

    /// The notice against redisclosure.
    #[must_use]
    pub const fn notice(&self) -> &'static str {
        REDISCLOSURE_NOTICE
    }
}
