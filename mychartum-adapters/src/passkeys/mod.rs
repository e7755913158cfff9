//! Passkeys: WebAuthn ceremonies checked with `ring` and a reader of our own for the part of CBOR that they use.
//!
//! `README.md` in this folder says what is taken, what is refused, and which step of the standard is where.

mod attestation;
mod authenticator_data;
mod cbor;
mod client_data;
mod cose;
mod error;
mod options;
mod relying_party;
mod response;
mod verifier;

pub use error::RelyingPartyError;
pub use verifier::Passkeys;
