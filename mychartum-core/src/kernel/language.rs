//! Languages people read, by their tags.

use super::text_form::text_form;

/// A language tag (BCP 47, RFC 5646): `en`, `es`, `pt-BR`; at most 35 bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LanguageTag(Box<str>);

text_form!(LanguageTag, Self::parse);

/// Not a language tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("language: expected a tag such as en or pt-BR")]
pub struct InvalidLanguage;

impl LanguageTag {
    /// Takes a tag: subtags of 1 to 8 letters and digits with hyphens between them, the first of 2 to 8 letters.
    ///
    /// # Errors
    /// [`InvalidLanguage`].
    pub fn parse(tag: &str) -> Result<Self, InvalidLanguage> {
        let subtag =
            |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let primary = tag.split('-').next().unwrap_or("");
        let sound = tag.len() <= 35
            && primary.len() >= 2
            && primary.bytes().all(|byte| byte.is_ascii_alphabetic())
            && tag.split('-').all(subtag);
        if sound { Ok(Self(tag.into())) } else { Err(InvalidLanguage) }
    }

    /// The tag.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The language alone, in lower case: `pt` of `pt-BR`.
    #[must_use]
    pub fn primary(&self) -> String {
        self.0.split('-').next().unwrap_or("").to_ascii_lowercase()
    }
}

impl Default for LanguageTag {
    fn default() -> Self {
        Self("en".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_tags() {
        for tag in ["en", "es", "pt-BR", "zh-Hant-TW", "es-419"] {
            assert_eq!(LanguageTag::parse(tag).unwrap().as_str(), tag);
        }
        for tag in ["", "e", "english-", "1en", "en_US", "en us", "abcdefghi", "en-\r\nX"] {
            assert!(LanguageTag::parse(tag).is_err(), "{tag:?}");
        }
        assert_eq!(LanguageTag::parse("PT-br").unwrap().primary(), "pt");
    }
}
