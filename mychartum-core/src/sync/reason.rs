//! Why a resource is set aside.

/// Why a resource cannot be filed. It is kept whole in quarantine; nothing is lost and nothing is guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// The bytes are not what the format demands: broken JSON, not UTF-8, cut off, segments that are none.
    #[error("malformed")]
    Malformed,
    /// It is larger than the limit.
    #[error("too large")]
    TooLarge,
    /// It is nested deeper than the limit.
    #[error("nested too deeply")]
    TooDeep,
    /// It does not say what it is.
    #[error("not a resource: resourceType is missing")]
    NotAResource,
    /// There is no view for this type of resource.
    #[error("no view for this type of resource")]
    UnsupportedType,
    /// It has no id by which it could be recognised again.
    #[error("no identity")]
    NoIdentity,
    /// It does not say whose it is.
    #[error("no subject")]
    NoSubject,
    /// It is about something that is not a patient.
    #[error("the subject is not a patient")]
    SubjectNotPatient,
    /// It is about a patient that is not known here.
    #[error("the patient is not known")]
    UnknownPatient,
    /// The source deleted the patient (HL7 v2 A29), and does not say whether the person or only a record: somebody has to decide.
    #[error("the source deleted the patient")]
    PatientDeleted,
    /// The same id came twice in one delivery with different content, and nothing says which is newer.
    #[error("the same id twice with different content")]
    DuplicateId,
    /// It is no production data, such as a message for training (HL7 v2 MSH-11), where only such are taken.
    #[error("not production data")]
    NotProduction,
    /// A document that nobody has signed yet (HL7 v2 TXA-17).
    #[error("the document is not authenticated")]
    NotAuthenticated,
    /// Its line ends are mixed, so that what is shown as text may have been meant as more content.
    #[error("line ends are mixed: a text may hold segments")]
    MixedLineEnds,
    /// An element without which it means nothing is missing.
    #[error("missing: {0}")]
    Missing(&'static str),
    /// An element without which it means nothing has the wrong type or an impossible value.
    #[error("invalid: {0}")]
    Invalid(&'static str),
}

impl Reason {
    /// A short stable name for machines.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::TooLarge => "too-large",
            Self::TooDeep => "too-deep",
            Self::NotAResource => "not-a-resource",
            Self::UnsupportedType => "unsupported-type",
            Self::NoIdentity => "no-identity",
            Self::NoSubject => "no-subject",
            Self::SubjectNotPatient => "subject-not-patient",
            Self::UnknownPatient => "unknown-patient",
            Self::PatientDeleted => "patient-deleted",
            Self::DuplicateId => "duplicate-id",
            Self::NotProduction => "not-production",
            Self::NotAuthenticated => "not-authenticated",
            Self::MixedLineEnds => "mixed-line-ends",
            Self::Missing(_) => "missing",
            Self::Invalid(_) => "invalid",
        }
    }
}
