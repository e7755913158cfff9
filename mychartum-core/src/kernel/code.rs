//! Codes and the systems they come from.

use core::convert::Infallible;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::text::Label;
use super::{hidden, text_form};

/// The system a code comes from.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CodeSystem {
    /// LOINC: what was measured, observed or written. `http://loinc.org`
    Loinc,
    /// SNOMED CT: conditions, findings, procedures, substances. `http://snomed.info/sct`
    SnomedCt,
    /// RxNorm: medications. `http://www.nlm.nih.gov/research/umls/rxnorm`
    RxNorm,
    /// CVX: vaccines. `http://hl7.org/fhir/sid/cvx`
    Cvx,
    /// ICD-10-CM: diagnoses. `http://hl7.org/fhir/sid/icd-10-cm`
    Icd10Cm,
    /// ICD-10: diagnoses. `http://hl7.org/fhir/sid/icd-10`
    Icd10,
    /// Any other system by its URI or local name.
    Local(Label),
    /// None was named.
    Unstated,
}

hidden!(CodeSystem, Coding, Concept);

const SYSTEMS: [(CodeSystem, &str, &str); 6] = [
    (CodeSystem::Loinc, "http://loinc.org", "2.16.840.1.113883.6.1"),
    (CodeSystem::SnomedCt, "http://snomed.info/sct", "2.16.840.1.113883.6.96"),
    (CodeSystem::RxNorm, "http://www.nlm.nih.gov/research/umls/rxnorm", "2.16.840.1.113883.6.88"),
    (CodeSystem::Cvx, "http://hl7.org/fhir/sid/cvx", "2.16.840.1.113883.12.292"),
    (CodeSystem::Icd10Cm, "http://hl7.org/fhir/sid/icd-10-cm", "2.16.840.1.113883.6.90"),
    (CodeSystem::Icd10, "http://hl7.org/fhir/sid/icd-10", "2.16.840.1.113883.6.3"),
];

impl CodeSystem {
    /// The system that a URI or an OID (with or without `urn:oid:`) names.
    #[must_use]
    pub fn of(uri: &str) -> Self {
        let uri = uri.trim();
        let bare = uri.strip_prefix("urn:oid:").unwrap_or(uri);
        let known = SYSTEMS.into_iter().find(|(_, name, oid)| *name == uri || *oid == bare);
        match known {
            Some((system, ..)) => system,
            None => Label::clipped(uri).map_or(Self::Unstated, Self::Local),
        }
    }

    /// Its URI; empty where none was named.
    #[must_use]
    pub fn uri(&self) -> &str {
        match self {
            Self::Local(uri) => uri.as_str(),
            known => SYSTEMS.iter().find(|(system, ..)| system == known).map_or("", |(_, uri, _)| uri),
        }
    }
}

impl Serialize for CodeSystem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.uri())
    }
}

impl<'de> Deserialize<'de> for CodeSystem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text_form::read(deserializer, |uri| Ok::<_, Infallible>(Self::of(uri)))
    }
}

/// One code with its system and the text its system gives it (FHIR R4 `Coding`).
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Coding {
    /// The system the code comes from.
    #[serde(rename = "s")]
    pub system: CodeSystem,
    /// The code.
    #[serde(rename = "c")]
    pub code: Label,
    /// What the system or the source calls it.
    #[serde(default, rename = "d", skip_serializing_if = "Option::is_none")]
    pub display: Option<Label>,
}

/// One idea, said in any number of code systems and in words (FHIR R4 `CodeableConcept`).
#[derive(Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Concept {
    /// The codes, in the source's order.
    #[serde(default, rename = "codes", skip_serializing_if = "Vec::is_empty")]
    pub codings: Vec<Coding>,
    /// The words of whoever recorded it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Label>,
}

impl Concept {
    /// A concept in words only.
    #[must_use]
    pub fn words(text: &str) -> Self {
        Self { codings: Vec::new(), text: Label::clipped(text) }
    }

    /// Whether it says nothing at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.codings.is_empty() && self.text.is_none()
    }

    /// The code in a system, if it is said there.
    #[must_use]
    pub fn code_in(&self, system: &CodeSystem) -> Option<&str> {
        self.codings.iter().find(|coding| coding.system == *system).map(|coding| coding.code.as_str())
    }

    /// Whether it carries this code, in whatever system.
    #[must_use]
    pub fn has_code(&self, code: &str) -> bool {
        self.codings.iter().any(|coding| coding.code.as_str() == code)
    }

    /// What people are shown: the recorder's words, else the first display, else the first code.
    #[must_use]
    pub fn shown(&self) -> &str {
        self.text
            .as_ref()
            .or_else(|| self.codings.iter().find_map(|coding| coding.display.as_ref()))
            .or_else(|| self.codings.first().map(|coding| &coding.code))
            .map_or("", Label::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn uri_and_oid_name_the_same_system() {
        for (system, uri, oid) in SYSTEMS {
            assert!(CodeSystem::of(uri) == system);
            assert!(CodeSystem::of(&format!("urn:oid:{oid}")) == system);
            assert_eq!(system.uri(), uri);
        }
        assert!(CodeSystem::of("  ") == CodeSystem::Unstated);
    }

    proptest! {
        #[test]
        fn codings_survive_storage(system in "[a-z:/.0-9]{0,40}", code in "[A-Za-z0-9.-]{1,20}", display in proptest::option::of("[a-z ]{1,20}[a-z]")) {
            let coding = Coding {
                system: CodeSystem::of(&system),
                code: Label::parse(&code).unwrap(),
                display: display.and_then(|text| Label::clipped(&text)),
            };
            let json = serde_json::to_string(&coding).unwrap();
            prop_assert!(serde_json::from_str::<Coding>(&json).unwrap() == coding);
            prop_assert_eq!(format!("{coding:?}"), "Coding([hidden])");
        }
    }
}
