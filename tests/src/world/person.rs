//! The four people of the household.

use chrono::NaiveDate;

use super::calendar::{Calendar, earlier};

/// Who a person is in the household.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// About 74, speaks Spanish, ten years of diabetes and kidney disease.
    Grandmother,
    /// About 45, her caregiver and the children's mother.
    Daughter,
    /// 15, with asthma and a visit she wants to keep to herself.
    Teenager,
    /// 2, with sore ears.
    Toddler,
}

impl Role {
    /// All of them, oldest first.
    pub const ALL: [Self; 4] = [Self::Grandmother, Self::Daughter, Self::Teenager, Self::Toddler];

    /// A word for labels and file names: `grandmother`, `daughter`, `teenager`, `toddler`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Grandmother => "grandmother",
            Self::Daughter => "daughter",
            Self::Teenager => "teenager",
            Self::Toddler => "toddler",
        }
    }
}

/// One person, and where each source keeps the person's record. All of it is invented.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Person {
    /// Who the person is in the household.
    pub role: Role,
    /// Given and family name.
    pub name: String,
    /// Date of birth.
    pub birth_date: NaiveDate,
    /// A user name that suits the person: lower case ASCII, at least three letters.
    pub username_hint: String,
    /// The person's records: source name, and the id of the Patient resource there.
    pub records: Vec<(&'static str, String)>,
}

/// The fixed part of a person: what no seed changes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Identity {
    pub(super) given: &'static str,
    pub(super) family: &'static str,
    pub(super) username: &'static str,
    pub(super) gender: &'static str,
    pub(super) language: (&'static str, &'static str),
    pub(super) phone: &'static str,
}

impl Role {
    pub(super) const fn identity(self) -> Identity {
        let english = ("en", "English");
        let (given, family, username, gender, language, phone) = match self {
            Self::Grandmother => ("Consuelo", "Velarosa", "consuelo", "female", ("es", "Spanish"), "+1-555-0141"),
            Self::Daughter => ("Inés", "Velarosa-Tamberley", "ines", "female", english, "+1-555-0142"),
            Self::Teenager => ("Amara", "Tamberley", "amara", "female", english, "+1-555-0143"),
            Self::Toddler => ("Nilo", "Tamberley", "nilo", "male", english, "+1-555-0142"),
        };
        Identity { given, family, username, gender, language, phone }
    }

    pub(super) fn birth_date(self, calendar: Calendar) -> NaiveDate {
        let (years, days) = match self {
            Self::Grandmother => (74, 131),
            Self::Daughter => (45, 48),
            Self::Teenager => (15, 97),
            Self::Toddler => (2, 3),
        };
        earlier(calendar.months_ago(years * 12), days)
    }
}
