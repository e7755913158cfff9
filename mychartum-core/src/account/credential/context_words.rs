//! Words that are no secret: what others know of a person or a portal.

use core::fmt;

use chrono::{Datelike, NaiveDate};
use zeroize::Zeroizing;

use crate::kernel::hidden;
use crate::vault::fold_case;

use super::blocklist::key;

/// The words that a person's password must not be made of.
///
/// The rule: take the context words out of the password, then digits and punctuation; with fewer than six letters left, it is
/// made of them. Case, punctuation inside a word and digits that stand for letters make no difference.
#[derive(Clone, Default)]
pub struct ContextWords(Vec<Word>);

#[derive(Clone)]
struct Word {
    kind: ContextKind,
    plain: String,
    key: String,
}

hidden!(ContextWords, Word);

/// What kind of thing a password was made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ContextKind {
    /// The person's name, or that of someone whose chart they keep.
    Name,
    /// A date of birth.
    BirthDate,
    /// The portal's name.
    Portal,
    /// A clinic's name.
    Clinic,
    /// The name to sign in with.
    Username,
    /// An e-mail address or a telephone number.
    Contact,
}

impl fmt::Display for ContextKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "the person's name",
            Self::BirthDate => "a date of birth",
            Self::Portal => "the portal's name",
            Self::Clinic => "a clinic's name",
            Self::Username => "the name to sign in with",
            Self::Contact => "an address or a telephone number",
        })
    }
}

impl ContextWords {
    /// The most words that are kept; more are left out.
    pub const MOST: usize = 64;
    /// With fewer letters left, a password is made of its context.
    const LETTERS_LEFT: usize = 6;
    /// No password is longer.
    const LONGEST: usize = 256;

    /// No words.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a name, an address or a number: as a whole, and each part of it.
    ///
    /// Parts of fewer than three characters (two, outside ASCII) and numbers of fewer than six digits are too short to count.
    #[must_use]
    pub fn with(mut self, kind: ContextKind, text: &str) -> Self {
        self.add(kind, text);
        // A telephone number is remembered without its country's code too.
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        if digits.len() > 10 && !text.contains(char::is_alphabetic) {
            self.add(kind, digits.get(digits.len() - 10..).unwrap_or_default());
        }
        for part in text.split(|character: char| !character.is_alphanumeric()).take(Self::MOST) {
            self.add(kind, part);
        }
        self
    }

    /// Adds a date of birth in the orders in which people write it.
    #[must_use]
    pub fn with_birth_date(mut self, date: NaiveDate) -> Self {
        let (year, month, day) = (date.year(), date.month(), date.day());
        let short = year.rem_euclid(100);
        for text in [
            format!("{year:04}{month:02}{day:02}"),
            format!("{day:02}{month:02}{year:04}"),
            format!("{month:02}{day:02}{year:04}"),
            format!("{short:02}{month:02}{day:02}"),
            format!("{day:02}{month:02}{short:02}"),
            format!("{month:02}{day:02}{short:02}"),
            format!("{day}{month}{year:04}"),
            format!("{month}{day}{year:04}"),
        ] {
            self.add(ContextKind::BirthDate, &text);
        }
        self
    }

    fn add(&mut self, kind: ContextKind, text: &str) {
        if text.len() > Self::LONGEST || self.0.len() >= Self::MOST {
            return;
        }
        let plain = squeezed(text);
        let characters = plain.chars().count();
        let least = if !plain.is_ascii() {
            2
        } else if plain.bytes().all(|byte| byte.is_ascii_digit()) {
            6
        } else {
            3
        };
        if characters >= least && self.0.iter().all(|word| word.kind != kind || word.plain != plain) {
            self.0.push(Word { kind, key: key(&plain), plain });
            // The longest is looked for first, so that the kind that is told is that of the longest word found.
            self.0.sort_by_key(|word| core::cmp::Reverse(word.plain.len()));
        }
    }

    /// The kind of word that a password is made of, if it is.
    pub(super) fn make_up(&self, password: &str) -> Option<ContextKind> {
        let plain = Zeroizing::new(squeezed(password));
        let key = Zeroizing::new(key(&plain));
        self.found_in(&plain, |word| &word.plain).or_else(|| self.found_in(&key, |word| &word.key))
    }

    fn found_in(&self, text: &str, form: fn(&Word) -> &str) -> Option<ContextKind> {
        let mut taken = vec![false; text.len()];
        let mut found = None;
        for word in &self.0 {
            let form = form(word);
            for (start, _) in text.match_indices(form) {
                found = found.or(Some(word.kind));
                taken.iter_mut().skip(start).take(form.len()).for_each(|byte| *byte = true);
            }
        }
        let left = text
            .char_indices()
            .filter(|(at, character)| !character.is_numeric() && taken.get(*at) == Some(&false))
            .count();
        found.filter(|_| left < Self::LETTERS_LEFT)
    }
}

/// Letters and digits only, without case.
pub(super) fn squeezed(text: &str) -> String {
    fold_case(text).chars().filter(|character| character.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn marias() -> ContextWords {
        ContextWords::new()
            .with(ContextKind::Name, "Maria de la Cruz-Lopez")
            .with_birth_date(NaiveDate::from_ymd_opt(1984, 3, 12).unwrap())
            .with(ContextKind::Portal, "MyChartum")
            .with(ContextKind::Clinic, "Riverside Clinic")
            .with(ContextKind::Username, "mlopez84")
            .with(ContextKind::Contact, "maria.l@example.org")
            .with(ContextKind::Contact, "+1 (555) 012-3456")
    }

    #[test]
    fn what_is_made_of_the_context_is_found() {
        for (password, kind) in [
            ("maria", ContextKind::Name),
            ("Maria-Lopez-1999!!", ContextKind::Name),
            ("M4r1a.L0pez.2020", ContextKind::Name),
            ("xxmariaxx20202020", ContextKind::Name),
            ("m a r i a 1234567890", ContextKind::Name),
            ("12.03.1984 12.03.1984", ContextKind::BirthDate),
            ("horse 1984-03-12", ContextKind::BirthDate),
            ("3/12/1984 ok ok", ContextKind::BirthDate),
            ("MyChartum2026MyChartum", ContextKind::Portal),
            ("RiversideClinic12", ContextKind::Clinic),
            ("mlopez84mlopez84", ContextKind::Username),
            ("maria.l@example.org", ContextKind::Contact),
            ("15550123456 home", ContextKind::Contact),
            ("call 555.012.3456", ContextKind::Contact),
        ] {
            assert_eq!(marias().make_up(password), Some(kind), "{password}");
        }
    }

    #[test]
    fn what_has_enough_of_its_own_is_not() {
        for password in
            ["maria walks by the river", "839201746529384", "cruz control in the rain", "fifteen letters, at least"]
        {
            assert_eq!(marias().make_up(password), None, "{password}");
        }
        assert_eq!(ContextWords::new().make_up("maria"), None);
        assert_eq!(marias().make_up("maria sixxes 2024"), None, "six letters of its own");
        assert_eq!(marias().make_up("maria fives 2024"), Some(ContextKind::Name), "five");
    }

    #[test]
    fn words_are_counted_and_bounded() {
        let mut words = ContextWords::new().with(ContextKind::Name, "Li").with(ContextKind::Contact, "555-12");
        assert_eq!(words.0.len(), 0);
        words = words.with(ContextKind::Name, "王芳").with(ContextKind::Name, &"long".repeat(100));
        assert_eq!(words.make_up("王芳12345678901234"), Some(ContextKind::Name));
        for number in 0..200 {
            words = words.with(ContextKind::Clinic, &format!("clinic{number}"));
        }
        assert_eq!(words.0.len(), ContextWords::MOST);
        assert_eq!(format!("{words:?}"), "ContextWords([hidden])");
    }

    proptest! {
        #[test]
        fn the_word_itself_is_always_found(word in "[a-z]{3,20}", digits in "[0-9]{0,20}") {
            let words = ContextWords::new().with(ContextKind::Name, &word);
            prop_assert_eq!(words.make_up(&format!("{digits}{}!", word.to_uppercase())), Some(ContextKind::Name));
        }

        #[test]
        fn any_text_is_answered(word in any::<String>(), password in any::<String>()) {
            let _ = ContextWords::new().with(ContextKind::Name, &word).make_up(&password);
        }
    }
}
