//! Bounded text: what people wrote, never longer than its type says.

use core::fmt;

use super::text_form;

/// Text of at least one visible character and at most `MAX` bytes of UTF-8, trimmed.
///
/// ```
/// use mychartum_core::kernel::Text;
/// let name = Text::<32>::parse("  Riverside  ")?;
/// assert_eq!(name.as_str(), "Riverside");
/// assert_eq!(format!("{name:?}"), "Text([hidden])");
/// # Ok::<(), mychartum_core::kernel::text::TextError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<const MAX: usize>(Box<str>);

text_form!(const MAX Text<MAX>, Self::parse);

impl<const MAX: usize> fmt::Debug for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Text([hidden])")
    }
}

/// A short text: names, labels, codes. At most 512 bytes.
pub type Label = Text<512>;

/// A long text: notes, comments, instructions. At most 256 KiB.
pub type Narrative = Text<{ 256 << 10 }>;

/// Why a text was refused. The text itself is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but blanks.
    #[error("text: empty")]
    Empty,
    /// More bytes than the type holds.
    #[error("text: longer than {max} bytes")]
    TooLong {
        /// The most bytes allowed.
        max: usize,
    },
}

impl<const MAX: usize> Text<MAX> {
    /// Takes a text, trimmed.
    ///
    /// # Errors
    /// [`TextError`] when it is blank or longer than `MAX` bytes.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let text = text.trim();
        if text.is_empty() {
            Err(TextError::Empty)
        } else if text.len() > MAX {
            Err(TextError::TooLong { max: MAX })
        } else {
            Ok(Self(text.into()))
        }
    }

    /// Takes as much of a text as fits, ending with an ellipsis where some was cut; `None` for a blank one.
    ///
    /// For views beside a kept original: the whole text is never lost, only the view is shortened.
    #[must_use]
    pub fn clipped(text: &str) -> Option<Self> {
        match Self::parse(text) {
            Ok(whole) => Some(whole),
            Err(TextError::Empty) => None,
            Err(TextError::TooLong { max }) => {
                let room = max.saturating_sub('…'.len_utf8());
                let mut kept = String::with_capacity(max);
                for character in text.trim().chars() {
                    if kept.len() + character.len_utf8() > room {
                        break;
                    }
                    kept.push(character);
                }
                kept.push('…');
                Some(Self(kept.into()))
            }
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> TryFrom<String> for Text<MAX> {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        Self::parse(&text)
    }
}

impl<const MAX: usize> From<Text<MAX>> for String {
    fn from(text: Text<MAX>) -> Self {
        text.0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn never_longer_than_its_type(text in ".*") {
            if let Some(clipped) = Text::<16>::clipped(&text) {
                prop_assert!(clipped.as_str().len() <= 16);
                if let Ok(whole) = Text::<16>::parse(&text) {
                    prop_assert_eq!(&whole, &clipped);
                    prop_assert_eq!(whole.as_str(), text.trim());
                }
            } else {
                prop_assert!(text.trim().is_empty());
            }
        }
    }
}
