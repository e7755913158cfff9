//! Who the patient is (FHIR R4 `Patient`).

use serde::{Deserialize, Serialize};

use crate::kernel::text::Label;
use crate::kernel::{PartialDate, hidden};

use super::coded::coded;
use super::standing::Standing;

coded! {
    /// Administrative gender (FHIR R4 AdministrativeGender).
    AdministrativeGender {
        /// Female.
        Female = "female",
        /// Male.
        Male = "male",
        /// Neither.
        Other = "other",
        /// Not known, or not in the list.
        Unknown = "unknown",
    } else Unknown
}

/// A name of a person (FHIR R4 `HumanName`).
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PersonName {
    /// What it is used for: official, usual, nickname, old ...
    #[serde(default, rename = "use", skip_serializing_if = "Option::is_none")]
    pub usage: Option<Label>,
    /// The whole name as its owner writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Label>,
    /// Given names, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<Label>,
    /// The family name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<Label>,
    /// Before the name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prefix: Vec<Label>,
    /// After the name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suffix: Vec<Label>,
}

/// What a patient is called somewhere: an authority and a value; a value alone says nothing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identifier {
    /// Who gave it: the URI of the authority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<Label>,
    /// What kind it is: `MR`, `SS`, `DL` ... (HL7 v2 table 0203).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Label>,
    /// Its value, as text: leading zeros count.
    pub value: Label,
}

/// A way to reach the patient (FHIR R4 `ContactPoint`).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// phone, email, sms ...
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Label>,
    /// home, work, mobile ...
    #[serde(default, rename = "use", skip_serializing_if = "Option::is_none")]
    pub usage: Option<Label>,
    /// The number or address.
    pub value: Label,
}

/// Whether the patient has died.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deceased {
    /// Nothing was said.
    #[default]
    Unstated,
    /// The source says no.
    No,
    /// The source says yes, without a date.
    Yes,
    /// The patient died then.
    At(PartialDate),
}

/// Who the patient is.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Patient {
    /// Names, in the source's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<PersonName>,
    /// The date of birth, as precise as it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<PartialDate>,
    /// Administrative gender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gender: Option<AdministrativeGender>,
    /// What the patient is called elsewhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identifiers: Vec<Identifier>,
    /// Ways to reach the patient.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<Contact>,
    /// Addresses, one line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<Label>,
    /// Languages, the preferred one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<Label>,
    /// Whether the patient has died.
    #[serde(default)]
    pub deceased: Deceased,
    /// FHIR `active`: whether the source still uses this record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}

hidden!(PersonName, Identifier, Contact, Deceased, Patient);

impl PersonName {
    /// The whole name: as its owner writes it, else given and family names. Titles are left out.
    #[must_use]
    pub fn shown(&self) -> String {
        let parts = || self.given.iter().chain(&self.family).chain(&self.suffix).map(Label::as_str);
        match &self.text {
            Some(text) if self.given.is_empty() && self.family.is_none() => text.as_str().to_owned(),
            _ => parts().collect::<Vec<_>>().join(" "),
        }
    }
}

impl Patient {
    /// The name people are shown: the usual one, else the official one, else the first that is theirs today, else the
    /// first that is at least no former one.
    #[must_use]
    pub fn name(&self) -> String {
        let used = |usage: &str| {
            self.names.iter().find(|name| name.usage.as_ref().is_some_and(|known| known.as_str() == usage))
        };
        let is =
            |name: &PersonName, uses: &[&str]| name.usage.as_ref().is_some_and(|usage| uses.contains(&usage.as_str()));
        let without = |uses: &[&str]| self.names.iter().find(|name| !is(name, uses));
        used("usual")
            .filter(|name| name.family.is_some())
            .or_else(|| used("official"))
            .or_else(|| without(&["old", "maiden", "nickname", "anonymous", "temp"]))
            .or_else(|| without(&["old", "maiden"]))
            .or_else(|| self.names.first())
            .map_or_else(String::new, PersonName::shown)
    }

    /// Demographics are always a fact.
    #[must_use]
    pub const fn standing(&self) -> Standing {
        Standing::Fact
    }
}
