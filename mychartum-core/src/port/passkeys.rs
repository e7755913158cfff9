//! The passkeys port: checks what authenticators say.
//!
//! Passkeys are WebAuthn credentials (W3C Web Authentication, Level 2 and 3). Checking them takes public key cryptography and two
//! outside formats, so core leaves it to an adapter. It is arithmetic over what it is given: no I/O, no clock, no
//! randomness, nothing remembered.

mod error;
mod octets;
mod passkey;
mod user;

use core::fmt::Debug;

pub use error::PasskeyError;
pub use octets::WrongLength;
pub use passkey::{CoseKey, CredentialId, Passkey, PasskeyUse};
pub use user::{PasskeyName, PasskeyUser, UserHandle};

/// Asks authenticators, and checks their answers.
///
/// # What it is for
/// The second factor that cannot be phished: an authenticator signs only for the site it was enrolled at (NIST SP 800-63B-4,
/// section 3.2.5). Texts go to the browser and come back from it; core keeps the challenge and the passkeys, and
/// decides what follows.
///
/// # Promises
/// 1. **Enrolled.** `enrol` gives a passkey only from a response that a browser made for this challenge, an allowed origin and
///    this relying party, with the user present. It has the user's handle, and a key of a kind that `verify` takes.
/// 2. **Proved.** `verify` gives a use only where the key of a passkey in `known` signed this challenge, for an allowed origin and
///    this relying party, with the user present, and where a user that the authenticator names is that passkey's.
/// 3. **Not twice.** Where the authenticator counts, a use whose counter is not higher than the passkey's is
///    `CounterWentBack`.
/// 4. **As signed.** `user_verified`, `counter` and `backup_eligible` are what the authenticator said under its signature, or
///    at enrolment in what it would sign. A passkey whose eligibility for backup has changed is `BackupChanged`.
/// 5. **Total.** Whatever the text, the answer is a value or a [`PasskeyError`] in time and memory that grow with the text,
///    and never a panic. Text over 64 KiB is `Malformed` unread.
/// 6. **Pure.** The same arguments give the same answer, on any thread, for as long as the verifier lives.
/// 7. **Options.** What `enrolment_options` gives is a `PublicKeyCredentialCreationOptionsJSON`, and what `sign_in_options` gives a
///    `PublicKeyCredentialRequestOptionsJSON` (WebAuthn Level 3, section 5.1), with this challenge and naming every passkey
///    in `known`. `sign_in_options` with none is `UnknownCredential`, as a browser would take it to allow any.
///
/// # What the library promises you
/// Each challenge is 32 fresh random bytes, is answered once, within minutes, and only by the browser and account that it was made for.
/// `known` holds passkeys of one account only. An id that any account has already is not enrolled again. The counter of
/// a use is kept before anybody is signed in.
///
/// # If you break it
/// Whoever can make a response that is believed has the second factor of every account. No other part would notice.
///
/// # Test yourself
/// `mychartum_testkit::conformance::passkeys` runs recorded ceremonies of a real browser, and wrong ones made of them, against
/// your verifier.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait PasskeyVerifier: Debug + Send + Sync + 'static {
    /// What to hand to `navigator.credentials.create`, as `PublicKeyCredential.parseCreationOptionsFromJSON` takes it.
    ///
    /// An authenticator that holds one of `known` says so instead of making another.
    ///
    /// # Errors
    /// `Unsupported` where it cannot be made at all.
    fn enrolment_options(
        &self,
        user: &PasskeyUser,
        challenge: &[u8; 32],
        known: &[CredentialId],
    ) -> Result<String, PasskeyError>;

    /// Checks what `navigator.credentials.create` gave, as `PublicKeyCredential.toJSON` writes it (promise 1).
    ///
    /// # Errors
    /// Any [`PasskeyError`] but those of a sign-in.
    fn enrol(&self, user: &PasskeyUser, challenge: &[u8; 32], response_json: &str) -> Result<Passkey, PasskeyError>;

    /// What to hand to `navigator.credentials.get`, as `PublicKeyCredential.parseRequestOptionsFromJSON` takes it.
    ///
    /// # Errors
    /// `UnknownCredential` where `known` is empty.
    fn sign_in_options(&self, challenge: &[u8; 32], known: &[Passkey]) -> Result<String, PasskeyError>;

    /// Checks what `navigator.credentials.get` gave, as `PublicKeyCredential.toJSON` writes it (promises 2 to 4).
    ///
    /// # Errors
    /// Any [`PasskeyError`].
    fn verify(&self, challenge: &[u8; 32], known: &[Passkey], response_json: &str) -> Result<PasskeyUse, PasskeyError>;
}

impl<T: PasskeyVerifier + ?Sized> PasskeyVerifier for std::sync::Arc<T> {
    fn enrolment_options(
        &self,
        user: &PasskeyUser,
        challenge: &[u8; 32],
        known: &[CredentialId],
    ) -> Result<String, PasskeyError> {
        (**self).enrolment_options(user, challenge, known)
    }

    fn enrol(&self, user: &PasskeyUser, challenge: &[u8; 32], response_json: &str) -> Result<Passkey, PasskeyError> {
        (**self).enrol(user, challenge, response_json)
    }

    fn sign_in_options(&self, challenge: &[u8; 32], known: &[Passkey]) -> Result<String, PasskeyError> {
        (**self).sign_in_options(challenge, known)
    }

    fn verify(&self, challenge: &[u8; 32], known: &[Passkey], response_json: &str) -> Result<PasskeyUse, PasskeyError> {
        (**self).verify(challenge, known, response_json)
    }
}
