//! What a source's messages are read with.

use super::Charset;

/// What ends a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Terminators {
    /// As the message has it: where there is any CR before its end, only CR ends a segment, and a lone LF is text inside a field.
    /// A message without one is split at LF.
    #[default]
    AsFound,
    /// CR and LF alike. Only for a source that mixes them: with it, a line break in a text breaks the message.
    CrAndLf,
    /// As the message has it; but where something that follows a lone LF looks like a segment, LF ends segments too, if then every
    /// line is one. For files that a person chose. A feed that mixes its line ends is better read with `CrAndLf`, so that nothing
    /// is guessed.
    Mended,
}

/// How the messages of one source are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// The most bytes of one message; 32 MiB at first. The index takes at most four bytes for each of them.
    pub limit: usize,
    /// In what a message is written that is not UTF-8 and does not say (MSH-18), or says what cannot be; windows-1252 at first.
    pub default_charset: Charset,
    /// What ends a segment.
    pub terminators: Terminators,
}

impl Default for Settings {
    fn default() -> Self {
        Self { limit: 32 << 20, default_charset: Charset::WINDOWS_1252, terminators: Terminators::AsFound }
    }
}
