//! Passwords as they are kept.

use serde::{Deserialize, Serialize};

use crate::account::settings::AccountSettings;
use crate::kernel::hidden;
use crate::ledger::Failure;
use crate::port::Entropy;

use super::hash_gate::HashGate;
use super::password::Password;
use super::pepper_key::{PepperId, PepperKey};
use super::slow_hash::SlowHash;

/// A password as it is kept: Argon2id (RFC 9106) with a salt, keyed with the tenant's pepper.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PasswordHash(SlowHash);

hidden!(PasswordHash);

impl PasswordHash {
    /// Hashes a password. Takes some 20 ms and `argon2_memory` KiB, and waits at the gate before.
    ///
    /// # Errors
    /// [`Failure`] without randomness, or with settings that Argon2 refuses.
    pub fn new(
        password: &Password,
        pepper: &PepperKey,
        settings: &AccountSettings,
        gate: &HashGate,
        entropy: &dyn Entropy,
    ) -> Result<Self, Failure> {
        SlowHash::new(password.expose().as_bytes(), pepper, settings, gate, entropy).map(Self)
    }

    /// A hash that no password has, for names that nobody has: comparing with it takes as long as with a real one.
    #[must_use]
    pub const fn of_nobody(settings: &AccountSettings, pepper: PepperId) -> Self {
        Self(SlowHash::of_nobody(settings, pepper))
    }

    /// Whether the password is the one, compared in constant time. Takes as long as hashing it.
    ///
    /// # Errors
    /// [`Failure::Damaged`] under a pepper of another number.
    pub fn matches(&self, password: &Password, pepper: &PepperKey, gate: &HashGate) -> Result<bool, Failure> {
        // What was hashed before passwords were normalised, was hashed as it was typed.
        let text = if self.0.is_of_old_form() { password.expose_entered() } else { password.expose() };
        self.0.matches(text.as_bytes(), pepper, gate)
    }

    /// Which pepper it has to be compared under.
    #[must_use]
    pub fn pepper(&self) -> PepperId {
        self.0.pepper()
    }

    /// Whether the password should be hashed anew when it was entered rightly: the parameters grew, or the pepper is another.
    #[must_use]
    pub fn needs_rehash(&self, settings: &AccountSettings, pepper: PepperId) -> bool {
        self.0.is_outdated(settings, pepper)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;

    use super::super::slow_hash::cheap::{gate, pepper, settings};
    use super::*;
    use crate::vault::SecretKey;
    use crate::vault::test_entropy::{Silent, TestEntropy};

    fn entered(text: &str) -> Password {
        Password::entered(text).unwrap()
    }

    fn hash(text: &str) -> PasswordHash {
        PasswordHash::new(&entered(text), &pepper(1), &settings(), &gate(), &TestEntropy::new(1)).unwrap()
    }

    fn matches(hash: &PasswordHash, text: &str) -> bool {
        hash.matches(&entered(text), &pepper(1), &gate()).unwrap()
    }

    #[test]
    fn only_under_its_own_pepper() {
        let hash = hash("a long line of her own");
        assert!(matches(&hash, "a long line of her own"));
        let password = entered("a long line of her own");
        assert!(!hash.matches(&password, &pepper(2), &gate()).unwrap());
        let second = PepperKey::new(PepperId::new(2), SecretKey::from_bytes([1; 32]));
        assert!(hash.matches(&password, &second, &gate()).is_err());
        assert_eq!(format!("{hash:?}"), "PasswordHash([hidden])");
    }

    #[test]
    fn the_same_password_has_another_hash_each_time() {
        let entropy = TestEntropy::new(7);
        let make = || PasswordHash::new(&entered("once more"), &pepper(1), &settings(), &gate(), &entropy).unwrap();
        assert_ne!(make().0.hash(), make().0.hash());
        assert!(PasswordHash::new(&entered("x"), &pepper(1), &settings(), &gate(), &Silent).is_err());
    }

    #[test]
    fn nobodys_hash_is_nobodys() {
        let nobody = PasswordHash::of_nobody(&settings(), PepperId::FIRST);
        assert!(!matches(&nobody, ""));
        assert!(!matches(&nobody, "a long line of her own"));
    }

    #[test]
    fn invariant_i8_parameters_grow_and_old_hashes_still_verify() {
        let hash = hash("a long line of her own");
        let grown = AccountSettings { argon2_memory: 16, ..settings() };
        let longer = AccountSettings { argon2_passes: 2, ..settings() };
        assert!(!hash.needs_rehash(&settings(), PepperId::FIRST));
        assert!(hash.needs_rehash(&grown, PepperId::FIRST));
        assert!(hash.needs_rehash(&longer, PepperId::FIRST));
        assert!(hash.needs_rehash(&settings(), PepperId::new(2)));
        let anew = PasswordHash::new(&entered("x"), &pepper(1), &grown, &gate(), &TestEntropy::new(2)).unwrap();
        assert!(!anew.needs_rehash(&settings(), PepperId::FIRST), "what is stronger than asked for stays");
        assert!(matches(&hash, "a long line of her own"));
    }

    #[test]
    fn a_hash_of_the_old_form_reads_verifies_and_is_replaced() {
        // Made by the version before normalisation and numbered peppers: "a cafe\u{301} by the sea", pepper 01 01 .., 8 KiB, 1 pass.
        let decomposed = "a cafe\u{301} by the sea";
        let raw = SlowHash::new(decomposed.as_bytes(), &pepper(1), &settings(), &gate(), &TestEntropy::new(3)).unwrap();
        let mut stored = serde_json::to_value(&raw).unwrap();
        assert!(stored.as_object_mut().unwrap().remove("pepper").is_some());
        let fields: Vec<&String> = stored.as_object().unwrap().keys().collect();
        assert_eq!(fields, ["hash", "memory", "passes", "salt"]);
        let old: PasswordHash = serde_json::from_value(stored.clone()).unwrap();
        assert!(matches(&old, decomposed));
        assert!(!matches(&old, "a caf\u{e9} by the sea"), "it was hashed as it was typed");
        assert!(old.needs_rehash(&settings(), PepperId::FIRST));
        assert_eq!(serde_json::to_value(&old).unwrap(), stored, "reading it changes nothing");
        assert_eq!(old.pepper(), PepperId::FIRST);
    }

    #[test]
    fn what_is_stored_comes_back() {
        let hash = hash("a long line of her own");
        let stored = serde_json::to_string(&hash).unwrap();
        assert!(stored.ends_with(r#""pepper":1}"#), "{stored}");
        assert!(matches(&serde_json::from_str(&stored).unwrap(), "a long line of her own"));
        let unusable = stored.replace(r#""memory":8"#, r#""memory":0"#);
        let unusable: PasswordHash = serde_json::from_str(&unusable).unwrap();
        assert!(unusable.matches(&entered("x"), &pepper(1), &gate()).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn invariant_i7_one_code_point_more_or_less_is_another_password(
            text in proptest::collection::vec(any::<char>(), 1..60),
            at in any::<proptest::sample::Index>(),
            other in any::<char>(),
        ) {
            let at = at.index(text.len());
            let whole: String = text.iter().collect();
            prop_assume!(Password::entered(&whole).is_ok());
            let hash = hash(&whole);
            prop_assert!(matches(&hash, &whole));
            let mut changed = text.clone();
            changed[at] = other;
            let mut shorter = text.clone();
            shorter.remove(at);
            let mut longer = text;
            longer.insert(at, other);
            for another in [changed, shorter, longer] {
                let another: String = another.iter().collect();
                if Password::entered(&another).is_ok() {
                    let same = another.nfkc().eq(whole.nfkc());
                    prop_assert_eq!(matches(&hash, &another), same);
                }
            }
        }

        #[test]
        fn invariant_i7_nothing_is_cut_off(length in 1usize..=256) {
            let text = "x".repeat(length);
            let hash = hash(&text);
            prop_assert!(matches(&hash, &text));
            prop_assert!(!matches(&hash, &"x".repeat(length - 1)));
            let last = format!("{}y", "x".repeat(length - 1));
            prop_assert!(!matches(&hash, &last));
        }
    }
}
