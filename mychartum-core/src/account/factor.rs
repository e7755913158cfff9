//! Second factors, and sets of them.

use serde::{Deserialize, Serialize};

/// A second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Factor {
    /// A code of an authenticator app (RFC 6238).
    Totp,
    /// A passkey (WebAuthn).
    Passkey,
    /// A saved recovery code.
    RecoveryCode,
    /// A code by text message; restricted (NIST SP 800-63B-4, section 3.1.3.3).
    TextCode,
    /// A code by e-mail; where the clinic allows it.
    EmailCode,
}

impl Factor {
    /// All of them, the strongest first.
    pub const ALL: [Self; 5] = [Self::Passkey, Self::Totp, Self::RecoveryCode, Self::TextCode, Self::EmailCode];

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A set of second factors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct FactorSet(u8);

impl FactorSet {
    /// No factor.
    pub const NONE: Self = Self(0);

    /// These and one more.
    #[must_use]
    pub const fn with(self, factor: Factor) -> Self {
        Self(self.0 | factor.bit())
    }

    /// These without one.
    #[must_use]
    pub const fn without(self, factor: Factor) -> Self {
        Self(self.0 & !factor.bit())
    }

    /// Whether one is among them.
    #[must_use]
    pub const fn contains(self, factor: Factor) -> bool {
        self.0 & factor.bit() != 0
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Its factors, the strongest first.
    pub fn iter(self) -> impl Iterator<Item = Factor> {
        Factor::ALL.into_iter().filter(move |factor| self.contains(*factor))
    }
}

impl FromIterator<Factor> for FactorSet {
    fn from_iter<I: IntoIterator<Item = Factor>>(factors: I) -> Self {
        factors.into_iter().fold(Self::NONE, Self::with)
    }
}
