//! Passwords that people choose most.

use std::sync::LazyLock;

use zeroize::Zeroizing;

use crate::vault::fold_case;

use super::context_words::squeezed;
use super::pattern::{is_patterned, repeated_unit};

/// The list that is shipped; `README.md` beside it says where it comes from.
const LIST: &str = include_str!("blocklist.txt");

/// The keys of the list, sorted: made once in the life of a program, searched by halving.
static KEYS: LazyLock<Vec<Box<str>>> = LazyLock::new(|| {
    let mut keys: Vec<Box<str>> = entries().map(|entry| key(&fold_case(entry)).into()).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
});

/// The entries, without comments.
fn entries() -> impl Iterator<Item = &'static str> {
    LIST.lines().filter(|line| !line.starts_with("# "))
}

/// Whether a password is a common one: on the list without case, with digits for letters, with digits and punctuation around or
/// between; one of the list repeated; two of the list joined; or a pattern.
///
/// Bounded by the length of the text (256 bytes): a few hundred searches in the list at most.
pub(super) fn is_common(password: &str) -> bool {
    let folded = Zeroizing::new(fold_case(password));
    let bare = folded.trim_matches(|character: char| !character.is_alphabetic());
    let from_letter = folded.trim_start_matches(|character: char| !character.is_alphabetic());
    let to_letter = folded.trim_end_matches(|character: char| !character.is_alphabetic());
    let squeezed = Zeroizing::new(squeezed(&folded));
    let squeezed_bare = squeezed.trim_matches(|character: char| !character.is_alphabetic());
    let forms = [folded.as_str(), bare, from_letter, to_letter, squeezed.as_str(), squeezed_bare];
    is_patterned(&folded)
        || is_patterned(&squeezed)
        || forms.into_iter().any(|form| {
            let key = Zeroizing::new(key(form));
            is_listed(&key) || repeated_unit(&key).is_some_and(is_listed) || is_of_two(&key)
        })
}

/// The form in which passwords are looked up: with letters for the digits and signs that stand for them.
pub(super) fn key(folded: &str) -> String {
    folded
        .chars()
        .map(|character| match character {
            '4' | '@' => 'a',
            '3' => 'e',
            '1' => 'i',
            '0' => 'o',
            '5' | '$' => 's',
            other => other,
        })
        .collect()
}

fn is_listed(key: &str) -> bool {
    KEYS.binary_search_by(|listed| (**listed).cmp(key)).is_ok()
}

fn is_of_two(key: &str) -> bool {
    key.char_indices()
        .filter_map(|(at, _)| key.split_at_checked(at))
        .any(|(first, second)| is_listed(first) && is_listed(second))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_list_is_as_large_as_it_says() {
        let long = entries().filter(|entry| entry.chars().count() >= 15).count();
        let middle = entries().filter(|entry| (8..15).contains(&entry.chars().count())).count();
        assert!(long >= 3_000, "{long}");
        assert!(middle >= 3_000, "{middle}");
        assert_eq!(KEYS.len(), entries().count(), "no entry says what another says");
        assert!(entries().all(|entry| entry.chars().count() >= 4 && fold_case(entry) == entry && !entry.contains(' ')));
        assert!(LIST.len() < 150_000);
    }

    #[test]
    fn every_entry_is_common_in_every_dress() {
        for entry in entries().step_by(7) {
            assert!(is_common(entry), "{entry}");
            assert!(is_common(&entry.to_uppercase()), "{entry}");
            assert!(is_common(&entry.repeat(2)), "{entry} twice");
            if entry.starts_with(char::is_alphabetic) && entry.ends_with(char::is_alphabetic) {
                assert!(is_common(&format!("{entry}!2024")), "{entry}!2024");
                assert!(is_common(&format!("99{entry}")), "99{entry}");
            }
        }
    }

    #[test]
    fn simple_variations_are_common() {
        for password in [
            "Passw0rd!2024!!",
            "p455w0rdp455w0rd",
            "monkey123456789",
            "Pass-word-1234567",
            "monkeymonkeymonkey",
            "dragonmonkey123",
            "1qaz2wsx3edc4rfv",
            "I love you forever!",
            "qwertyuiopasdfgh",
            "$un$hine19871987",
        ] {
            assert!(is_common(password), "{password}");
        }
        for password in
            ["a long line of her own", "correct horse battery", "two worlds and one pair of eyes", "rainy window"]
        {
            assert!(!is_common(password), "{password}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>()) {
            let _ = is_common(&text);
        }

        #[test]
        fn case_and_digits_at_the_end_never_help(at in 0usize..9_000, digits in "[0-9]{0,6}") {
            let entry = entries().nth(at).unwrap();
            if entry.ends_with(char::is_alphabetic) {
                let dressed = format!("{}{digits}", entry.to_uppercase());
                prop_assert!(is_common(&dressed));
            }
        }
    }
}
