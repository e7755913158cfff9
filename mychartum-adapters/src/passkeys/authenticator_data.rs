//! What an authenticator says under its signature (WebAuthn Level 3, section 6.1).

use mychartum_core::port::passkeys::PasskeyError;
use ring::digest::{SHA256, digest};

use super::cbor::first_map;
use super::cose::PublicKey;

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const BACKUP_ELIGIBLE: u8 = 0x08;
const BACKED_UP: u8 = 0x10;
const ATTESTED: u8 = 0x40;
const EXTENSIONS: u8 = 0x80;

/// Authenticator data, taken apart. Flags that are reserved are left alone, as the standard asks.
pub(super) struct AuthenticatorData<'a> {
    relying_party: &'a [u8; 32],
    flags: u8,
    /// The signature counter.
    pub(super) counter: u32,
    /// The new credential, in an enrolment.
    pub(super) attested: Option<Attested<'a>>,
}

/// A new credential (section 6.5.2).
pub(super) struct Attested<'a> {
    /// The credential's id, of any length.
    pub(super) id: &'a [u8],
    /// The public key, as it is written.
    pub(super) cose: &'a [u8],
    /// The public key, as it is read.
    pub(super) key: PublicKey<'a>,
}

impl<'a> AuthenticatorData<'a> {
    /// Takes the bytes apart, to the last one.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, PasskeyError> {
        let (relying_party, rest) = split(bytes)?;
        let ([flags], rest) = split(rest)?;
        let (counter, mut rest) = split(rest)?;
        let mut attested = None;
        if flags & ATTESTED != 0 {
            // The model of the authenticator is nobody's business here.
            let (_, after) = split::<16>(rest)?;
            let (length, after) = split(after)?;
            let length = u16::from_be_bytes(*length).into();
            let (id, after) = after.split_at_checked(length).ok_or(PasskeyError::Malformed)?;
            let (map, behind) = first_map(after)?;
            let (cose, _) = after.split_at_checked(after.len() - behind.len()).ok_or(PasskeyError::Malformed)?;
            attested = Some(Attested { id, cose, key: PublicKey::from_map(&map)? });
            rest = behind;
        }
        if flags & EXTENSIONS != 0 {
            // We ask for none. Some come unasked, such as `credProtect`; they must be a map, and mean nothing here.
            (_, rest) = first_map(rest)?;
        }
        let backed_up_only = flags & (BACKUP_ELIGIBLE | BACKED_UP) == BACKED_UP;
        if !rest.is_empty() || backed_up_only {
            return Err(PasskeyError::Malformed);
        }
        Ok(Self { relying_party, flags: *flags, counter: u32::from_be_bytes(*counter), attested })
    }

    /// Checks the relying party, that the user was present, and that the authenticator checked who it is.
    pub(super) fn check(&self, relying_party: &str) -> Result<(), PasskeyError> {
        if digest(&SHA256, relying_party.as_bytes()).as_ref() != self.relying_party {
            Err(PasskeyError::WrongRelyingParty)
        } else if self.flags & USER_PRESENT == 0 {
            Err(PasskeyError::UserNotPresent)
        } else if self.flags & USER_VERIFIED == 0 {
            Err(PasskeyError::UserNotVerified)
        } else {
            Ok(())
        }
    }

    /// Whether the credential may be copied to other devices.
    pub(super) const fn backup_eligible(&self) -> bool {
        self.flags & BACKUP_ELIGIBLE != 0
    }
}

fn split<const N: usize>(bytes: &[u8]) -> Result<(&[u8; N], &[u8]), PasskeyError> {
    bytes.split_first_chunk().ok_or(PasskeyError::Malformed)
}
