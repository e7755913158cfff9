//! What a pack says of grants of a legal basis.

use super::template::TemplateId;

/// What a pack says of grants of a legal basis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BasisPolicy {
    /// Whether the patient's age bands apply.
    pub age: AgeRule,
    /// No grant gives more than this template.
    pub template: TemplateId,
    /// A grant lasts at most so many days; none where it may last until it is ended.
    pub max_days: Option<u16>,
    /// Who may renew it.
    pub renewal: Renewal,
    /// How many members of staff must verify it.
    pub verifiers: u8,
    /// What must be shown before it is verified.
    pub evidence: Evidence,
    /// The key of the source that says so.
    pub cite: Box<str>,
}

/// Whether grants of a basis follow the patient's age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AgeRule {
    /// The age bands apply.
    Bands,
    /// Age changes nothing.
    Ageless,
}

/// Who may renew a grant. A renewal never gives more than there was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Renewal {
    /// Only the patient.
    Patient,
    /// Staff, on fresh evidence.
    Staff,
    /// Nobody: it is made anew, or needs no renewal.
    Never,
}

/// What must be shown before a grant is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Evidence {
    /// Nothing but the patient's own word.
    PatientsWord,
    /// A document: a birth certificate, an order of a court, a power of attorney.
    Document,
    /// A clinician's attestation, with a day by which it is looked at again.
    Attestation,
}
