//! Secrets that browsers keep: whose they are, which row they lead to, and 256 random bits of which only a hash is stored.

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::port::Entropy;
use crate::port::entropy::NoEntropy;

/// What a token is for. It is part of the hash, so that a token of one use is worth nothing in another (I1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenUse {
    /// A session.
    Session,
    /// A device that signed in before.
    Device,
    /// A sign-in that is not complete.
    Challenge,
    /// An invitation to act for somebody.
    Invitation,
}

impl TokenUse {
    const fn domain(self) -> &'static [u8] {
        match self {
            Self::Session => b"mychartum/session/1",
            Self::Device => b"mychartum/device/1",
            Self::Challenge => b"mychartum/challenge/1",
            Self::Invitation => b"mychartum/invitation/1",
        }
    }

    fn hash(self, secret: &str) -> [u8; 32] {
        Sha256::new().chain_update(self.domain()).chain_update(secret).finalize().into()
    }
}

/// A new token's text, and the hash to store of it.
pub(crate) struct Minted {
    pub(crate) text: SecretString,
    pub(crate) hash: [u8; 32],
}

/// Makes a token that leads to a row of an owner's partition: 128 hexadecimal digits.
pub(crate) fn mint(
    usage: TokenUse,
    owner: impl core::fmt::Display,
    row: impl core::fmt::Display,
    entropy: &dyn Entropy,
) -> Result<Minted, NoEntropy> {
    let mut random = zeroize::Zeroizing::new([0u8; 32]);
    entropy.fill(&mut *random)?;
    let secret: zeroize::Zeroizing<String> = random.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into();
    let hash = usage.hash(&secret);
    Ok(Minted { text: SecretString::from(format!("{owner}{row}{}", &*secret)), hash })
}

/// A token taken apart. Whether it is worth anything shows when its hash is compared.
pub(crate) struct Presented<O, R> {
    pub(crate) owner: O,
    pub(crate) row: R,
    secret: SecretString,
}

impl<O: core::str::FromStr, R: core::str::FromStr> Presented<O, R> {
    pub(crate) fn read(text: &SecretString) -> Option<Self> {
        let (owner, rest) = text.expose_secret().split_at_checked(32)?;
        let (row, secret) = rest.split_at_checked(32)?;
        let secret = (secret.len() == 64).then(|| SecretString::from(secret))?;
        Some(Self { owner: owner.parse().ok()?, row: row.parse().ok()?, secret })
    }

    /// Whether the secret part is the one that was hashed, compared in constant time.
    pub(crate) fn proves(&self, usage: TokenUse, stored: &[u8; 32]) -> bool {
        usage.hash(self.secret.expose_secret()).ct_eq(stored).into()
    }
}

/// Declares a token that browsers keep.
macro_rules! bearer {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        pub struct $name(pub(crate) ::secrecy::SecretString);

        $crate::kernel::hidden!($name);

        impl $name {
            /// A token that someone presents. Whether it is worth anything shows when it is used.
            #[must_use]
            pub fn presented(token: &str) -> Self {
                Self(::secrecy::SecretString::from(token))
            }

            /// Shows the token, for a cookie or a link.
            #[must_use]
            pub fn expose(&self) -> &str {
                ::secrecy::ExposeSecret::expose_secret(&self.0)
            }
        }
    };
}

pub(crate) use bearer;

bearer! {
    /// An opaque token that resumes a session: 128 hexadecimal digits, of which 256 bits are random and secret.
    ///
    /// Only a hash of the secret part is stored, so a stolen database resumes nothing.
    SessionToken
}

bearer! {
    /// An opaque token by which a browser is known again: 128 hexadecimal digits, of which 256 bits are random and secret.
    ///
    /// It opens nothing by itself; it spares the second factor where the device is trusted, and has tries of its own.
    DeviceToken
}

bearer! {
    /// An opaque token that continues a sign-in which is not complete: 128 hexadecimal digits.
    ChallengeToken
}
