//! Passwords: taken in, never shown.

use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::{UnicodeNormalization, is_nfkc};
use zeroize::Zeroizing;

use crate::kernel::hidden;

use super::context_words::{ContextKind, ContextWords};
use super::password_policy::{Guard, PasswordPolicy};

/// A password, normalised to NFKC (NIST SP 800-63B-4, section 3.1.1.2), at most 256 bytes.
///
/// The same password typed on two keyboards is the same bytes; every other difference counts, and nothing is cut off.
/// Wiped from memory when dropped.
pub struct Password {
    normal: SecretString,
    /// As it was entered, where that differs: hashes of before passwords were normalised are compared with it.
    entered: Option<SecretString>,
}

hidden!(Password);

/// Why a password was refused. The password itself is never told, nor the word that it was made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PasswordError {
    /// Too few characters.
    #[error("password: shorter than {min} characters")]
    TooShort {
        /// The fewest characters allowed.
        min: usize,
    },
    /// More than 256 bytes, before or after normalisation.
    #[error("password: longer than {} bytes", Password::MAX_BYTES)]
    TooLong,
    /// Among the passwords that people choose most, close to one of them, or a mere pattern.
    #[error("password: too common")]
    Common,
    /// Little else than what others know of the person or of the portal.
    #[error("password: made of {0}")]
    Context(ContextKind),
    /// In a collection of passwords that became known.
    #[error("password: known from a breach")]
    Breached,
}

impl Password {
    /// The fewest characters of a new password that guards an account alone.
    pub const MIN_CHARACTERS: usize = PasswordPolicy::DEFAULT.min_alone;
    /// The most bytes, before and after normalisation.
    pub const MAX_BYTES: usize = 256;

    /// Takes a new password that guards an account alone: 15 characters or more, and none of the common ones.
    ///
    /// For other rules take it with [`entered`](Self::entered) and ask a [`PasswordPolicy`].
    ///
    /// # Errors
    /// [`PasswordError`].
    pub fn new(password: &str) -> Result<Self, PasswordError> {
        let password = Self::entered(password)?;
        PasswordPolicy::DEFAULT.check(&password, Guard::Alone, &ContextWords::new(), None)?;
        Ok(password)
    }

    /// Takes a password that someone entered: any length up to the limit.
    ///
    /// # Errors
    /// [`PasswordError::TooLong`].
    pub fn entered(password: &str) -> Result<Self, PasswordError> {
        if password.len() > Self::MAX_BYTES {
            return Err(PasswordError::TooLong);
        }
        if is_nfkc(password) {
            return Ok(Self { normal: SecretString::from(password), entered: None });
        }
        // Room for the longest that is allowed, so that no copy is left behind while the text grows.
        let mut normal = Zeroizing::new(String::with_capacity(Self::MAX_BYTES));
        for character in password.nfkc() {
            if normal.len() + character.len_utf8() > Self::MAX_BYTES {
                return Err(PasswordError::TooLong);
            }
            normal.push(character);
        }
        Ok(Self { normal: SecretString::from(normal.as_str()), entered: Some(SecretString::from(password)) })
    }

    /// How many characters it has.
    pub(in crate::account) fn characters(&self) -> usize {
        self.expose().chars().count()
    }

    /// The normalised password.
    pub(super) fn expose(&self) -> &str {
        self.normal.expose_secret()
    }

    /// The password as it was entered.
    pub(super) fn expose_entered(&self) -> &str {
        self.entered.as_ref().unwrap_or(&self.normal).expose_secret()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_password_typed_in_two_ways_is_one() {
        let composed = Password::entered("a caf\u{e9} by the sea").unwrap();
        let decomposed = Password::entered("a cafe\u{301} by the sea").unwrap();
        assert_eq!(composed.expose(), decomposed.expose());
        assert_ne!(composed.expose_entered(), decomposed.expose_entered());
        assert_eq!(Password::entered("\u{ff41}\u{ff42}").unwrap().expose(), "ab");
    }

    #[test]
    fn the_limit_holds_before_and_after_normalisation() {
        assert!(Password::entered(&"x".repeat(256)).is_ok());
        assert_eq!(Password::entered(&"x".repeat(257)).unwrap_err(), PasswordError::TooLong);
        // One letter of three bytes that becomes eighteen letters (33 bytes).
        let grows = "\u{fdfa}".repeat(20);
        assert!(grows.len() <= 256);
        assert_eq!(Password::entered(&grows).unwrap_err(), PasswordError::TooLong);
        // What would only fit after normalisation is refused before.
        assert_eq!(Password::entered(&"\u{ff41}".repeat(100)).unwrap_err(), PasswordError::TooLong);
    }

    #[test]
    fn a_new_password_is_long_and_not_common() {
        assert_eq!(Password::new("fourteen chars").unwrap_err(), PasswordError::TooShort { min: 15 });
        assert_eq!(Password::new("passwordpassword").unwrap_err(), PasswordError::Common);
        for good in ["a long line of her own", "correct horse battery", "fifteen letters, at least"] {
            assert!(Password::new(good).is_ok(), "{good}");
        }
        // Characters are counted, not bytes.
        assert_eq!(Password::new(&"\u{e9}\u{fc}".repeat(7)).unwrap_err(), PasswordError::TooShort { min: 15 });
    }

    proptest! {
        #[test]
        fn any_text_is_taken_or_refused(text in any::<String>()) {
            if let Ok(password) = Password::entered(&text) {
                prop_assert!(password.expose().len() <= Password::MAX_BYTES);
                prop_assert_eq!(password.expose_entered(), &text);
                prop_assert!(is_nfkc(password.expose()));
                let shown = format!("{password:?}");
                prop_assert_eq!(shown, "Password([hidden])");
            }
            let _ = Password::new(&text);
        }
    }
}
