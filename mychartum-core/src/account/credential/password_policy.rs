//! What a new password must be.

use super::blocklist;
use super::breached_passwords::{BreachedPasswords, is_breached};
use super::context_words::ContextWords;
use super::password::{Password, PasswordError};

/// The rules for new passwords, as data: length and lists, nothing about kinds of characters.
///
/// The defaults are those of NIST SP 800-63B-4, section 3.1.1.2: 15 characters where the password is the only factor, 8 where
/// it is one of two; no rules of composition; compared with a list of common, expected and breached passwords, with the reason
/// told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// The fewest characters of a password that guards an account alone. Default 15.
    pub min_alone: usize,
    /// The fewest characters of a password beside a second factor. Default 8.
    pub min_with_factor: usize,
}

/// What a password guards an account with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// Nothing else.
    Alone,
    /// A second factor.
    WithFactor,
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl PasswordPolicy {
    /// What NIST SP 800-63B-4 asks for.
    pub const DEFAULT: Self = Self { min_alone: 15, min_with_factor: 8 };

    /// Whether a new password may be used. The breached passwords, which may be far away, are asked last.
    ///
    /// # Errors
    /// [`PasswordError`] says which rule it breaks.
    pub fn check(
        &self,
        password: &Password,
        guard: Guard,
        context: &ContextWords,
        breached: Option<&dyn BreachedPasswords>,
    ) -> Result<(), PasswordError> {
        let min = match guard {
            Guard::Alone => self.min_alone,
            Guard::WithFactor => self.min_with_factor,
        };
        let text = password.expose();
        if text.chars().count() < min {
            return Err(PasswordError::TooShort { min });
        }
        if let Some(kind) = context.make_up(text) {
            return Err(PasswordError::Context(kind));
        }
        if blocklist::is_common(text) {
            return Err(PasswordError::Common);
        }
        if breached.is_some_and(|known| is_breached(text, known)) {
            return Err(PasswordError::Breached);
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::string_slice, reason = "the texts of these tests are ASCII, and a test fails by panicking")]
mod tests {
    use proptest::prelude::*;

    use super::super::context_words::ContextKind;
    use super::*;

    #[derive(Debug)]
    struct Everything;

    impl BreachedPasswords for Everything {
        fn range(&self, _: &str) -> Vec<String> {
            // SHA-1 of "a line that was in a breach" without its first five digits.
            let hash = super::super::breached_passwords::sha1_hex("a line that was in a breach");
            vec!["0".repeat(35), hash[5..].to_owned()]
        }
    }

    fn check(text: &str, guard: Guard) -> Result<(), PasswordError> {
        let context = ContextWords::new().with(ContextKind::Name, "Maria Lopez").with(ContextKind::Portal, "MyChartum");
        PasswordPolicy::default().check(&Password::entered(text).unwrap(), guard, &context, Some(&Everything))
    }

    #[test]
    fn every_rule_names_itself() {
        assert_eq!(check("rainy window", Guard::Alone), Err(PasswordError::TooShort { min: 15 }));
        assert_eq!(check("rainy window", Guard::WithFactor), Ok(()));
        assert_eq!(check("rainy w", Guard::WithFactor), Err(PasswordError::TooShort { min: 8 }));
        assert_eq!(check("MariaLopez2024!!", Guard::Alone), Err(PasswordError::Context(ContextKind::Name)));
        assert_eq!(check("my-chartum-20240101", Guard::Alone), Err(PasswordError::Context(ContextKind::Portal)));
        assert_eq!(check("P4ssw0rd", Guard::WithFactor), Err(PasswordError::Common));
        assert_eq!(check("a line that was in a breach", Guard::Alone), Err(PasswordError::Breached));
        assert_eq!(check("a line that was in no breach", Guard::Alone), Ok(()));
    }

    #[test]
    fn the_reasons_name_no_word_of_the_person() {
        let error = check("MariaLopez2024!!", Guard::Alone).unwrap_err();
        assert_eq!(error.to_string(), "password: made of the person's name");
    }

    proptest! {
        #[test]
        fn any_password_is_answered(text in "(?s).{0,300}", name in any::<String>()) {
            if let Ok(password) = Password::entered(&text) {
                let context = ContextWords::new().with(ContextKind::Contact, &name);
                for guard in [Guard::Alone, Guard::WithFactor] {
                    let _ = PasswordPolicy::default().check(&password, guard, &context, Some(&Everything));
                }
            }
        }
    }
}
