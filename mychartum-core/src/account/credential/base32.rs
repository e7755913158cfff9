//! Bytes as letters and digits, five bits each.

/// The alphabet of RFC 4648, section 6, which authenticator apps read.
pub(super) const STANDARD: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Crockford's alphabet: without I, L, O and U, so that nothing on paper is read as something else.
pub(super) const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Writes bytes in an alphabet, the highest bits first; bits that are missing at the end are 0.
pub(super) fn write(bytes: &[u8], alphabet: &[u8; 32]) -> impl Iterator<Item = char> {
    let bit = move |number: usize| bytes.get(number / 8).map_or(0, |byte| usize::from(byte >> (7 - number % 8) & 1));
    (0..(bytes.len() * 8).div_ceil(5)).filter_map(move |digit| {
        let value = (0..5).fold(0, |value, place| value * 2 + bit(digit * 5 + place));
        alphabet.get(value).map(|letter| char::from(*letter))
    })
}

/// The value of one letter of Crockford's alphabet as people type it: either case, I and L for 1, O for 0; never U.
pub(super) fn crockford_value(letter: char) -> Option<u8> {
    let letter = match letter.to_ascii_uppercase() {
        'I' | 'L' => '1',
        'O' => '0',
        other => other,
    };
    (0u8..).zip(CROCKFORD).find(|(_, digit)| char::from(**digit) == letter).map(|(value, _)| value)
}

/// What people put between the groups of a code: spaces, hyphens and dashes.
pub(super) fn is_gap(character: char) -> bool {
    character.is_whitespace() || matches!(character, '-' | '_' | '.' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// The values of a code of `LENGTH` letters, without what people put between them; `None` unless it is exactly that long.
pub(super) fn crockford_values<const LENGTH: usize>(typed: &str) -> Option<[u8; LENGTH]> {
    let mut letters = typed.chars().filter(|character| !is_gap(*character));
    let mut values = [0; LENGTH];
    for value in &mut values {
        *value = crockford_value(letters.next()?)?;
    }
    letters.next().is_none().then_some(values)
}

/// Letters in groups of four with hyphens between.
pub(super) fn grouped(letters: impl Iterator<Item = char>) -> String {
    // Room for the longest code, so that no copy is left behind while the text grows.
    let mut text = String::with_capacity(64);
    for (number, letter) in letters.enumerate() {
        if number > 0 && number % 4 == 0 {
            text.push('-');
        }
        text.push(letter);
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_test_vectors_of_rfc_4648_come_out() {
        for (bytes, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(write(bytes.as_bytes(), STANDARD).collect::<String>(), text);
        }
    }

    #[test]
    fn crockford_reads_what_people_type() {
        assert_eq!(crockford_values::<4>(" iL-o0 "), Some([1, 1, 0, 0]));
        assert_eq!(crockford_values::<4>("z\u{2013}z_z.Z"), Some([31; 4]));
        for wrong in ["uuuu", "123", "12345", "12\u{e9}4", ""] {
            assert_eq!(crockford_values::<4>(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(bytes in any::<[u8; 10]>()) {
            let text = grouped(write(&bytes, CROCKFORD));
            prop_assert_eq!(text.len(), 19);
            let values = crockford_values::<16>(&text.to_lowercase()).unwrap();
            let number = values.iter().fold(0u128, |number, value| number << 5 | u128::from(*value));
            prop_assert_eq!(&number.to_be_bytes()[6..], &bytes);
        }

        #[test]
        fn any_text_is_answered(text in any::<String>()) {
            let _ = crockford_values::<16>(&text);
        }
    }
}
