//! One recovery code, as it is shown and as it is typed.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::kernel::hidden;
use crate::port::Entropy;
use crate::port::entropy::NoEntropy;

use super::base32::{CROCKFORD, crockford_values, grouped, write};

/// A recovery code to be shown once: `N-XXXX-XXXX-XXXX-XXXX`, 80 random bits behind the digit of its place.
///
/// The digit makes checking cost one slow hash instead of ten. Wiped from memory when dropped.
pub struct RecoveryCode {
    slot: RecoverySlot,
    text: SecretString,
}

hidden!(RecoveryCode, Typed);

/// The place of a recovery code among the ten: 0 to 9.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct RecoverySlot(u8);

impl RecoverySlot {
    /// How many there are.
    pub const COUNT: u8 = 10;

    /// All places.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).map(Self)
    }

    /// The place of this number, 0 to 9.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        if number < Self::COUNT { Some(Self(number)) } else { None }
    }

    /// Its number, 0 to 9.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for RecoverySlot {
    type Error = &'static str;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        Self::new(number).ok_or("recovery code: expected a place from 0 to 9")
    }
}

impl From<RecoverySlot> for u8 {
    fn from(slot: RecoverySlot) -> Self {
        slot.0
    }
}

impl RecoveryCode {
    pub(super) fn new(slot: RecoverySlot, entropy: &dyn Entropy) -> Result<Self, NoEntropy> {
        let mut bytes = Zeroizing::new([0; 10]);
        entropy.fill(&mut *bytes)?;
        let code = Zeroizing::new(grouped(write(&*bytes, CROCKFORD)));
        Ok(Self { slot, text: SecretString::from(format!("{}-{}", slot.number(), code.as_str())) })
    }

    /// Its place.
    #[must_use]
    pub const fn slot(&self) -> RecoverySlot {
        self.slot
    }

    /// Shows the code, to be written down.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }
}

/// A recovery code that someone typed: its place, and the values of its sixteen letters.
pub(super) struct Typed {
    pub(super) slot: RecoverySlot,
    letters: Zeroizing<[u8; 16]>,
}

impl Typed {
    /// Reads a code as people type it: case, spaces and hyphens make no difference; I and L are 1, O is 0, U is none.
    pub(super) fn parse(typed: &str) -> Option<Self> {
        let values = Zeroizing::new(crockford_values::<17>(typed)?);
        let (slot, rest) = values.split_first()?;
        let letters = Zeroizing::new(<[u8; 16]>::try_from(rest).ok()?);
        Some(Self { slot: RecoverySlot::new(*slot)?, letters })
    }

    /// What is hashed: the purpose and the place first, so that a code of another kind or place is never this one.
    pub(super) fn input(&self) -> Zeroizing<Vec<u8>> {
        let place = [self.slot.number()];
        Zeroizing::new([b"mychartum/recovery-code/1".as_slice(), &place, self.letters.as_slice()].concat())
    }
}
