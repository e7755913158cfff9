//! How far one has read.

use serde::{Deserialize, Serialize};

use crate::kernel::hidden;
use crate::kernel::text::{Text, TextError};

/// How far one has read of one patient's category: the source's own text, at most 64 KiB, to be kept and given back as it is.
///
/// It may hold an address with a patient's id or a token in it, so it is stored as what a chart holds is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor(Text<{ 64 << 10 }>);

hidden!(Cursor);

impl Cursor {
    /// Takes a source's text.
    ///
    /// # Errors
    /// [`TextError`] where it is blank or too long.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        Text::parse(text).map(Self)
    }

    /// The source's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_bounded_and_not_shown() {
        assert!(Cursor::parse(&"x".repeat(64 << 10)).is_ok());
        assert!(Cursor::parse(&"x".repeat((64 << 10) + 1)).is_err());
        assert!(Cursor::parse(" ").is_err());
        assert_eq!(format!("{:?}", Cursor::parse("patient=7").unwrap()), "Cursor([hidden])");
    }
}
