//! Codes and units, each with the system it belongs to.

use super::node::{Node, list, object};

/// Common code systems of US Core 6.1.
pub(super) mod system {
    pub(in crate::world) const LOINC: &str = "http://loinc.org";
    pub(in crate::world) const SNOMED: &str = "http://snomed.info/sct";
    pub(in crate::world) const RXNORM: &str = "http://www.nlm.nih.gov/research/umls/rxnorm";
    pub(in crate::world) const CVX: &str = "http://hl7.org/fhir/sid/cvx";
    pub(in crate::world) const ICD10: &str = "http://hl7.org/fhir/sid/icd-10-cm";
    pub(in crate::world) const UCUM: &str = "http://unitsofmeasure.org";
    pub(in crate::world) const ACT_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
    pub(in crate::world) const ACT_REASON: &str = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
}

/// A code with its system and its plain name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Code {
    pub(super) system: &'static str,
    pub(super) code: &'static str,
    pub(super) display: &'static str,
}

impl Code {
    /// A code of any system.
    pub(super) const fn new(system: &'static str, code: &'static str, display: &'static str) -> Self {
        Self { system, code, display }
    }

    /// A FHIR Coding.
    pub(super) fn coding(self) -> Node {
        object! { "system": self.system, "code": self.code, "display": self.display }
    }

    /// A FHIR CodeableConcept whose text is the code's name.
    pub(super) fn concept(self) -> Node {
        self.concept_as(self.display)
    }

    /// A FHIR CodeableConcept with a text of its own.
    pub(super) fn concept_as(self, text: &str) -> Node {
        object! { "coding": list![self.coding()], "text": text }
    }
}

/// A LOINC code.
pub(super) const fn loinc(code: &'static str, display: &'static str) -> Code {
    Code::new(system::LOINC, code, display)
}

/// A SNOMED CT code.
pub(super) const fn snomed(code: &'static str, display: &'static str) -> Code {
    Code::new(system::SNOMED, code, display)
}

/// An RxNorm code.
pub(super) const fn rxnorm(code: &'static str, display: &'static str) -> Code {
    Code::new(system::RXNORM, code, display)
}

/// A vaccine code (CVX).
pub(super) const fn cvx(code: &'static str, display: &'static str) -> Code {
    Code::new(system::CVX, code, display)
}

/// A code of a table in `terminology.hl7.org`, as a CodeableConcept.
pub(super) fn hl7(table: &str, code: &str, display: &str) -> Node {
    let system = format!("http://terminology.hl7.org/CodeSystem/{table}");
    object! { "coding": list![object! { "system": system, "code": code, "display": display }] }
}

/// A unit as people write it and its UCUM code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) text: &'static str,
    pub(super) ucum: &'static str,
}

impl Unit {
    /// A unit whose text differs from its UCUM code.
    pub(super) const fn new(text: &'static str, ucum: &'static str) -> Self {
        Self { text, ucum }
    }

    /// A unit that is written as its UCUM code.
    pub(super) const fn same(text: &'static str) -> Self {
        Self { text, ucum: text }
    }
}
