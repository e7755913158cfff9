//! Passphrases: five words drawn at random, easy to read from one screen and type on another.

use mychartum_core::account::Password;

use super::trouble::Trouble;
use crate::web::forms::random_bytes;
use crate::words::say;

/// 256 short words, so that a byte draws one: five words are 40 bits, behind Argon2id and a growing delay.
const WORDS: &str = include_str!("words.txt");

const DRAWN: usize = 5;

/// Draws a passphrase.
///
/// # Errors
/// [`Trouble`] where the system has no randomness.
pub(crate) fn draw() -> Result<String, Trouble> {
    let bytes = random_bytes().ok_or_else(|| Trouble::new(say("trouble.random")))?;
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let drawn: Vec<&str> = bytes.iter().take(DRAWN).filter_map(|byte| words.get(usize::from(*byte)).copied()).collect();
    Ok(drawn.join("-"))
}

/// A passphrase as a password.
///
/// # Errors
/// [`Trouble`] where it is none that an account may have.
pub(crate) fn taken(passphrase: &str) -> Result<Password, Trouble> {
    Password::new(passphrase).map_err(|error| Trouble::new(error.to_string()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn there_are_256_different_plain_words() {
        let words: BTreeSet<&str> = WORDS.split_whitespace().collect();
        assert_eq!((words.len(), WORDS.split_whitespace().count()), (256, 256));
        assert!(
            words
                .iter()
                .all(|word| (4..=6).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_lowercase()))
        );
    }

    #[test]
    fn every_passphrase_is_a_password_and_new() {
        let drawn: BTreeSet<String> = (0..200).map(|_| draw().unwrap()).collect();
        assert_eq!(drawn.len(), 200);
        assert!(drawn.iter().all(|passphrase| taken(passphrase).is_ok()));
    }
}
