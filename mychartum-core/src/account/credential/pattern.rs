//! Patterns that are no secret: repeated, counted up, or walked over a keyboard.

use zeroize::Zeroizing;

/// Rows in which neighbours follow each other: the alphabet, and keyboards (QWERTY by row and column, shifted digits, QWERTZ,
/// AZERTY, and the Russian one).
const ROWS: [&str; 25] = [
    "abcdefghijklmnopqrstuvwxyz",
    "1234567890",
    "0123456789",
    "!@#$%^&*()",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "qwertzuiop",
    "yxcvbnm",
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn",
    "1qaz",
    "2wsx",
    "3edc",
    "4rfv",
    "5tgb",
    "6yhn",
    "7ujm",
    "8ik,",
    "9ol.",
    "йцукенгшщзхъ",
    "фывапролджэ",
    "ячсмитьбю",
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
];

/// Runs of neighbours must be this long on average for a text to be a pattern.
const LONG_RUN: usize = 4;
/// A unit of so many characters, repeated, is a pattern whatever it is.
const SHORT_UNIT: usize = 4;

/// Whether a folded text is one character or a unit of up to four repeated, or made of runs of neighbours (four or more long on
/// average), also where two runs are interleaved (`1q2w3e4r`).
pub(super) fn is_patterned(text: &str) -> bool {
    let characters: Zeroizing<Vec<char>> = Zeroizing::new(text.chars().collect());
    if characters.len() < LONG_RUN {
        return false;
    }
    let repeats = (1..=SHORT_UNIT).any(|unit| unit * 2 <= characters.len() && has_period(&characters, unit));
    let other = |first: usize| Zeroizing::new(characters.iter().skip(first).step_by(2).copied().collect::<Vec<char>>());
    repeats || is_walk(&characters) || (is_walk(&other(0)) && is_walk(&other(1)))
}

/// The unit that a text consists of, if it is repeated to the end, two times or more; the shortest.
pub(super) fn repeated_unit(text: &str) -> Option<&str> {
    let characters: Zeroizing<Vec<char>> = Zeroizing::new(text.chars().collect());
    let unit = (1..=characters.len() / 2)
        .find(|unit| characters.len().is_multiple_of(*unit) && has_period(&characters, *unit))?;
    let end = text.char_indices().nth(unit).map(|(at, _)| at)?;
    text.get(..end)
}

fn has_period(characters: &[char], unit: usize) -> bool {
    characters.iter().zip(characters.iter().skip(unit)).all(|(one, next)| one == next)
}

fn is_walk(characters: &[char]) -> bool {
    let breaks =
        characters.windows(2).filter(|pair| !matches!(pair, [one, next] if are_neighbours(*one, *next))).count();
    characters.len() >= LONG_RUN && (breaks + 1) * LONG_RUN <= characters.len()
}

fn are_neighbours(one: char, next: char) -> bool {
    let in_row =
        |row: &str| row.chars().zip(row.chars().skip(1)).any(|pair| pair == (one, next) || pair == (next, one));
    one == next || ROWS.iter().any(|row| in_row(row))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn patterns_are_found() {
        for text in [
            "aaaaaaaaaaaaaaa",
            "abababababababab",
            "abcabcabcabcabca",
            "12ab12ab12ab12ab",
            "abcdefghijklmno",
            "zyxwvutsrqponmlk",
            "123456789012345",
            "987654321098765",
            "qwertyuiop12345",
            "qwertyasdfghzxcvbn",
            "1qaz2wsx3edc4rfv",
            "1q2w3e4r5t6y7u8i",
            "!@#$%^&*()!@#$%^",
            "aaaabbbbccccdddd",
            "qwertzuiopasdfgh",
            "йцукенгшщзфывапр",
            "abcd1234",
        ] {
            assert!(is_patterned(text), "{text}");
        }
    }

    #[test]
    fn prose_is_no_pattern() {
        for text in [
            "a long line of her own",
            "correct horse battery",
            "fifteen letters, at least",
            "two worlds and one pair of eyes",
            "839201746529384",
            "rainy window",
        ] {
            assert!(!is_patterned(text), "{text}");
        }
    }

    #[test]
    fn the_shortest_unit_is_told() {
        assert_eq!(repeated_unit("monkeymonkey"), Some("monkey"));
        assert_eq!(repeated_unit("aaaa"), Some("a"));
        assert_eq!(repeated_unit("monkeymonke"), None);
        assert_eq!(repeated_unit(""), None);
    }

    proptest! {
        #[test]
        fn whatever_is_repeated_is_found(unit in "[a-z0-9]{1,4}", times in 4usize..20) {
            prop_assert!(is_patterned(&unit.repeat(times)));
            let text = unit.repeat(times);
            let found = repeated_unit(&text).unwrap();
            prop_assert!(unit.len().is_multiple_of(found.len()));
        }

        #[test]
        fn any_text_is_answered(text in any::<String>()) {
            let _ = (is_patterned(&text), repeated_unit(&text));
        }
    }
}
