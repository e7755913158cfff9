//! Codes of an authenticator app: TOTP (RFC 6238).

use chrono::{DateTime, Utc};
use core::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use subtle::{ConditionallySelectable, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::kernel::hidden;
use crate::port::Entropy;
use crate::port::entropy::NoEntropy;

use super::base32::{STANDARD, write};
use super::six_digits::six_digits;

/// The secret that an authenticator app shares with the portal: 20 bytes, the length of HMAC-SHA-1 (RFC 4226, section 4, R6).
///
/// HMAC-SHA-1, 30 seconds, six digits: what every app knows; many ignore other parameters. Serialised for sealed storage only;
/// wiped when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TotpSecret([u8; 20]);

/// A secret as text, to be shown to its owner once: the letters to type, or the address for a QR code.
pub struct TotpText(SecretString);

hidden!(TotpSecret, TotpText);

impl TotpText {
    /// Shows the text.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl TotpSecret {
    /// How long a code is shown, in seconds (RFC 6238, section 5.2).
    pub const STEP: u64 = 30;

    /// A new secret.
    ///
    /// # Errors
    /// [`NoEntropy`].
    pub fn new(entropy: &dyn Entropy) -> Result<Self, NoEntropy> {
        let mut secret = Self([0; 20]);
        entropy.fill(&mut secret.0)?;
        Ok(secret)
    }

    /// The secret for people who cannot scan: 32 letters and digits of RFC 4648's base 32, without gaps or padding.
    #[must_use]
    pub fn base32(&self) -> TotpText {
        let mut text = Zeroizing::new(String::with_capacity(32));
        text.extend(write(&self.0, STANDARD));
        TotpText(SecretString::from(text.as_str()))
    }

    /// The address that apps scan, in the Key URI format: `otpauth://totp/Issuer:account?secret=...`.
    ///
    /// Colons, which the format keeps for itself, are left out of the issuer's and the account's name.
    #[must_use]
    pub fn provisioning_uri(&self, issuer: &str, account: &str) -> TotpText {
        let (issuer, account) = (encoded(issuer), encoded(account));
        let secret = self.base32();
        // Room for the whole, so that no copy is left behind while the text grows.
        let mut uri = Zeroizing::new(String::with_capacity(2 * issuer.len() + account.len() + 128));
        for part in ["otpauth://totp/", &issuer, ":", &account, "?secret=", secret.expose(), "&issuer=", &issuer] {
            uri.push_str(part);
        }
        uri.push_str("&algorithm=SHA1&digits=6&period=30");
        TotpText(SecretString::from(uri.as_str()))
    }

    /// The step of a code that someone typed, if it is the code of now, of the step before or of the one after, and of no step
    /// that was accepted before. Whoever accepts it stores the step, against the version that `last_step` was read from
    /// (RFC 6238, section 5.2: a code is accepted once).
    ///
    /// All three codes are compared, each in constant time. Where two of them are equal the later step is told, so that neither
    /// is accepted again. Spaces and hyphens in the code make no difference.
    #[must_use]
    pub fn verify(&self, code: &str, now: DateTime<Utc>, last_step: Option<u64>) -> Option<u64> {
        let typed = six_digits(code)?.iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0'));
        let step = u64::try_from(now.timestamp()).ok()? / Self::STEP;
        let mut found = 0;
        let mut any = subtle::Choice::from(0);
        for candidate in [step.checked_sub(1), Some(step), step.checked_add(1)].into_iter().flatten() {
            // Which steps are too old is no secret: whoever typed an accepted code knows.
            if last_step.is_none_or(|last| candidate > last) {
                let same = self.code(candidate).ct_eq(&typed);
                found.conditional_assign(&candidate, same);
                any |= same;
            }
        }
        bool::from(any).then_some(found)
    }

    /// The code of a step, as a number below a million (RFC 4226, section 5.3).
    fn code(&self, step: u64) -> u32 {
        let mut block = Zeroizing::new([0; 64]);
        block.iter_mut().zip(self.0).for_each(|(to, from)| *to = from);
        let mut mac = Hmac::<Sha1>::new((&*block).into());
        mac.update(&step.to_be_bytes());
        truncated(&mac.finalize().into_bytes().into()) % 1_000_000
    }
}

/// Four of the twenty bytes, at the place that the last one names, without the sign (dynamic truncation).
fn truncated(hash: &[u8; 20]) -> u32 {
    let offset = usize::from(hash.last().map_or(0, |last| last & 0xf));
    hash.iter().skip(offset).take(4).fold(0, |number, byte| number << 8 | u32::from(*byte)) & 0x7fff_ffff
}

/// Percent-encoded (RFC 3986, section 2.1), all but the unreserved characters.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 3);
    for byte in text.bytes().filter(|byte| *byte != b':') {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            // Writing to a text cannot fail.
            other => drop(write!(out, "%{other:02X}")),
        }
    }
    out
}

#[cfg(test)]
#[allow(clippy::string_slice, reason = "the texts of these tests are ASCII, and a test fails by panicking")]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::vault::test_entropy::{Silent, TestEntropy};

    /// The secret of RFC 6238, appendix B.
    const RFC: [u8; 20] = *b"12345678901234567890";

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn shown(secret: &TotpSecret, step: u64) -> String {
        format!("{:06}", secret.code(step))
    }

    #[test]
    fn the_test_vectors_of_rfc_6238_come_out() {
        // Appendix B, SHA-1: eight digits, of which ours are the last six.
        for (seconds, code) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            let step = u64::try_from(seconds).unwrap() / 30;
            assert_eq!(TotpSecret(RFC).verify(&code[2..], at(seconds), None), Some(step), "{seconds}");
        }
    }

    #[test]
    fn the_test_vectors_of_rfc_4226_come_out() {
        // Appendix D, counters 0 to 9.
        let codes = [755_224, 287_082, 359_152, 969_429, 338_314, 254_676, 287_922, 162_583, 399_871, 520_489];
        for (counter, code) in (0..).zip(codes) {
            assert_eq!(TotpSecret(RFC).code(counter), code);
        }
    }

    #[test]
    fn invariant_i9_one_step_either_way_and_each_once() {
        let (secret, now) = (TotpSecret(RFC), at(1_111_111_111));
        let step = 1_111_111_111 / 30;
        for (distance, accepted) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let other = step + distance;
            let found = secret.verify(&shown(&secret, other.try_into().unwrap()), now, None);
            assert_eq!(found, accepted.then_some(other.try_into().unwrap()), "{distance}");
        }
        let step: u64 = step.try_into().unwrap();
        assert_eq!(secret.verify(&shown(&secret, step), now, Some(step)), None, "accepted once");
        assert_eq!(
            secret.verify(&shown(&secret, step - 1), now, Some(step)),
            None,
            "never an earlier one after a later one"
        );
        assert_eq!(secret.verify(&shown(&secret, step + 1), now, Some(step)), Some(step + 1));
        assert_eq!(secret.verify(&shown(&secret, step), now, Some(u64::MAX)), None);
    }

    #[test]
    fn the_ends_of_time_are_no_trouble() {
        let secret = TotpSecret(RFC);
        assert_eq!(secret.verify(&shown(&secret, 0), at(0), None), Some(0));
        assert_eq!(secret.verify(&shown(&secret, 1), at(0), Some(0)), Some(1));
        assert_eq!(secret.verify("755224", at(-1), None), None);
        let _ = secret.verify("000000", DateTime::<Utc>::MAX_UTC, None);
        let _ = secret.verify("000000", DateTime::<Utc>::MIN_UTC, None);
    }

    #[test]
    fn codes_are_read_as_people_type_them() {
        let secret = TotpSecret(RFC);
        for typed in ["287082", " 287 082", "287-082\n"] {
            assert_eq!(secret.verify(typed, at(59), None), Some(1), "{typed}");
        }
        for typed in ["", "28708", "2870822", "28708a", "٢٨٧٠٨٢", "+87082"] {
            assert_eq!(secret.verify(typed, at(59), None), None, "{typed}");
        }
    }

    #[test]
    fn apps_get_the_secret_in_their_form() {
        let secret = TotpSecret(RFC);
        assert_eq!(secret.base32().expose(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let uri = secret.provisioning_uri("Riverside: Clinic & Sons", "maria@example.org");
        assert_eq!(
            uri.expose(),
            "otpauth://totp/Riverside%20Clinic%20%26%20Sons:maria%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Riverside%20Clinic%20%26%20Sons&algorithm=SHA1&digits=6&period=30"
        );
        assert_eq!(format!("{secret:?} {uri:?}"), "TotpSecret([hidden]) TotpText([hidden])");
    }

    #[test]
    fn a_secret_is_random_and_comes_back_from_storage() {
        let entropy = TestEntropy::new(1);
        let (one, two) = (TotpSecret::new(&entropy).unwrap(), TotpSecret::new(&entropy).unwrap());
        assert_ne!(one.0, two.0);
        let back: TotpSecret = serde_json::from_str(&serde_json::to_string(&one).unwrap()).unwrap();
        assert_eq!(back.0, one.0);
        assert!(TotpSecret::new(&Silent).is_err());
    }

    proptest! {
        #[test]
        fn invariant_i9_accepted_steps_only_grow(
            secret in any::<[u8; 20]>(),
            tries in proptest::collection::vec((0i64..400, -3i64..4), 1..60),
        ) {
            let secret = TotpSecret(secret);
            let mut last = None;
            for (seconds, distance) in tries {
                let now = at(1_000_000_000 + seconds);
                let step = u64::try_from(now.timestamp() / 30).unwrap();
                let code = shown(&secret, step.checked_add_signed(distance).unwrap());
                if let Some(found) = secret.verify(&code, now, last) {
                    prop_assert!(found.abs_diff(step) <= 1);
                    prop_assert!(last.is_none_or(|last| found > last));
                    prop_assert_eq!(&shown(&secret, found), &code);
                    prop_assert_eq!(secret.verify(&code, now, Some(found)), None);
                    last = Some(found);
                }
            }
        }

        #[test]
        fn any_text_is_answered(code in any::<String>(), issuer in any::<String>(), account in any::<String>(), now in any::<i32>()) {
            let secret = TotpSecret(RFC);
            let _ = secret.verify(&code, at(now.into()), None);
            let uri = secret.provisioning_uri(&issuer, &account);
            prop_assert!(uri.expose().is_ascii() && !uri.expose().contains(char::is_whitespace));
            prop_assert_eq!(uri.expose().matches(':').count(), 2);
        }
    }
}
