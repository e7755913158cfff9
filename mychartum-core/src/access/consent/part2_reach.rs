//! What consents in force open, as the decision sees it.

use crate::access::rule::Rule;
use crate::chart::{Section, SectionSet};
use crate::kernel::{Sensitivity, SensitivitySet};

/// In which sections consents in force open records of programmes for substance use to one reader.
///
/// An item with the label [`Part2`](Sensitivity::Part2) is such a record and takes a consent to records. With
/// [`PsychotherapyNote`](Sensitivity::PsychotherapyNote) besides it is a counselling note (42 CFR 2.11), which takes a consent of
/// its own as well.
///
/// INVARIANT (labels only hide): one more label on an item never shows it to anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Part2Reach {
    /// Where records are open.
    pub records: SectionSet,
    /// Where counselling notes are open.
    pub notes: SectionSet,
}

impl Part2Reach {
    /// Nothing is open.
    pub const NONE: Self = Self { records: SectionSet::NONE, notes: SectionSet::NONE };

    /// What both open.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let both = |one: SectionSet, two: SectionSet| SectionSet::from_bits(one.bits() & two.bits());
        Self { records: both(self.records, other.records), notes: both(self.notes, other.notes) }
    }

    /// What either opens.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let either = |one: SectionSet, two: SectionSet| SectionSet::from_bits(one.bits() | two.bits());
        Self { records: either(self.records, other.records), notes: either(self.notes, other.notes) }
    }

    /// Whether all labels of an item are open: [`Part2`](Sensitivity::Part2) by consents, the others by what is `shown`.
    #[inline]
    pub(in crate::access) fn shows(
        self,
        labels: SensitivitySet,
        section: Section,
        shown: SensitivitySet,
    ) -> Result<(), Rule> {
        if labels.has(Sensitivity::Part2) {
            if !self.records.has(section) {
                return Err(Rule::Part2Consent);
            }
            if labels.has(Sensitivity::PsychotherapyNote) && !self.notes.has(section) {
                return Err(Rule::Part2Notes);
            }
        }
        if labels.without(Sensitivity::Part2).within(shown) { Ok(()) } else { Err(Rule::Sensitive) }
    }
}
