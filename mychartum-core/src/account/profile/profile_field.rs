//! One part of a profile with its value, and a change of it.

use chrono::{DateTime, Months, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::access::pack::ProfilePart;
use crate::kernel::{EmailAddress, LanguageTag, PartialDate, PhoneNumber, hidden};

use super::emergency_contact::EmergencyContact;
use super::error::{FieldError, ProposalError};
use super::few::Few;
use super::insurer::Insurer;
use super::legal_name::LegalName;
use super::line::Line;
use super::pharmacy::Pharmacy;
use super::postal_address::PostalAddress;

/// So many years back a date of birth may lie.
const OLDEST_YEARS: u32 = 130;

/// One part of a profile with its value.
///
/// Telephone numbers and e-mail addresses here are what the clinic has on file to call or write by. Notices go to the addresses
/// of an account, which are proved first ([`Contacts`](crate::account::Contacts)); nothing here changes those.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProfileField {
    /// The name to be called by.
    NameToUse(Line<200>),
    /// The language to be written to.
    Language(LanguageTag),
    /// Pronouns, in the patient's words.
    Pronouns(Line<100>),
    /// Where one lives.
    Address(PostalAddress),
    /// Telephone numbers, the first one to be tried first.
    Phone(Few<PhoneNumber, 5>),
    /// E-mail addresses, the first one to be tried first.
    Email(Few<EmailAddress, 5>),
    /// Whom to call in an emergency, the first one first.
    EmergencyContacts(Few<EmergencyContact, 5>),
    /// The pharmacy.
    Pharmacy(Pharmacy),
    /// Insurers, the one that pays first before the others.
    Insurance(Few<Insurer, 3>),
    /// The legal name.
    LegalName(LegalName),
    /// The date of birth, a whole day.
    BirthDate(PartialDate),
}

hidden!(ProfileField, ProfileChange);

/// A change of one part of a profile.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum ProfileChange {
    /// It is to be this.
    Set(ProfileField),
    /// It is to be nothing.
    Clear(ProfilePart),
}

impl ProfileField {
    /// Which part it is.
    #[must_use]
    pub const fn part(&self) -> ProfilePart {
        match self {
            Self::NameToUse(_) => ProfilePart::NameToUse,
            Self::Language(_) => ProfilePart::Language,
            Self::Pronouns(_) => ProfilePart::Pronouns,
            Self::Address(_) => ProfilePart::Address,
            Self::Phone(_) => ProfilePart::Phone,
            Self::Email(_) => ProfilePart::Email,
            Self::EmergencyContacts(_) => ProfilePart::EmergencyContacts,
            Self::Pharmacy(_) => ProfilePart::Pharmacy,
            Self::Insurance(_) => ProfilePart::Insurance,
            Self::LegalName(_) => ProfilePart::LegalName,
            Self::BirthDate(_) => ProfilePart::BirthDate,
        }
    }

    /// Whether two values say the same.
    #[must_use]
    pub fn says_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Address(one), Self::Address(other)) => one.says_same(other),
            (Self::BirthDate(one), Self::BirthDate(other)) => one.relation(other) == Some(core::cmp::Ordering::Equal),
            _ => self == other,
        }
    }

    /// Whether the value makes sense at this time, as far as that is not said by its type.
    pub(super) fn check(&self, now: DateTime<Utc>) -> Result<(), FieldError> {
        match self {
            Self::BirthDate(date) => {
                let day = date.day().filter(|_| date.time().is_none()).ok_or(FieldError::BirthDate)?;
                // Somewhere it is tomorrow already.
                let today = now.date_naive();
                let latest = today.succ_opt().unwrap_or(today);
                let oldest = today.checked_sub_months(Months::new(12 * OLDEST_YEARS)).unwrap_or(NaiveDate::MIN);
                if (oldest..=latest).contains(&day) { Ok(()) } else { Err(FieldError::BirthDate) }
            }
            Self::Insurance(insurers) => insurers.as_slice().iter().try_for_each(Insurer::check),
            _ => Ok(()),
        }
    }
}

/// Whether two parts of a profile say the same, where there may be nothing.
pub(super) fn say_same(one: Option<&ProfileField>, other: Option<&ProfileField>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.says_same(other),
        (one, other) => one.is_none() && other.is_none(),
    }
}

impl ProfileChange {
    /// Which part is to be changed.
    #[must_use]
    pub const fn part(&self) -> ProfilePart {
        match self {
            Self::Set(field) => field.part(),
            Self::Clear(part) => *part,
        }
    }

    /// What it is to be, if it is good; none where it is to be nothing.
    pub(super) fn value(&self, now: DateTime<Utc>) -> Result<Option<&ProfileField>, ProposalError> {
        match self {
            Self::Set(field) => {
                field.check(now)?;
                Ok(Some(field))
            }
            // Somebody without a name or a date of birth cannot be told from others.
            Self::Clear(part @ (ProfilePart::LegalName | ProfilePart::BirthDate)) => {
                Err(ProposalError::CannotClear(*part))
            }
            Self::Clear(_) => Ok(None),
        }
    }
}

impl ProfilePart {
    /// The part of this name, as forms and packs name it.
    ///
    /// # Errors
    /// [`FieldError::UnknownPart`].
    pub fn of_name(name: &str) -> Result<Self, FieldError> {
        Self::ALL.iter().copied().find(|part| part.name() == name).ok_or(FieldError::UnknownPart)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_of_birth_is_a_day_that_was() {
        let now = "2026-03-01T12:00:00Z".parse().unwrap();
        let check = |text: &str| ProfileField::BirthDate(text.parse().unwrap()).check(now);
        for good in ["1948-05-04", "2026-03-01", "1896-03-01"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in ["1948", "1948-05", "2026-03-03", "1896-02-28", "1948-05-04T10:00:00Z"] {
            assert_eq!(check(bad), Err(FieldError::BirthDate), "{bad}");
        }
    }

    #[test]
    fn every_part_has_its_name_and_no_other_name_is_one() {
        for part in ProfilePart::ALL {
            assert_eq!(ProfilePart::of_name(part.name()), Ok(*part));
        }
        for name in ["", "blood-group", "Birth-Date", "phone "] {
            assert_eq!(ProfilePart::of_name(name), Err(FieldError::UnknownPart), "{name}");
        }
    }

    #[test]
    fn only_who_one_is_cannot_be_cleared() {
        let now = DateTime::UNIX_EPOCH;
        for part in ProfilePart::ALL {
            let clear = ProfileChange::Clear(*part);
            assert_eq!(clear.value(now).is_ok(), part.may_apply_itself(), "{part:?}");
        }
    }
}
