//! Attestation objects (WebAuthn Level 3, section 6.5.4): the new credential, and who vouches for it.
//!
//! We ask for no attestation, since a portal does not choose its patients' devices. A browser then sends the format `none`,
//! or lets self attestation pass (section 5.1.3): format `packed`, signed with the new key itself. Both are checked as the
//! standard says. Any other would need roots of trust to mean anything; it was not asked for, and it is refused rather
//! than believed unchecked.

use mychartum_core::port::passkeys::PasskeyError;

use super::authenticator_data::Attested;
use super::cbor::{Item, Map, whole_map};

/// An attestation object, taken apart.
pub(super) struct AttestationObject<'a> {
    format: &'a str,
    statement: Map<'a>,
    /// The authenticator data, as they are signed.
    pub(super) authenticator_data: &'a [u8],
}

impl<'a> AttestationObject<'a> {
    /// Takes the bytes apart: a map of `fmt`, `attStmt` and `authData`.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, PasskeyError> {
        let mut map = whole_map(bytes)?;
        match (map.take("fmt"), map.take("attStmt"), map.take("authData")) {
            (Some(Item::Text(format)), Some(Item::Map(statement)), Some(Item::Bytes(authenticator_data))) => {
                Ok(Self { format, statement, authenticator_data })
            }
            _ => Err(PasskeyError::Malformed),
        }
    }

    /// Checks the statement by the rules of its format (sections 8.2 and 8.7).
    pub(super) fn check(&self, attested: &Attested<'_>, client_data_hash: &[u8]) -> Result<(), PasskeyError> {
        match self.format {
            "none" if self.statement.len() == 0 => Ok(()),
            "none" => Err(PasskeyError::Malformed),
            // With `x5c` it is more than self attestation.
            "packed" if self.statement.text("x5c").is_none() => {
                let (Some(Item::Integer(algorithm)), Some(Item::Bytes(signed))) =
                    (self.statement.text("alg"), self.statement.text("sig"))
                else {
                    return Err(PasskeyError::Malformed);
                };
                if *algorithm != i128::from(attested.key.algorithm()) {
                    return Err(PasskeyError::Malformed);
                }
                attested.key.check(&[self.authenticator_data, client_data_hash].concat(), signed)
            }
            _ => Err(PasskeyError::Unsupported),
        }
    }
}
