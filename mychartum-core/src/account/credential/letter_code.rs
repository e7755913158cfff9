//! Codes that are printed in a letter: activation, mostly.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::account::settings::AccountSettings;
use crate::kernel::hidden;
use crate::ledger::Failure;
use crate::port::Entropy;
use crate::port::entropy::NoEntropy;

use super::base32::{CROCKFORD, crockford_values, grouped, write};
use super::hash_gate::HashGate;
use super::pepper_key::{PepperId, PepperKey};
use super::slow_hash::SlowHash;

/// A code of 80 random bits: sixteen letters of Crockford's alphabet in four groups, for paper.
///
/// Under 112 bits, so that it is kept as a slow hash (NIST SP 800-63B-4, section 3.1.2.2).
pub struct LetterCode(SecretString);

hidden!(LetterCode, LetterCodeHash);

/// What was typed is no code at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("code: expected 16 letters and digits")]
pub struct InvalidLetterCode;

impl LetterCode {
    /// A new code.
    ///
    /// # Errors
    /// [`NoEntropy`].
    pub fn new(entropy: &dyn Entropy) -> Result<Self, NoEntropy> {
        let mut bytes = Zeroizing::new([0; 10]);
        entropy.fill(&mut *bytes)?;
        Ok(Self(SecretString::from(grouped(write(&*bytes, CROCKFORD)))))
    }

    /// Reads a code as people type it: case, spaces and hyphens make no difference; I and L are 1, O is 0, U is none.
    ///
    /// # Errors
    /// [`InvalidLetterCode`] when it is not sixteen letters of the alphabet.
    pub fn parse(typed: &str) -> Result<Self, InvalidLetterCode> {
        let values = Zeroizing::new(crockford_values::<16>(typed).ok_or(InvalidLetterCode)?);
        let letters = values.iter().filter_map(|value| CROCKFORD.get(usize::from(*value)));
        Ok(Self(SecretString::from(grouped(letters.map(|letter| char::from(*letter))))))
    }

    /// Shows the code, to be printed: `XXXX-XXXX-XXXX-XXXX`.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Hashes the code, to be kept. Takes some 20 ms.
    ///
    /// # Errors
    /// [`Failure`] without randomness, or with settings that Argon2 refuses.
    pub fn hash(
        &self,
        pepper: &PepperKey,
        settings: &AccountSettings,
        gate: &HashGate,
        entropy: &dyn Entropy,
    ) -> Result<LetterCodeHash, Failure> {
        SlowHash::new(&self.input(), pepper, settings, gate, entropy).map(LetterCodeHash)
    }

    /// What is hashed: the purpose first, so that a code of another kind is never this one.
    fn input(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new([b"mychartum/letter-code/1".as_slice(), self.expose().as_bytes()].concat())
    }
}

/// A letter's code as it is kept.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LetterCodeHash(SlowHash);

impl LetterCodeHash {
    /// A hash that no code has, for letters that nobody got: comparing with it takes as long as with a real one.
    #[must_use]
    pub const fn of_nobody(settings: &AccountSettings, pepper: PepperId) -> Self {
        Self(SlowHash::of_nobody(settings, pepper))
    }

    /// Whether the code is the one, compared in constant time. Takes some 20 ms.
    ///
    /// # Errors
    /// [`Failure::Damaged`] under a pepper of another number.
    pub fn matches(&self, code: &LetterCode, pepper: &PepperKey, gate: &HashGate) -> Result<bool, Failure> {
        self.0.matches(&code.input(), pepper, gate)
    }

    /// Which pepper it has to be compared under.
    #[must_use]
    pub fn pepper(&self) -> PepperId {
        self.0.pepper()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::slow_hash::cheap::{gate, pepper, settings};
    use super::*;
    use crate::vault::test_entropy::{Fixed, Silent, TestEntropy};

    fn matches(hash: &LetterCodeHash, typed: &str) -> bool {
        LetterCode::parse(typed).is_ok_and(|code| hash.matches(&code, &pepper(1), &gate()).unwrap())
    }

    #[test]
    fn a_code_is_printed_and_typed() {
        let code = LetterCode::new(&Fixed(vec![0, 0x44, 0x32, 0x14, 0xc7, 0x42, 0x54, 0xb6, 0x35, 0xcf])).unwrap();
        assert_eq!(code.expose(), "0123-4567-89AB-CDEF");
        let hash = code.hash(&pepper(1), &settings(), &gate(), &TestEntropy::new(1)).unwrap();
        for typed in
            ["0123-4567-89AB-CDEF", "oi23456789abcdef", "o l 2 3 4567 89ab cdef", " 0123\u{2013}4567 89aB-Cdef\n"]
        {
            assert!(matches(&hash, typed), "{typed}");
        }
        for typed in ["0123-4567-89AB-CDEG", "0123-4567-89AB-CDE", "0123-4567-89AB-CDEFF", "U123-4567-89AB-CDEF", ""] {
            assert!(!matches(&hash, typed), "{typed}");
        }
        assert!(!hash.matches(&code, &pepper(2), &gate()).unwrap());
        assert!(!matches(&LetterCodeHash::of_nobody(&settings(), PepperId::FIRST), code.expose()));
        assert_eq!(format!("{code:?} {hash:?}"), "LetterCode([hidden]) LetterCodeHash([hidden])");
        let stored = serde_json::to_string(&hash).unwrap();
        assert!(matches(&serde_json::from_str(&stored).unwrap(), code.expose()));
        assert!(LetterCode::new(&Silent).is_err());
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read(seed in any::<u64>()) {
            let code = LetterCode::new(&TestEntropy::new(seed)).unwrap();
            let typed = LetterCode::parse(&code.expose().to_lowercase().replace('-', " ")).unwrap();
            prop_assert_eq!(typed.expose(), code.expose());
            prop_assert_eq!(code.expose().len(), 19);
        }

        #[test]
        fn any_text_is_answered(text in any::<String>()) {
            let _ = LetterCode::parse(&text);
        }
    }
}
