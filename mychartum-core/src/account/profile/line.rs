//! One line of text that people wrote: it can never end a line of anything it is put into.

use crate::kernel::text::{Text, TextError};
use crate::kernel::text_form;

/// Text of one line: at least one visible character, at most `MAX` bytes of UTF-8, trimmed, and without a character that ends a
/// line or turns the direction of writing.
///
/// Names and addresses end up in letters, in headers of mail and in messages to other systems; a line break in one of them would
/// write the next line of those.
///
/// ```
/// use mychartum_core::account::profile::{Line, LineError};
/// assert_eq!(Line::<32>::parse(" Lupe ")?.as_str(), "Lupe");
/// assert_eq!(Line::<32>::parse("Lupe\r\nBcc: x@example.org"), Err(LineError::Control));
/// # Ok::<(), LineError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line<const MAX: usize>(Text<MAX>);

text_form!(const MAX Line<MAX>, Self::parse);

impl<const MAX: usize> core::fmt::Debug for Line<MAX> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Line([hidden])")
    }
}

/// Why a line was refused. The text itself is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// Blank, or longer than its type holds.
    #[error(transparent)]
    Text(#[from] TextError),
    /// It has a character that ends a line, controls a device or turns the direction of writing.
    #[error("text: control characters are not allowed")]
    Control,
}

impl<const MAX: usize> Line<MAX> {
    /// Takes a line, trimmed.
    ///
    /// # Errors
    /// [`LineError`].
    pub fn parse(text: &str) -> Result<Self, LineError> {
        if text.chars().any(is_refused) { Err(LineError::Control) } else { Ok(Self(Text::parse(text)?)) }
    }

    /// As much of a source's text as fits into a line, with a blank for what a line cannot have; `None` where nothing is left.
    ///
    /// For showing what a source says beside what people propose; the source's own text is kept as it came.
    #[must_use]
    pub fn of_source(text: &str) -> Option<Self> {
        let plain: String = text.chars().map(|c| if is_refused(c) { ' ' } else { c }).collect();
        Text::clipped(&plain).map(Self)
    }

    /// The line.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// Control characters, the two separators of Unicode, and the marks that turn the direction of writing (UAX 9).
const fn is_refused(character: char) -> bool {
    character.is_ascii_control()
        || matches!(character,
            '\u{80}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_would_write_another_line_is_refused() {
        for text in
            ["a\nb", "a\r\nBcc: x", "a\0b", "a\tb", "a\u{85}b", "a\u{2028}b", "\u{202e}a", "a\u{7f}", "\u{2066}a"]
        {
            assert_eq!(Line::<64>::parse(text), Err(LineError::Control), "{text:?}");
        }
        assert_eq!(Line::<4>::parse("five!"), Err(LineError::Text(TextError::TooLong { max: 4 })));
        assert_eq!(Line::<4>::parse("  "), Err(LineError::Text(TextError::Empty)));
        assert_eq!(Line::<64>::of_source("12 Elm St\nSpringfield").unwrap().as_str(), "12 Elm St Springfield");
        assert_eq!(format!("{:?}", Line::<64>::parse("Lupe").unwrap()), "Line([hidden])");
    }

    proptest! {
        #[test]
        fn a_line_is_one_line_and_survives_its_form(text in "\\PC{0,80}|.{0,80}") {
            if let Ok(line) = Line::<64>::parse(&text) {
                prop_assert!(!line.as_str().chars().any(char::is_control) && line.as_str().len() <= 64);
                let json = serde_json::to_string(&line).unwrap();
                prop_assert_eq!(serde_json::from_str::<Line<64>>(&json).unwrap(), line);
            }
            if let Some(line) = Line::<64>::of_source(&text) {
                prop_assert_eq!(Line::<64>::parse(line.as_str()).unwrap(), line);
            }
        }
    }
}
