//! A notice in words.

use core::fmt;

/// What a notice says, ready to go. Links and codes are in it: to be sent and not to be kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    pub(super) subject: Option<String>,
    pub(super) body: String,
}

impl Rendered {
    /// One line; none in a text message.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// Plain text; one line in a text message.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }
}

impl fmt::Debug for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rendered([hidden])")
    }
}
