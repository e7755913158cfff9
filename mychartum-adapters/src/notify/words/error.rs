//! What is wrong with a host's own words.

/// Words that cannot be used. Lines count from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WordsError {
    /// Not Fluent.
    #[error("words: line {line} is not fluent")]
    Syntax {
        /// Which line.
        line: usize,
    },
    /// A message that nothing asks for, perhaps a slip of the pen.
    #[error("words: line {line}: no notice has this key")]
    UnknownKey {
        /// Which line.
        line: usize,
    },
    /// A message without one of its parts, or a new language without a frame or a month.
    #[error("words: {key} lacks {part}")]
    Incomplete {
        /// The message's key.
        key: String,
        /// What is missing.
        part: &'static str,
    },
    /// A message that asks for a value that its notice does not carry, or a subject of several lines.
    #[error("words: line {line}: cannot be filled in")]
    Unfillable {
        /// Where its message begins.
        line: usize,
    },
}
