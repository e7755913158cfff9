//! Names to sign in with.

use unicode_normalization::UnicodeNormalization;
use unicode_security::{GeneralSecurityProfile, RestrictionLevel, RestrictionLevelDetection};

use crate::kernel::hidden;
use crate::kernel::text::Text;
use crate::vault::fold_case;

/// A name to sign in with: 3 characters to 64 bytes, compared without case and by compatibility (NFKC).
///
/// E-mail addresses are fine. Outside ASCII, letters of one writing system only (or of those that are written together, as in
/// Japanese): Unicode Technical Standard 39, section 5.2, "highly restrictive", on either side of an `@`. Names stored before that rule still read.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Username(Text<64>);

hidden!(Username);

/// A name that nobody can sign in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidUsername {
    /// Too short or too long.
    #[error("username: expected 3 characters to 64 bytes")]
    Length,
    /// Control, invisible, directional or other characters that no name needs (UTS 39, section 3.1).
    #[error("username: a character that names cannot have")]
    Character,
    /// Writing systems that are not written together, or digits of two.
    #[error("username: letters of different writing systems")]
    MixedScripts,
}

impl Username {
    /// Takes a name, trimmed.
    ///
    /// # Errors
    /// [`InvalidUsername`].
    pub fn parse(name: &str) -> Result<Self, InvalidUsername> {
        let name: Text<64> = Text::parse(name).map_err(|_| InvalidUsername::Length)?;
        if name.as_str().chars().count() < 3 {
            return Err(InvalidUsername::Length);
        }
        let composed: String = name.as_str().nfc().collect();
        if !composed.chars().all(is_allowed) {
            return Err(InvalidUsername::Character);
        }
        // The two sides of an e-mail address may be of two writing systems: one is a person's, the other a provider's.
        if !composed.split('@').all(is_of_one_system) {
            return Err(InvalidUsername::MixedScripts);
        }
        Ok(Self(name))
    }

    /// The name as it was chosen.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The form in which names are compared: NFKC, without case.
    pub(crate) fn folded(&self) -> String {
        folded(self.as_str())
    }

    /// What the name looks like (UTS 39, section 4): two names with one skeleton are taken for each other. For a directory to
    /// reserve beside the name; never shown, and no name itself.
    #[must_use]
    pub fn skeleton(&self) -> String {
        folded(&unicode_security::skeleton(&self.folded()).collect::<String>())
    }
}

/// Compatibility forms and case taken away. Twice: taking one away can bring the other forth.
fn folded(name: &str) -> String {
    let once = |text: &str| fold_case(&text.nfkc().collect::<String>()).nfkc().collect::<String>();
    once(&once(name))
}

/// Whether letters and digits are written together somewhere. What ASCII has besides them belongs to no writing system.
fn is_of_one_system(part: &str) -> bool {
    let letters: String = part.chars().filter(|letter| !letter.is_ascii() || letter.is_ascii_alphanumeric()).collect();
    let digits = |ascii: bool| letters.chars().any(|letter| letter.is_numeric() && letter.is_ascii() == ascii);
    letters.as_str().check_restriction_level(RestrictionLevel::HighlyRestrictive) && !(digits(true) && digits(false))
}

/// Printable ASCII, and what UTS 39 allows in identifiers; nothing that is not seen or that turns the direction.
fn is_allowed(letter: char) -> bool {
    if letter.is_ascii() {
        return !letter.is_ascii_control();
    }
    let unseen = matches!(letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}');
    letter.identifier_allowed() && !unseen && !letter.is_control()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(text: &str) -> Username {
        Username::parse(text).unwrap()
    }

    #[test]
    fn names_of_many_kinds_are_fine() {
        for text in [
            "Maria",
            "maria.lopez+chart@example.org",
            "m_lopez-84",
            "maria lopez",
            "o'hara",
            "Zoë",
            "Zoe\u{308}",
            "José Núñez",
            "Straße",
            "Μαρία",
            "Мария",
            "мария@example.org",
            "王芳芳",
            "たなか花子",
            "김민수",
            "מרים",
            "مريم",
            "मारिया",
            "José@example.org",
            "reader-00ff",
            "ナカムラ99",
        ] {
            assert_eq!(name(text).as_str(), text);
        }
        assert_eq!(name("  maria ").as_str(), "maria");
    }

    #[test]
    fn case_and_compatibility_make_no_difference() {
        for (one, two) in
            [("Maria", "mARIA"), ("Zoë", "ZOE\u{308}"), ("Straße", "STRASSE"), ("ΟΔΟΣ", "οδος"), ("ΟΔΟΣ", "οδοσ")]
        {
            assert_eq!(name(one).folded(), name(two).folded(), "{one} {two}");
        }
        assert_ne!(name("maria").folded(), name("marla").folded());
        assert_eq!(name("Maria").folded(), "maria", "names of before are found where they were");
    }

    #[test]
    fn what_misleads_is_refused() {
        use InvalidUsername::*;
        for (text, error) in [
            ("ab", Length),
            ("", Length),
            (&"x".repeat(65), Length),
            ("ma\u{7}ria", Character),
            ("ma\u{200b}ria", Character),
            ("ma\u{202e}air", Character),
            ("ma\u{2066}ria", Character),
            ("ma\u{ad}ria", Character),
            ("ma\u{feff}ria", Character),
            ("m\u{ff41}ria", Character),
            ("maria\u{1f600}", Character),
            ("m\u{430}ria", MixedScripts),
            ("\u{43c}aria", MixedScripts),
            ("Μaria", MixedScripts),
            ("мария\u{3b1}", MixedScripts),
            ("مريم1٢", MixedScripts),
        ] {
            assert_eq!(Username::parse(text).unwrap_err(), error, "{text:?}");
        }
    }

    #[test]
    fn look_alikes_have_one_skeleton() {
        for (one, two) in [("paypal", "раураl"), ("bob01", "BOBOl"), ("soma", "sorna"), ("сор", "cop")] {
            let Ok(two) = Username::parse(two) else { continue };
            assert_eq!(name(one).skeleton(), two.skeleton(), "{one}");
        }
        assert_eq!(name("сор").skeleton(), name("cop").skeleton(), "all Cyrillic and all Latin");
        assert_ne!(name("maria").skeleton(), name("marta").skeleton());
        assert_eq!(name("Maria").skeleton(), name("maria").skeleton());
    }

    #[test]
    fn every_character_alone_is_refused_or_seen_and_folds_once() {
        for letter in (0..=0x10_ffff).filter_map(char::from_u32) {
            let Ok(username) = Username::parse(&format!("{letter}{letter}{letter}")) else { continue };
            assert!(!letter.is_control(), "{letter:?}");
            assert_eq!(folded(&username.folded()), username.folded(), "{letter:?}");
            assert_eq!(username.skeleton(), name_of_folded(&username).skeleton(), "{letter:?}");
        }
    }

    fn name_of_folded(username: &Username) -> Username {
        Username(Text::parse(&username.folded()).unwrap())
    }

    #[test]
    fn names_of_before_the_rule_still_read() {
        let old: Username = serde_json::from_str("\"m\u{430}ria\"").unwrap();
        assert_eq!(old.as_str(), "m\u{430}ria");
        assert_eq!(format!("{old:?}"), "Username([hidden])");
    }

    proptest! {
        #[test]
        fn any_text_is_taken_or_refused(text in any::<String>()) {
            if let Ok(username) = Username::parse(&text) {
                prop_assert_eq!(username.as_str(), text.trim());
                prop_assert_eq!(folded(&username.folded()), username.folded());
                let _ = username.skeleton();
            }
        }

        #[test]
        fn ascii_names_differ_only_in_case(name in "[a-zA-Z0-9@.+_-]{3,64}") {
            let parsed = Username::parse(&name).unwrap();
            prop_assert_eq!(parsed.folded(), name.to_ascii_lowercase());
        }
    }
}
