//! Sensitivity labels and sets of them.

use serde::{Deserialize, Serialize};

/// A sensitivity label: why something must not be seen by everyone who sees the chart.
///
/// The codes are those of HL7 `v3-ActCode` (InformationSensitivityPolicy and privacy law policies) where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sensitivity {
    /// Sexuality and reproductive health, pregnancy included (`SEX`).
    Sex,
    /// Sexually transmitted disease (`STD`).
    Std,
    /// HIV and AIDS (`HIV`).
    Hiv,
    /// Mental health (`PSY`).
    Psy,
    /// Notes of psychotherapy (`PSYTHPN`).
    PsychotherapyNote,
    /// Substance use: alcohol, drugs, tobacco (`ETH`).
    Eth,
    /// Sexual assault, abuse, or domestic violence (`SDV`).
    Sdv,
    /// Genetic disease and genetic tests (`GDIS`).
    Gdis,
    /// Sickle cell disease (`SCA`).
    Sca,
    /// Ending a pregnancy. HL7 has no code of its own; outward it is `SEX`.
    Abortion,
    /// Gender identity and its care. HL7 has no code of its own; outward it is `SEX`.
    Gender,
    /// What the patient or the clinic wants to be told in person first (`TBOO`).
    Taboo,
    /// Records of a programme under 42 CFR Part 2 (`42CFRPart2`).
    Part2,
    /// Care to which a minor consented alone (45 CFR 164.502(g)(3)); local code `MINOR`.
    MinorConsented,
    /// Restricted at the patient's request (45 CFR 164.522(a)); HL7 confidentiality `R` or `V` without a reason.
    Restricted,
    /// A label that this version does not know. It hides from everyone but the patient.
    Unknown,
}

impl Sensitivity {
    /// All labels.
    pub const ALL: [Self; 16] = [
        Self::Sex,
        Self::Std,
        Self::Hiv,
        Self::Psy,
        Self::PsychotherapyNote,
        Self::Eth,
        Self::Sdv,
        Self::Gdis,
        Self::Sca,
        Self::Abortion,
        Self::Gender,
        Self::Taboo,
        Self::Part2,
        Self::MinorConsented,
        Self::Restricted,
        Self::Unknown,
    ];

    /// Its number in stored sets, 0 to 15; never reused.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Sex => 0,
            Self::Std => 1,
            Self::Hiv => 2,
            Self::Psy => 3,
            Self::PsychotherapyNote => 4,
            Self::Eth => 5,
            Self::Sdv => 6,
            Self::Gdis => 7,
            Self::Sca => 8,
            Self::Abortion => 9,
            Self::Gender => 10,
            Self::Taboo => 11,
            Self::Part2 => 12,
            Self::MinorConsented => 13,
            Self::Restricted => 14,
            Self::Unknown => 15,
        }
    }

    /// Its code: HL7's where there is one, ours where there is none.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Sex => "SEX",
            Self::Std => "STD",
            Self::Hiv => "HIV",
            Self::Psy => "PSY",
            Self::PsychotherapyNote => "PSYTHPN",
            Self::Eth => "ETH",
            Self::Sdv => "SDV",
            Self::Gdis => "GDIS",
            Self::Sca => "SCA",
            Self::Abortion => "ABORTION",
            Self::Gender => "GENDER",
            Self::Taboo => "TBOO",
            Self::Part2 => "42CFRPart2",
            Self::MinorConsented => "MINOR",
            Self::Restricted => "RESTRICTED",
            Self::Unknown => "UNKNOWN",
        }
    }

    /// The label with this code. A code that is not known is [`Unknown`](Self::Unknown) only where a caller says so.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|label| label.code() == code)
    }
}

/// A set of sensitivity labels, one bit each; stored as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SensitivitySet(u16);

impl SensitivitySet {
    /// No label.
    pub const NONE: Self = Self(0);
    /// Every label that this version knows.
    pub const KNOWN: Self = Self(!(1 << Sensitivity::Unknown.number()));

    /// The set of these labels.
    #[must_use]
    pub fn of(labels: &[Sensitivity]) -> Self {
        labels.iter().fold(Self::NONE, |set, label| set.with(*label))
    }

    /// With one more.
    #[must_use]
    pub const fn with(self, label: Sensitivity) -> Self {
        Self(self.0 | (1 << label.number()))
    }

    /// Without one.
    #[must_use]
    pub const fn without(self, label: Sensitivity) -> Self {
        Self(self.0 & !(1 << label.number()))
    }

    /// Whether a label is in it.
    #[must_use]
    pub const fn has(self, label: Sensitivity) -> bool {
        self.0 & (1 << label.number()) != 0
    }

    /// The labels of both.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What both have.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether the other has every label of this one.
    #[must_use]
    pub const fn within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0 == 0
    }

    /// The labels in it.
    pub fn iter(self) -> impl Iterator<Item = Sensitivity> {
        Sensitivity::ALL.into_iter().filter(move |label| self.has(*label))
    }

    /// The bits.
    #[must_use]
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// The set of these bits.
    #[must_use]
    pub const fn from_bits(bits: u16) -> Self {
        Self(bits)
    }
}

impl FromIterator<Sensitivity> for SensitivitySet {
    fn from_iter<I: IntoIterator<Item = Sensitivity>>(labels: I) -> Self {
        labels.into_iter().fold(Self::NONE, Self::with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_codes_are_unique_and_sets_hold_what_was_put_in() {
        let all: SensitivitySet = Sensitivity::ALL.into_iter().collect();
        assert_eq!(all.bits(), u16::MAX);
        for label in Sensitivity::ALL {
            assert_eq!(Sensitivity::of_code(label.code()), Some(label));
            let one = SensitivitySet::of(&[label]);
            assert!(one.has(label) && one.within(all) && !all.without(label).has(label));
            assert_eq!(one.iter().collect::<Vec<_>>(), [label]);
        }
        assert!(!SensitivitySet::KNOWN.has(Sensitivity::Unknown));
        assert_eq!(SensitivitySet::KNOWN.bits().count_ones(), 15);
    }
}
