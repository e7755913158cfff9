//! A passkey as it is kept, and what proves that it was used.

use serde::{Deserialize, Serialize};

use crate::kernel::hidden;

use super::octets::{Octets, WrongLength};
use super::user::UserHandle;

/// The id that an authenticator gave a passkey: 1 to 1,023 bytes (WebAuthn Level 3, section 4, *Credential ID*).
///
/// It is unique in all the world, so it follows a person about: it is shown to nobody but the person's own browser.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CredentialId(Octets<1, 1023>);

impl CredentialId {
    /// Takes 1 to 1,023 bytes.
    ///
    /// # Errors
    /// [`WrongLength`].
    pub fn new(bytes: &[u8]) -> Result<Self, WrongLength> {
        Octets::new("credential id", bytes).map(Self)
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// A passkey's public key as its authenticator wrote it: a `COSE_Key` (RFC 9052, section 7) of 1 to 1,024 bytes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CoseKey(Octets<1, 1024>);

impl CoseKey {
    /// Takes 1 to 1,024 bytes. Whether they are a key is for a [`PasskeyVerifier`](super::PasskeyVerifier) to say.
    ///
    /// # Errors
    /// [`WrongLength`].
    pub fn new(bytes: &[u8]) -> Result<Self, WrongLength> {
        Octets::new("public key", bytes).map(Self)
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// One passkey of one account: what is kept of it, sealed. Holds no secret of the authenticator.
///
/// The *credential record* of WebAuthn Level 3, section 4, as far as it is used here.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passkey {
    /// Its id.
    pub id: CredentialId,
    /// The public key that its signatures are checked with.
    pub key: CoseKey,
    /// Whose it is: the handle that its authenticator was given.
    pub user: UserHandle,
    /// The signature counter that was last seen; 0 for ever where the authenticator does not count.
    pub counter: u32,
    /// Whether it may be copied to other devices. Fixed when it is made.
    pub backup_eligible: bool,
    /// Whether its authenticator checked its owner (a PIN, a fingerprint) when it was enrolled.
    pub user_verified: bool,
}

/// A passkey was used, and the signature proves it.
#[derive(Clone, PartialEq, Eq)]
pub struct PasskeyUse {
    /// Which one.
    pub id: CredentialId,
    /// The counter to keep in place of the earlier one.
    pub counter: u32,
    /// Whether its authenticator checked its owner this time.
    pub user_verified: bool,
}

hidden!(CredentialId, CoseKey, Passkey, PasskeyUse);

#[cfg(test)]
mod tests {
    use super::*;

    fn passkey() -> Passkey {
        Passkey {
            id: CredentialId::new(&[1, 0xab]).unwrap(),
            key: CoseKey::new(&[0xa0]).unwrap(),
            user: UserHandle::new(&[7; 16]).unwrap(),
            counter: 3,
            backup_eligible: true,
            user_verified: true,
        }
    }

    #[test]
    fn its_stored_form_stays() {
        let stored = concat!(
            r#"{"id":"01ab","key":"a0","user":"07070707070707070707070707070707","#,
            r#""counter":3,"backup_eligible":true,"user_verified":true}"#
        );
        assert_eq!(serde_json::to_string(&passkey()).unwrap(), stored);
        assert!(serde_json::from_str::<Passkey>(stored).unwrap() == passkey());
    }

    #[test]
    fn lengths_are_bounded_also_when_read() {
        assert!(CredentialId::new(&[]).is_err() && CredentialId::new(&[0; 1024]).is_err());
        assert!(CoseKey::new(&[]).is_err() && CoseKey::new(&[0; 1025]).is_err());
        assert!(CredentialId::new(&[0; 1023]).is_ok() && CoseKey::new(&[0; 1024]).is_ok());
        assert!(serde_json::from_str::<CredentialId>(&format!("\"{}\"", "00".repeat(1024))).is_err());
    }

    #[test]
    fn nothing_is_shown() {
        assert_eq!(format!("{:?}", passkey()), "Passkey([hidden])");
        assert_eq!(format!("{:?}", passkey().id), "CredentialId([hidden])");
    }
}
