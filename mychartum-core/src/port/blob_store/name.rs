//! Names of objects.

use core::fmt;
use core::str::FromStr;

use crate::kernel::id::write_hex;

/// The name of an object: 65 bytes that say nothing to whoever has no key.
///
/// Written as 130 lower-case hexadecimal digits; texts sort as the bytes do. Every name has one text only.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobName([u8; Self::BYTES]);

/// A text that is not the name of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("blob name: expected 130 lower-case hexadecimal digits")]
pub struct InvalidName;

impl BlobName {
    /// The length of a name in bytes; its text is twice as long.
    pub const BYTES: usize = 65;

    /// The name with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes of the name.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; Self::BYTES] {
        self.0
    }
}

impl fmt::Display for BlobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

impl fmt::Debug for BlobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlobName({self})")
    }
}

impl FromStr for BlobName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let mut bytes = [0u8; Self::BYTES];
        if text.len() != 2 * Self::BYTES {
            return Err(InvalidName);
        }
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            for digit in pair {
                let value = match digit {
                    b'0'..=b'9' => digit - b'0',
                    b'a'..=b'f' => digit - b'a' + 10,
                    _ => return Err(InvalidName),
                };
                *byte = (*byte << 4) | value;
            }
        }
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_name_survives_its_text_and_texts_sort_as_names_do(
            one in proptest::array::uniform32(any::<u8>()),
            two in proptest::array::uniform32(any::<u8>()),
        ) {
            let name = |bytes: [u8; 32]| BlobName::from_bytes(core::array::from_fn(|at| bytes[at % 32]));
            prop_assert_eq!(name(one).to_string().parse(), Ok(name(one)));
            prop_assert_eq!(name(one).cmp(&name(two)), name(one).to_string().cmp(&name(two).to_string()));
        }

        #[test]
        fn other_texts_are_refused(text in "[0-9a-gA-F]{120,140}") {
            let valid = text.len() == 130 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
            prop_assert_eq!(text.parse::<BlobName>().is_ok(), valid);
        }
    }

    #[test]
    fn upper_case_is_another_text_and_no_name() {
        let text = BlobName::from_bytes([0xab; 65]).to_string();
        assert_eq!(text.to_uppercase().parse::<BlobName>(), Err(InvalidName));
    }
}
