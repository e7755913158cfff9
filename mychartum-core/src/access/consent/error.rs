//! Why a consent was not taken.

/// A consent was not signed or revoked; nothing changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConsentError {
    /// It does not say what may be disclosed (42 CFR 2.31(a)(3)).
    #[error("consent: covers nothing")]
    CoversNothing,
    /// It has no end, which only one for treatment, payment and operations may have (42 CFR 2.31(a)(7)).
    #[error("consent: no end")]
    NoEnd,
    /// It ends before it begins.
    #[error("consent: it ends before it begins")]
    TimeInverted,
    /// A class of recipients is named, which only one for treatment, payment and operations may do (42 CFR 2.31(a)(4)).
    #[error("consent: a class of recipients for another purpose")]
    ClassForOtherPurpose,
    /// The recipient is whoever signs for the patient's own chart: nobody consents towards oneself.
    #[error("consent: the recipient is the patient")]
    OwnChart,
    /// It does not say which text was signed, or in more than 64 bytes.
    #[error("consent: the text that was signed is not named")]
    NoText,
    /// Whoever signs may not: the patient is too young here, or somebody acts on a basis that cannot consent (42 CFR 2.14, 2.15).
    #[error("consent: not theirs to sign")]
    NotTheirs,
    /// It was revoked already.
    #[error("consent: revoked already")]
    Revoked,
}
