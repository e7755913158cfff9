//! Where the segments and fields of a message begin: one pass over its bytes, two vectors.

use memchr::memchr3;

use crate::hl7v2::error::{ParseError, ParseErrorKind};

/// The flat index of a message.
///
/// `starts` holds, one segment after another: where its name begins, where each of its fields begins, and one more than where it
/// ends. So the field at `i` lies between `starts[i]` and one before `starts[i + 1]`, whichever field it is.
#[derive(Debug, Clone)]
pub(super) struct Index {
    /// For each segment, where its part of `starts` begins; and at last the length of `starts`.
    segments: Vec<u32>,
    starts: Vec<u32>,
}

/// Where bytes stand in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Span {
    pub(super) const EMPTY: Self = Self { start: 0, end: 0 };

    pub(super) fn of<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        bytes.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// What ends segments in one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    /// CR. Line feeds right after it belong to it.
    Cr,
    /// LF.
    Lf,
    /// Both.
    Either,
}

impl Ends {
    const fn bytes(self) -> (u8, u8) {
        match self {
            Self::Cr => (b'\r', b'\r'),
            Self::Lf => (b'\n', b'\n'),
            Self::Either => (b'\r', b'\n'),
        }
    }

    pub(super) const fn is_end(self, byte: u8) -> bool {
        let (one, other) = self.bytes();
        byte == one || byte == other
    }
}

impl Index {
    /// Indexes the bytes of `from..to`, which begin with a segment. `to` fits in 32 bits.
    pub(super) fn build(bytes: &[u8], from: usize, to: usize, field: u8, ends: Ends) -> Result<Self, ParseError> {
        let length = to.saturating_sub(from);
        // Enough for usual messages at once; a message of one large document needs far fewer.
        let mut scan = Scan {
            bytes: bytes.get(..to).unwrap_or_default(),
            field,
            ends,
            index: Self {
                segments: Vec::with_capacity((length / 48).min(1 << 12) + 8),
                starts: Vec::with_capacity((length / 4).min(1 << 14) + 16),
            },
            line: from,
            open: false,
        };
        let mut rest = bytes.get(from..to).unwrap_or_default();
        let (one, other) = ends.bytes();
        let needles = (spread(field), spread(one), spread(other));
        let (mut at, mut quiet) = (from, 0);
        while let Some((chunk, after)) = rest.split_first_chunk::<8>() {
            let word = u64::from_le_bytes(*chunk);
            let fields = matches(word, needles.0);
            let mut found = fields | matches(word, needles.1) | matches(word, needles.2);
            quiet = if found == 0 { quiet + 1 } else { 0 };
            while found != 0 {
                let bit = found.trailing_zeros();
                let position = at + (bit / 8) as usize;
                if fields >> bit & 1 == 1 {
                    scan.field(position)?
                } else {
                    scan.end(position)?
                }
                found &= found - 1;
            }
            (rest, at) = (after, at + 8);
            if quiet == QUIET {
                // Inside of a long text or a document: a search that is quick to run, and slow to start, finds its end.
                let skip = memchr3(field, one, other, rest).unwrap_or(rest.len());
                rest = rest.get(skip..).unwrap_or_default();
                (at, quiet) = (at + skip, 0);
            }
        }
        for (offset, &byte) in rest.iter().enumerate() {
            if byte == field {
                scan.field(at + offset)?;
            } else if ends.is_end(byte) {
                scan.end(at + offset)?;
            }
        }
        scan.finish(to)
    }

    /// How many segments there are.
    pub(super) fn segments(&self) -> usize {
        self.segments.len().saturating_sub(1)
    }

    /// The places in `starts` of a segment's name and of what follows its last field.
    pub(super) fn segment(&self, segment: usize) -> Option<(u32, u32)> {
        Some((*self.segments.get(segment)?, *self.segments.get(segment + 1)?))
    }

    /// A segment from its name to its end.
    pub(super) fn span(&self, segment: usize) -> Option<Span> {
        let (first, next) = self.segment(segment)?;
        let start = *self.starts.get(first as usize)?;
        let end = self.starts.get(next as usize - 1)?.saturating_sub(1);
        Some(Span { start, end })
    }

    /// What stands at a place in `starts`: a name or a field.
    pub(super) fn at(&self, place: usize) -> Option<Span> {
        Some(Span { start: *self.starts.get(place)?, end: self.starts.get(place + 1)?.saturating_sub(1) })
    }
}

/// After so many words without a separator, another search takes over.
const QUIET: u32 = 8;

const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;

const fn spread(byte: u8) -> u64 {
    byte as u64 * 0x0101_0101_0101_0101
}

/// The top bit of each of eight bytes that equals the needle; exact, without a carry from one byte into the next.
const fn matches(word: u64, needle: u64) -> u64 {
    let word = word ^ needle;
    !(((word & LOW) + LOW) | word | LOW)
}

struct Scan<'b> {
    bytes: &'b [u8],
    field: u8,
    ends: Ends,
    index: Index,
    line: usize,
    open: bool,
}

impl Scan<'_> {
    #[inline]
    fn field(&mut self, position: usize) -> Result<(), ParseError> {
        if !self.open {
            self.open()?;
        }
        self.index.starts.push(narrow(position + 1));
        Ok(())
    }

    #[inline]
    fn end(&mut self, position: usize) -> Result<(), ParseError> {
        // Line feeds before the name of a segment belong to what ended the one before.
        if position >= self.line {
            if !self.open && position > self.line {
                self.open()?;
            }
            if self.open {
                self.index.starts.push(narrow(position + 1));
                self.open = false;
            }
            self.line = position + 1;
            while self.bytes.get(self.line) == Some(&b'\n') {
                self.line += 1;
            }
        }
        Ok(())
    }

    /// Begins a segment at the beginning of a line.
    fn open(&mut self) -> Result<(), ParseError> {
        let wrong = ParseError::at(ParseErrorKind::SegmentName, self.line);
        let rest = self.bytes.get(self.line..).unwrap_or_default();
        let &[first, second, third, ref rest @ ..] = rest else { return Err(wrong) };
        let name = first.is_ascii_alphabetic() && second.is_ascii_alphanumeric() && third.is_ascii_alphanumeric();
        let follows = rest.first().is_none_or(|&next| next == self.field || self.ends.is_end(next));
        if !name || !follows {
            return Err(wrong);
        }
        if !self.index.segments.is_empty() && is_header(first, second, third) {
            return Err(ParseError::at(ParseErrorKind::SecondHeader, self.line));
        }
        self.index.segments.push(narrow(self.index.starts.len()));
        self.index.starts.push(narrow(self.line));
        self.open = true;
        Ok(())
    }

    fn finish(mut self, to: usize) -> Result<Index, ParseError> {
        if !self.open && self.line < to {
            self.open()?;
        }
        if self.open {
            self.index.starts.push(narrow(to + 1));
        }
        self.index.segments.push(narrow(self.index.starts.len()));
        Ok(self.index)
    }
}

/// Positions fit: a message is refused before if it is longer than 32 bits count.
fn narrow(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

/// MSH, and the segments around batches and files.
const fn is_header(first: u8, second: u8, third: u8) -> bool {
    matches!(
        [first.to_ascii_uppercase(), second.to_ascii_uppercase(), third.to_ascii_uppercase()],
        [b'M', b'S', b'H'] | [b'F' | b'B', b'H', b'S'] | [b'F' | b'B', b'T', b'S']
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_word_is_searched_as_its_bytes_are(bytes: [u8; 8], needle: u8) {
            let found = matches(u64::from_le_bytes(bytes), spread(needle));
            for (at, byte) in bytes.into_iter().enumerate() {
                prop_assert_eq!(found >> (at * 8) & 0xff == 0x80, byte == needle);
            }
        }
    }

    #[test]
    fn names_are_checked_and_empty_lines_belong_to_line_ends() {
        let build = |text: &str| Index::build(text.as_bytes(), 0, text.len(), b'|', Ends::Cr);
        let index = build("MSH|a\r\r\n\r\nPID|b|\nc\r\n\n").unwrap();
        assert_eq!(index.segments(), 2);
        assert_eq!(index.span(1), Some(Span { start: 10, end: 18 }));
        assert_eq!(build("MSH|a\r|b").unwrap_err(), ParseError::at(ParseErrorKind::SegmentName, 6));
        assert_eq!(build("MSH|a\rPIDX|b").unwrap_err(), ParseError::at(ParseErrorKind::SegmentName, 6));
        assert_eq!(build("MSH|a\rmsh|b").unwrap_err(), ParseError::at(ParseErrorKind::SecondHeader, 6));
        assert_eq!(build("MSH|a\rfree text").unwrap_err(), ParseError::at(ParseErrorKind::SegmentName, 6));
    }
}
