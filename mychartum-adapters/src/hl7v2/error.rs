//! What can be wrong with a message as a whole.

/// Why bytes are no HL7 v2 message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// There is nothing in it.
    #[error("empty")]
    Empty,
    /// It is longer than the settings allow.
    #[error("longer than the limit")]
    TooLarge,
    /// It is in UTF-16. Such bytes have to be turned into UTF-8 before they are a message.
    #[error("in UTF-16")]
    Utf16,
    /// It is a batch or a file of batches, to be split first.
    #[error("a batch, not a message")]
    Batch,
    /// It does not begin with MSH.
    #[error("does not begin with MSH")]
    NoHeader,
    /// MSH-1 is missing, or is no character that can separate fields.
    #[error("MSH-1 is no field separator")]
    FieldSeparator,
    /// A line is no segment: a name is a letter and two letters or digits, followed by the field separator.
    #[error("a line that is no segment")]
    SegmentName,
    /// A second MSH, or a segment of a batch, stands inside of a message.
    #[error("another header inside of a message")]
    SecondHeader,
    /// The start byte of another frame stands inside: what came before it was cut off.
    #[error("the start of another frame inside of a message")]
    StartBlock,
}

/// Bytes that are no message: which rule they break, and where. Nothing of their content is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("message, byte {position}: {kind}")]
pub struct ParseError {
    /// The rule.
    pub kind: ParseErrorKind,
    /// Where, in bytes from the beginning of what was parsed.
    pub position: usize,
}

impl ParseError {
    pub(super) const fn at(kind: ParseErrorKind, position: usize) -> Self {
        Self { kind, position }
    }
}
