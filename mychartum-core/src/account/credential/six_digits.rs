//! Six digits as people type them.

use zeroize::Zeroizing;

/// The six ASCII digits of what someone typed, without the gaps between them; `None` for anything else.
pub(in crate::account) fn six_digits(typed: &str) -> Option<Zeroizing<[u8; 6]>> {
    let mut characters = typed.chars().filter(|character| !super::base32::is_gap(*character));
    let mut digits = Zeroizing::new([0; 6]);
    for digit in digits.iter_mut() {
        *digit = characters.next().filter(char::is_ascii_digit).and_then(|digit| u8::try_from(digit).ok())?;
    }
    characters.next().is_none().then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn gaps_between_digits_do_not_count() {
        assert_eq!(six_digits(" 123 456").as_deref(), Some(b"123456"));
        assert_eq!(six_digits("123-456").as_deref(), Some(b"123456"));
        assert!(six_digits("12345").is_none() && six_digits("1234567").is_none() && six_digits("12345a").is_none());
    }

    proptest! {
        #[test]
        fn six_digits_and_gaps_and_nothing_else(text in "[0-9 a-]{0,10}") {
            prop_assert_eq!(six_digits(&text).is_some(), text.chars().filter(char::is_ascii_digit).count() == 6
                && text.chars().all(|c| c.is_ascii_digit() || super::super::base32::is_gap(c)));
        }
    }
}
