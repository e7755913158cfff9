//! The ten recovery codes of an account, as they are kept.

use serde::{Deserialize, Serialize};

use crate::account::settings::AccountSettings;
use crate::kernel::hidden;
use crate::ledger::Failure;
use crate::port::Entropy;

use super::hash_gate::HashGate;
use super::pepper_key::{PepperId, PepperKey};
use super::recovery_code::{RecoveryCode, RecoverySlot, Typed};
use super::slow_hash::SlowHash;

/// Ten saved recovery codes, each good for one use (NIST SP 800-63B-4, section 4.2.1.1), as slow hashes with a flag.
///
/// A value: whoever accepts a code stores the set that [`spent`](Self::spent) or [`replaced`](Self::replaced) gives, against the
/// version that the code was verified with, so that two who come at once do not both get in.
#[derive(Clone, Serialize, Deserialize)]
pub struct RecoveryCodes {
    /// In the order of their places.
    slots: Vec<Slot>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Slot {
    hash: SlowHash,
    used: bool,
}

hidden!(RecoveryCodes, Slot);

const DAMAGED: Failure = Failure::Damaged("recovery codes: a place is missing");

impl RecoveryCodes {
    /// Ten new codes: what is kept of them, and the codes to be shown once. Takes ten slow hashes, some 200 ms.
    ///
    /// # Errors
    /// [`Failure`] without randomness, or with settings that Argon2 refuses.
    pub fn new(
        pepper: &PepperKey,
        settings: &AccountSettings,
        gate: &HashGate,
        entropy: &dyn Entropy,
    ) -> Result<(Self, Vec<RecoveryCode>), Failure> {
        let made = RecoverySlot::all().map(|slot| Slot::new(slot, pepper, settings, gate, entropy));
        let (slots, codes) = made.collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
        Ok((Self { slots }, codes))
    }

    /// The place of a code that someone typed, if it is the one and was not used. It marks nothing.
    ///
    /// Costs one slow hash for whatever looks like a code, used or not; nothing for what does not.
    ///
    /// # Errors
    /// [`Failure::Damaged`] under a pepper of another number.
    pub fn verify(&self, typed: &str, pepper: &PepperKey, gate: &HashGate) -> Result<Option<RecoverySlot>, Failure> {
        let Some(typed) = Typed::parse(typed) else { return Ok(None) };
        let slot = self.slots.get(usize::from(typed.slot.number())).ok_or(DAMAGED)?;
        let matches = slot.hash.matches(&typed.input(), pepper, gate)?;
        Ok((matches && !slot.used).then_some(typed.slot))
    }

    /// The set with one code used up.
    #[must_use]
    pub fn spent(mut self, slot: RecoverySlot) -> Self {
        self.slots.iter_mut().skip(usize::from(slot.number())).take(1).for_each(|slot| slot.used = true);
        self
    }

    /// The set with a new code in one place, and that code, to be shown once. The earlier one is worth nothing from then on.
    ///
    /// # Errors
    /// [`Failure`] without randomness, or with settings that Argon2 refuses.
    pub fn replaced(
        mut self,
        slot: RecoverySlot,
        pepper: &PepperKey,
        settings: &AccountSettings,
        gate: &HashGate,
        entropy: &dyn Entropy,
    ) -> Result<(Self, RecoveryCode), Failure> {
        let place = self.slots.get_mut(usize::from(slot.number())).ok_or(DAMAGED)?;
        let (made, code) = Slot::new(slot, pepper, settings, gate, entropy)?;
        *place = made;
        Ok((self, code))
    }

    /// How many codes are left.
    #[must_use]
    pub fn left(&self) -> usize {
        self.slots.iter().filter(|slot| !slot.used).count()
    }

    /// Which pepper the code in a place has to be compared under: codes of one set may have different ones.
    #[must_use]
    pub fn pepper(&self, slot: RecoverySlot) -> Option<PepperId> {
        self.slots.get(usize::from(slot.number())).map(|slot| slot.hash.pepper())
    }
}

impl Slot {
    fn new(
        slot: RecoverySlot,
        pepper: &PepperKey,
        settings: &AccountSettings,
        gate: &HashGate,
        entropy: &dyn Entropy,
    ) -> Result<(Self, RecoveryCode), Failure> {
        let code = RecoveryCode::new(slot, entropy)?;
        let typed = Typed::parse(code.expose()).ok_or(Failure::Damaged("recovery code: unreadable"))?;
        let hash = SlowHash::new(&typed.input(), pepper, settings, gate, entropy)?;
        Ok((Self { hash, used: false }, code))
    }
}

#[cfg(test)]
#[allow(clippy::string_slice, reason = "the texts of these tests are ASCII, and a test fails by panicking")]
mod tests {
    use proptest::prelude::*;

    use super::super::slow_hash::cheap::{gate, pepper, settings};
    use super::*;
    use crate::vault::test_entropy::{Silent, TestEntropy};

    fn ten(seed: u64) -> (RecoveryCodes, Vec<RecoveryCode>) {
        RecoveryCodes::new(&pepper(1), &settings(), &gate(), &TestEntropy::new(seed)).unwrap()
    }

    fn verify(codes: &RecoveryCodes, typed: &str) -> Option<u8> {
        codes.verify(typed, &pepper(1), &gate()).unwrap().map(RecoverySlot::number)
    }

    #[test]
    fn each_code_opens_its_own_place() {
        let (kept, shown) = ten(1);
        assert_eq!((kept.left(), shown.len()), (10, 10));
        for (number, code) in (0u8..).zip(&shown) {
            assert_eq!(code.slot().number(), number);
            assert_eq!(code.expose().len(), 21);
            assert_eq!(verify(&kept, code.expose()), Some(number));
            let elsewhere = format!("{}{}", (number + 1) % 10, &code.expose()[1..]);
            assert_eq!(verify(&kept, &elsewhere), None, "a code is worth nothing in another place");
        }
        let first = shown[0].expose();
        assert_eq!(kept.verify(first, &pepper(2), &gate()).unwrap(), None);
        assert_eq!(format!("{kept:?} {:?}", shown[0]), "RecoveryCodes([hidden]) RecoveryCode([hidden])");
    }

    #[test]
    fn typing_is_lenient() {
        let (kept, shown) = ten(2);
        let code = shown[1].expose();
        let no_gaps = code.replace('-', "");
        let sloppy = code.to_lowercase().replace('1', "l").replace('0', "o").replace('-', " ");
        for typed in [code, &no_gaps, &sloppy, &format!("  {code}\n")] {
            assert_eq!(verify(&kept, typed), Some(1), "{typed}");
        }
        for typed in ["", "1", &code[..20], &format!("{code}0"), &code.replace('-', "U"), &"9".repeat(100_000)] {
            assert_eq!(verify(&kept, typed), None);
        }
    }

    #[test]
    fn invariant_i10_a_code_works_once_and_a_new_one_is_issued() {
        let (kept, shown) = ten(3);
        let slot = kept.verify(shown[4].expose(), &pepper(1), &gate()).unwrap().unwrap();
        assert_eq!(verify(&kept, shown[4].expose()), Some(4), "verifying marks nothing");
        let spent = kept.clone().spent(slot);
        assert_eq!((verify(&spent, shown[4].expose()), spent.left()), (None, 9));
        let (anew, code) = spent.replaced(slot, &pepper(1), &settings(), &gate(), &TestEntropy::new(4)).unwrap();
        assert_eq!(anew.left(), 10);
        assert_eq!(code.slot(), slot);
        assert_eq!(verify(&anew, code.expose()), Some(4));
        assert_eq!(verify(&anew, shown[4].expose()), None, "the earlier one is over");
        assert_eq!(verify(&anew, shown[5].expose()), Some(5), "the others stay");
        // Replacing without spending first voids the earlier one too.
        let (anew, _) = kept.replaced(slot, &pepper(1), &settings(), &gate(), &TestEntropy::new(5)).unwrap();
        assert_eq!(verify(&anew, shown[4].expose()), None);
    }

    #[test]
    fn what_is_stored_holds_no_code_and_comes_back() {
        let (kept, shown) = ten(6);
        let stored = serde_json::to_string(&kept.clone().spent(RecoverySlot::new(2).unwrap())).unwrap();
        for code in &shown {
            assert!(!stored.contains(&code.expose()[2..]));
        }
        let back: RecoveryCodes = serde_json::from_str(&stored).unwrap();
        assert_eq!(
            (back.left(), verify(&back, shown[2].expose()), verify(&back, shown[3].expose())),
            (9, None, Some(3))
        );
        let short: RecoveryCodes = serde_json::from_str(r#"{"slots":[]}"#).unwrap();
        assert!(short.verify(shown[0].expose(), &pepper(1), &gate()).is_err());
        assert_eq!(kept.pepper(RecoverySlot::new(9).unwrap()), Some(PepperId::FIRST));
        assert!(serde_json::from_str::<RecoverySlot>("10").is_err());
        assert!(RecoveryCodes::new(&pepper(1), &settings(), &gate(), &Silent).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn one_letter_off_is_no_code(slot in 0usize..10, at in 2usize..21, letter in "[0-9A-HJKMNP-TV-Z]") {
            let (kept, shown) = ten(8);
            let code = shown[slot].expose();
            let mut other = code.to_owned();
            if &code[at..=at] != "-" && code[at..=at] != letter {
                other.replace_range(at..=at, &letter);
                prop_assert_eq!(verify(&kept, &other), None);
            }
        }

        #[test]
        fn any_text_is_answered(text in any::<String>()) {
            let (kept, _) = ten(9);
            prop_assert_eq!(verify(&kept, &text), None);
        }
    }
}
