//! Bounded bytes: what an authenticator made, never shorter or longer than its type says.

use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::kernel::id::write_hex;
use crate::kernel::text_form;

/// Bytes with too few, or too many, for what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("passkey: {field}: expected {min} to {max} bytes")]
pub struct WrongLength {
    field: &'static str,
    min: usize,
    max: usize,
}

/// Between `MIN` and `MAX` bytes; written as hexadecimal digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Octets<const MIN: usize, const MAX: usize>(Box<[u8]>);

impl<const MIN: usize, const MAX: usize> Octets<MIN, MAX> {
    pub(super) fn new(field: &'static str, bytes: &[u8]) -> Result<Self, WrongLength> {
        if (MIN..=MAX).contains(&bytes.len()) {
            Ok(Self(bytes.into()))
        } else {
            Err(WrongLength { field, min: MIN, max: MAX })
        }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn parse(digits: &str) -> Result<Self, &'static str> {
        const WRONG: &str = "passkey: not an even number of hexadecimal digits within its bounds";
        let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
        if !rest.is_empty() || !(MIN..=MAX).contains(&pairs.len()) {
            return Err(WRONG);
        }
        let bytes: Option<Box<[u8]>> =
            pairs.iter().map(|[high, low]| Some(nibble(*high)? << 4 | nibble(*low)?)).collect();
        bytes.map(Self).ok_or(WRONG)
    }
}

fn nibble(digit: u8) -> Option<u8> {
    u8::try_from(char::from(digit).to_digit(16)?).ok()
}

impl<const MIN: usize, const MAX: usize> fmt::Display for Octets<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

impl<const MIN: usize, const MAX: usize> Serialize for Octets<MIN, MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, const MIN: usize, const MAX: usize> Deserialize<'de> for Octets<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text_form::read(deserializer, Self::parse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(bytes in proptest::collection::vec(any::<u8>(), 2..=9)) {
            let octets = Octets::<2, 9>::new("id", &bytes).unwrap();
            let written = serde_json::to_string(&octets).unwrap();
            let read: Octets<2, 9> = serde_json::from_str(&written).unwrap();
            prop_assert_eq!(read.as_bytes(), &bytes[..]);
        }

        #[test]
        fn nothing_beyond_its_bounds_is_read(text in "[0-9a-fA-Fg]{0,24}") {
            let read = serde_json::from_str::<Octets<2, 9>>(&format!("\"{text}\""));
            let fine = text.len() % 2 == 0 && (4..=18).contains(&text.len()) && !text.contains('g');
            prop_assert_eq!(read.is_ok(), fine);
        }
    }

    #[test]
    fn an_error_names_the_bounds() {
        assert_eq!(Octets::<2, 9>::new("id", &[1]).err().unwrap().to_string(), "passkey: id: expected 2 to 9 bytes");
    }
}
