//! The dictionaries that ship: what each is for, and its tables, made once a process.

use std::sync::LazyLock;

use zstd_rs::{DecoderDictionary, DictionaryFormat, EncoderDictionary};

use super::codec::LEVEL;

/// A dictionary that ships with this version. Its number is stored with every row that needs it and never means another.
///
/// Each was trained on the synthetic world alone: it is plain text in every program that embeds the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dictionary {
    /// For typed views with their provenance, and names.
    Views,
    /// For originals in FHIR R4 JSON behind their heads, written without spaces.
    Originals,
    /// For originals in FHIR R4 JSON behind their heads, a line a member and indented.
    Indented,
}

impl Dictionary {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Views, Self::Originals, Self::Indented];

    /// Its number, as stored. Zero is no dictionary.
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            Self::Views => 1,
            Self::Originals => 2,
            Self::Indented => 3,
        }
    }

    /// The dictionary with this number, if this version has it.
    #[must_use]
    pub fn with_number(number: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|dictionary| dictionary.number() == number)
    }

    /// Its bytes: a dictionary of RFC 8878, section 5, as trained.
    #[must_use]
    pub const fn bytes(self) -> &'static [u8] {
        match self {
            Self::Views => include_bytes!("../../../dictionaries/views-1.dict"),
            Self::Originals => include_bytes!("../../../dictionaries/originals-2.dict"),
            Self::Indented => include_bytes!("../../../dictionaries/indented-3.dict"),
        }
    }

    /// Its tables. `None` if the bytes are no dictionary, which a test excludes.
    pub(super) fn tables(self) -> Option<&'static Tables> {
        static VIEWS: LazyLock<Option<Tables>> = LazyLock::new(|| Tables::of(Dictionary::Views));
        static ORIGINALS: LazyLock<Option<Tables>> = LazyLock::new(|| Tables::of(Dictionary::Originals));
        static INDENTED: LazyLock<Option<Tables>> = LazyLock::new(|| Tables::of(Dictionary::Indented));
        match self {
            Self::Views => VIEWS.as_ref(),
            Self::Originals => ORIGINALS.as_ref(),
            Self::Indented => INDENTED.as_ref(),
        }
    }
}

/// A dictionary made ready for both directions.
pub(super) struct Tables {
    pub(super) encoder: EncoderDictionary,
    pub(super) decoder: DecoderDictionary,
}

impl Tables {
    fn of(dictionary: Dictionary) -> Option<Self> {
        let read = || zstd_rs::Dictionary::new(dictionary.bytes(), DictionaryFormat::Zstd).ok();
        let encoder = EncoderDictionary::new(&read()?, LEVEL).ok()?;
        let decoder = DecoderDictionary::new(read()?).ok()?;
        Some(Self { encoder, decoder })
    }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    /// What ships under a number is what shipped under it at first: rows that were packed with it would not unpack.
    #[test]
    fn a_number_means_the_same_bytes_for_ever() {
        let list = include_str!("../../../dictionaries/SHA256SUMS");
        for dictionary in Dictionary::ALL {
            let hash: String = Sha256::digest(dictionary.bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
            let name = format!("{dictionary:?}-{}.dict", dictionary.number()).to_lowercase();
            assert!(list.lines().any(|line| line == format!("{hash}  {name}")), "{name}: {hash}");
            assert_eq!(Dictionary::with_number(dictionary.number()), Some(dictionary));
            assert!(dictionary.tables().is_some());
        }
        assert_eq!(list.lines().count(), Dictionary::ALL.len());
        assert_eq!(Dictionary::with_number(0), None);
    }
}
