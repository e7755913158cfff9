//! Who a passkey is made for, as the authenticator is told.

use serde::{Deserialize, Serialize};

use crate::kernel::{Text, hidden};

use super::octets::{Octets, WrongLength};

/// A random name of an account for authenticators: 16 to 64 bytes.
///
/// Never the account's own id or name: an authenticator may show it to whoever holds it, unlocked or not (WebAuthn Level 3,
/// section 14.6.1). Make it from [`Entropy`](crate::port::Entropy), once an account.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserHandle(Octets<16, 64>);

impl UserHandle {
    /// Takes 16 to 64 bytes.
    ///
    /// # Errors
    /// [`WrongLength`].
    pub fn new(bytes: &[u8]) -> Result<Self, WrongLength> {
        Octets::new("user handle", bytes).map(Self)
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// What a person's passkeys are called on their own device: at most 64 bytes, as every authenticator keeps as many
/// (WebAuthn Level 3, section 6.4.1). [`Text::clipped`] makes one of a longer name.
pub type PasskeyName = Text<64>;

/// Who a passkey is made for.
#[derive(Clone, PartialEq, Eq)]
pub struct PasskeyUser {
    /// The account's random name.
    pub handle: UserHandle,
    /// What the device shows when it asks which passkey to use.
    pub name: PasskeyName,
}

hidden!(UserHandle, PasskeyUser);
