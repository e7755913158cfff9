//! The sections of a chart, and sets of them.

/// One kind of thing in a chart: what is asked for, permitted and written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// Who the patient is.
    Demographics,
    /// Laboratory results.
    Results,
    /// Vital signs.
    Vitals,
    /// Other observations: social history, questionnaires, examinations, clinical tests.
    Findings,
    /// Diagnostic reports, which group results.
    Reports,
    /// Prescriptions.
    Medications,
    /// Vaccines given.
    Immunizations,
    /// Problems and diagnoses.
    Conditions,
    /// Allergies and intolerances.
    Allergies,
    /// Encounters.
    Visits,
    /// Visit notes, discharge instructions and other documents.
    Documents,
    /// Procedures.
    Procedures,
    /// Appointments.
    Appointments,
    /// The chart's own audit trail: who looked.
    AccessLog,
    /// Messages between the patient's side and the care team.
    Messages,
    /// Statements and payments.
    Billing,
}

impl Section {
    /// All sections.
    pub const ALL: [Self; 16] = [
        Self::Demographics,
        Self::Results,
        Self::Vitals,
        Self::Findings,
        Self::Reports,
        Self::Medications,
        Self::Immunizations,
        Self::Conditions,
        Self::Allergies,
        Self::Visits,
        Self::Documents,
        Self::Procedures,
        Self::Appointments,
        Self::AccessLog,
        Self::Messages,
        Self::Billing,
    ];

    /// Its number in storage and in the audit trail; never reused.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Demographics => 0,
            Self::Results => 1,
            Self::Vitals => 2,
            Self::Findings => 3,
            Self::Reports => 4,
            Self::Medications => 5,
            Self::Immunizations => 6,
            Self::Conditions => 7,
            Self::Allergies => 8,
            Self::Visits => 9,
            Self::Documents => 10,
            Self::Procedures => 11,
            Self::Appointments => 12,
            Self::AccessLog => 13,
            Self::Messages => 14,
            Self::Billing => 15,
        }
    }

    /// Its name in policy packs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Demographics => "demographics",
            Self::Results => "results",
            Self::Vitals => "vitals",
            Self::Findings => "findings",
            Self::Reports => "reports",
            Self::Medications => "medications",
            Self::Immunizations => "immunizations",
            Self::Conditions => "conditions",
            Self::Allergies => "allergies",
            Self::Visits => "visits",
            Self::Documents => "documents",
            Self::Procedures => "procedures",
            Self::Appointments => "appointments",
            Self::AccessLog => "access-log",
            Self::Messages => "messages",
            Self::Billing => "billing",
        }
    }

    /// The section of this name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|section| section.name() == name)
    }
}

/// A set of sections, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SectionSet(u32);

impl SectionSet {
    /// No section.
    pub const NONE: Self = Self(0);

    /// The set of these sections.
    #[must_use]
    pub fn of(sections: &[Section]) -> Self {
        sections.iter().fold(Self::NONE, |set, section| set.with(*section))
    }

    /// All sections that hold clinical content: all but the access log, messages and bills.
    #[must_use]
    pub fn chart() -> Self {
        Self::of(&Section::ALL).without(Section::AccessLog).without(Section::Messages).without(Section::Billing)
    }

    /// The set with one more.
    #[must_use]
    pub const fn with(self, section: Section) -> Self {
        Self(self.0 | (1 << section.number()))
    }

    /// The set without one.
    #[must_use]
    pub const fn without(self, section: Section) -> Self {
        Self(self.0 & !(1 << section.number()))
    }

    /// Whether a section is in it.
    #[must_use]
    pub const fn has(self, section: Section) -> bool {
        self.0 & (1 << section.number()) != 0
    }

    /// Whether it has none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The sections in it.
    pub fn iter(self) -> impl Iterator<Item = Section> {
        Section::ALL.into_iter().filter(move |section| self.has(*section))
    }

    /// The bits, as the audit trail keeps them: bit `n` is the section with number `n`.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// The set of these bits; unknown bits are dropped.
    #[must_use]
    pub fn from_bits(bits: u32) -> Self {
        Section::ALL.into_iter().filter(|section| bits & (1 << section.number()) != 0).collect()
    }
}

impl FromIterator<Section> for SectionSet {
    fn from_iter<I: IntoIterator<Item = Section>>(sections: I) -> Self {
        sections.into_iter().fold(Self::NONE, Self::with)
    }
}

impl From<Section> for SectionSet {
    fn from(section: Section) -> Self {
        Self::NONE.with(section)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_unique_and_sets_hold_what_was_put_in() {
        let all = SectionSet::of(&Section::ALL);
        assert_eq!(all.bits().count_ones() as usize, Section::ALL.len());
        for section in Section::ALL {
            assert!(SectionSet::from(section).has(section));
            assert!(!all.without(section).has(section));
            assert_eq!(SectionSet::from_bits(SectionSet::from(section).bits()), section.into());
            assert_eq!(Section::of_name(section.name()), Some(section));
        }
        assert!(!SectionSet::chart().has(Section::AccessLog));
    }
}
