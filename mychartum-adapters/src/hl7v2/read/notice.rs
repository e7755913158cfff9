//! What was odd about a message that could be read all the same.

/// What was odd.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NoticeKind {
    /// MSH-2 has fewer than four characters. The usual ones stand in for the missing.
    DelimitersMissing,
    /// MSH-2 repeats a character, as when a program escaped it twice. It counts once.
    DelimitersRepeated,
    /// MSH-2 has a character that cannot separate anything, or more than five. It is left out.
    DelimitersOdd,
    /// MSH-18 names a character set that is not known.
    CharsetUnknown,
    /// The bytes are not in what MSH-18 names.
    CharsetUntrue,
    /// Some bytes mean nothing in the character set; replacement characters stand for them in texts.
    Replaced,
    /// A line feed inside of a field is followed by what looks like a segment. The field may hold what was meant as more
    /// segments: a source that mixes its line ends ([`Terminators::CrAndLf`](super::Terminators::CrAndLf)).
    SegmentInText,
}

/// Something odd, and where. Nothing of the content is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Notice {
    /// What.
    pub kind: NoticeKind,
    /// Where, in bytes from the beginning of the message.
    pub position: usize,
}
