//! Why a passkey was not enrolled, or its use not believed.

/// Why a passkey was not enrolled, or its use not believed. Carries nothing of what the browser sent.
///
/// What goes out to the person is one answer for all of these; the case is for the access log and for the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PasskeyError {
    /// Not of the form that the standard gives it, or longer than is read.
    #[error("passkey: response: not of the standard's form")]
    Malformed,
    /// Made for enrolling where a sign-in was asked for, or the other way round.
    #[error("passkey: type: made for the other ceremony")]
    WrongCeremony,
    /// Answers another challenge.
    #[error("passkey: challenge: not the one that was given")]
    WrongChallenge,
    /// Made on a page of an origin that is not allowed, or inside a page of another origin.
    #[error("passkey: origin: not allowed")]
    WrongOrigin,
    /// Made for another relying party.
    #[error("passkey: relying party: another one")]
    WrongRelyingParty,
    /// No passkey of those that were named, or none was named.
    #[error("passkey: credential: not one of those known")]
    UnknownCredential,
    /// The authenticator names another user than the passkey's.
    #[error("passkey: user: not the passkey's")]
    WrongUser,
    /// The signature does not fit.
    #[error("passkey: signature: does not fit")]
    BadSignature,
    /// The counter is not higher than the last one: there may be a copy of the authenticator.
    #[error("passkey: counter: not higher than the last one")]
    CounterWentBack,
    /// Whether it may be copied is not what it was when the passkey was made.
    #[error("passkey: backup: not eligible as it was when enrolled")]
    BackupChanged,
    /// Nobody touched the authenticator.
    #[error("passkey: presence: nobody was present")]
    UserNotPresent,
    /// The authenticator did not check its owner.
    #[error("passkey: verification: the user was not verified")]
    UserNotVerified,
    /// Of a kind that is not taken: an algorithm, a form of attestation.
    #[error("passkey: algorithm or attestation: not supported")]
    Unsupported,
}
