//! One message: an index over its bytes.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memmem};

use super::charset;
use super::delimiters::can_separate;
use super::index::{Ends, Index, Span};
use super::unescape::Decoder;
use super::{Charset, Delimiters, Notice, NoticeKind, Segment, Segments, Settings, Terminators};
use crate::hl7v2::error::{ParseError, ParseErrorKind};

/// A message as it was received, and where its segments and fields are.
///
/// Nothing is copied and nothing is lost: [`as_bytes`](Self::as_bytes) is what was parsed, and every byte of it is in a segment or
/// between two. A message is read whole or not at all. Fields are found at once; repetitions, components and subcomponents are
/// split when they are asked for, and escape sequences decoded after that.
///
/// ```
/// use mychartum_adapters::hl7v2::{Message, Settings};
/// let bytes = b"MSH|^~\\&|LAB|RIVERSIDE|||20260301||ORU^R01|77|P|2.5.1\rPID|1||0042^^^RIVERSIDE^MR\r";
/// let message = Message::parse(bytes, &Settings::default())?;
/// let pid = message.segments().find_named("PID").unwrap();
/// assert_eq!(pid.field(3).component(4).text(), "RIVERSIDE");
/// assert_eq!(message.header().field(10).text(), "77");
/// # Ok::<(), mychartum_adapters::hl7v2::ParseError>(())
/// ```
#[derive(Clone)]
pub struct Message<'a> {
    bytes: &'a [u8],
    /// The bytes to look for separators in: others only where halves of characters look like separators.
    shape: Cow<'a, [u8]>,
    text: Option<&'a str>,
    /// Whether there is any escape sequence behind MSH-2.
    escapes: bool,
    decoder: Decoder,
    index: Index,
    notices: Vec<Notice>,
}

impl core::fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Message({} segments, [hidden])", self.index.segments())
    }
}

impl<'a> Message<'a> {
    /// Parses one message. A byte order mark, blanks and a start byte before MSH are passed over, as is the end of a frame after
    /// the last segment.
    ///
    /// # Errors
    /// [`ParseError`]: which rule, and at which byte. No message is read in part.
    pub fn parse(bytes: &'a [u8], settings: &Settings) -> Result<Self, ParseError> {
        let as_set = Self::parse_as_set(bytes, settings)?;
        let is_mixed = |notice: &Notice| notice.kind == NoticeKind::SegmentInText;
        if settings.terminators == Terminators::Mended && as_set.notices.iter().any(is_mixed) {
            let either = Settings { terminators: Terminators::CrAndLf, ..*settings };
            return Ok(Self::parse_as_set(bytes, &either).unwrap_or(as_set));
        }
        Ok(as_set)
    }

    fn parse_as_set(bytes: &'a [u8], settings: &Settings) -> Result<Self, ParseError> {
        if bytes.len() > settings.limit || u32::try_from(bytes.len()).is_err() {
            return Err(ParseError::at(ParseErrorKind::TooLarge, settings.limit.min(bytes.len())));
        }
        let frame = Frame::of(bytes, settings)?;
        let field = separator(bytes, frame.from)?;
        let mut notices = Vec::new();

        let head = bytes.get(frame.from..frame.to).unwrap_or_default();
        let head = head.split(|byte| frame.ends.is_end(*byte)).next().unwrap_or_default();
        let mut fields = head.split(|byte| *byte == field);
        let encoding = fields.by_ref().nth(1).unwrap_or_default();
        let position = frame.from + 4;
        let delimiters = Delimiters::read(field, encoding, |kind| notices.push(Notice { kind, position }));

        let declared = fields.nth(15).unwrap_or_default();
        let declared = core::str::from_utf8(declared).unwrap_or("?");
        let decided = charset::decide(bytes, declared, delimiters.repetition, settings.default_charset);
        let found = decided.notices.into_iter().flatten();
        notices.extend(found.map(|kind| Notice { kind, position: frame.from }));

        let shape = decided.charset.shape(bytes);
        let index = Index::build(&shape, frame.from, frame.to, field, frame.ends)?;
        let behind = shape.get(frame.from + 4 + encoding.len()..).unwrap_or_default();
        let escapes = delimiters.escape.is_some_and(|escape| memchr(escape, behind).is_some());
        if frame.ends == Ends::Cr {
            note_segments_in_text(&shape, &frame, field, &mut notices);
        }
        let decoder = Decoder { delimiters, charset: decided.charset, fallback: settings.default_charset };
        Ok(Self { bytes, shape, text: decided.text, escapes, decoder, index, notices })
    }

    /// The bytes as they were received.
    #[must_use]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Writes the message from its segments and fields and what stands between them: the same bytes as were parsed.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        let mut written = 0;
        for segment in self.segments() {
            // What ended the segment before, or stood before the first one.
            out.extend_from_slice(self.bytes.get(written..segment.position()).unwrap_or_default());
            out.extend_from_slice(segment.name().as_bytes());
            let header = usize::from(segment.number() == 0);
            for number in 1 + header..=segment.fields() {
                out.push(self.decoder.delimiters.field);
                out.extend_from_slice(segment.field(number).raw());
            }
            written = segment.position() + segment.raw().len();
        }
        out.extend_from_slice(self.bytes.get(written..).unwrap_or_default());
    }

    /// What was odd about it.
    #[must_use]
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// The characters that separate its parts.
    #[must_use]
    pub const fn delimiters(&self) -> Delimiters {
        self.decoder.delimiters
    }

    /// In what it is written, as the header and the bytes together say.
    #[must_use]
    pub const fn charset(&self) -> Charset {
        self.decoder.charset
    }

    /// All segments, MSH first. Those that no standard knows are among them.
    #[must_use]
    pub fn segments(&self) -> Segments<'_> {
        Segments { message: self, from: 0, to: self.index.segments() }
    }

    /// MSH.
    #[must_use]
    pub fn header(&self) -> Segment<'_> {
        Segment { message: self, number: 0 }
    }

    /// The type of message, such as `ORU` (MSH-9.1).
    #[must_use]
    pub fn code(&self) -> Cow<'_, str> {
        self.header().field(9).component(1).text()
    }

    /// What happened, such as `R01` (MSH-9.2).
    #[must_use]
    pub fn event(&self) -> Cow<'_, str> {
        self.header().field(9).component(2).text()
    }

    /// The sender's number of the message (MSH-10). Alone it identifies nothing: senders use numbers again.
    #[must_use]
    pub fn control_id(&self) -> Cow<'_, str> {
        self.header().field(10).text()
    }

    /// The version that the message says it has (MSH-12.1). Take it as a hint: senders put fields of later versions in.
    #[must_use]
    pub fn version(&self) -> Cow<'_, str> {
        self.header().field(12).component(1).text()
    }

    /// Whether it is an acknowledgement or another answer, which must never be acknowledged: its type is ACK or MCF, or it has
    /// an MSA.
    #[must_use]
    pub fn is_answer(&self) -> bool {
        matches!(&*self.code().to_ascii_uppercase(), "ACK" | "MCF") || self.segments().find_named("MSA").is_some()
    }

    pub(super) const fn index(&self) -> &Index {
        &self.index
    }

    pub(super) fn shape(&self) -> &[u8] {
        &self.shape
    }

    pub(super) fn text<'m>(&'m self, span: Span, raw: &'m [u8], shape: &[u8], literal: bool) -> Cow<'m, str> {
        match self.decoder.delimiters.escape {
            Some(escape) if self.escapes && !literal && memchr(escape, shape).is_some() => {
                self.decoder.decode(raw, shape, escape)
            }
            // Separators are ASCII, so a part of a valid text is valid.
            _ => match self.text.and_then(|text| text.get(span.start as usize..span.end as usize)) {
                Some(text) => Cow::Borrowed(text),
                None => self.decoder.charset.decode(raw),
            },
        }
    }
}

/// The byte before a frame of the lower layer protocol, and the one that ends it.
const START: u8 = 0x0b;
const END: u8 = 0x1c;

/// Where in the bytes the segments are.
struct Frame {
    from: usize,
    to: usize,
    ends: Ends,
}

impl Frame {
    fn of(bytes: &[u8], settings: &Settings) -> Result<Self, ParseError> {
        if matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [b'M', 0, b'S', ..] | [0, b'M', 0, ..]) {
            return Err(ParseError::at(ParseErrorKind::Utf16, 0));
        }
        let mut from = 0;
        loop {
            match bytes.get(from..).unwrap_or_default() {
                [0xef, 0xbb, 0xbf, ..] => from += 3,
                [START | b'\r' | b'\n' | b' ' | b'\t', ..] => from += 1,
                _ => break,
            }
        }
        let rest = bytes.get(from..).unwrap_or_default();
        // Zeros and the old end-of-file byte are what programs in C and DOS leave behind.
        let trailing = rest.iter().rev().take_while(|byte| matches!(**byte, b'\r' | b'\n' | END | 0 | 0x1a)).count();
        let to = bytes.len() - trailing;
        let body = bytes.get(from..to).unwrap_or_default();
        if let Some(at) = memmem::find(body, &[START, b'M', b'S', b'H']) {
            return Err(ParseError::at(ParseErrorKind::StartBlock, from + at));
        }
        // A CR behind everything ends no segment but the last: it may be the frame's own.
        let ends = match settings.terminators {
            Terminators::CrAndLf => Ends::Either,
            Terminators::AsFound | Terminators::Mended if memchr(b'\r', body).is_some() => Ends::Cr,
            Terminators::AsFound | Terminators::Mended => Ends::Lf,
        };
        Ok(Self { from, to, ends })
    }
}

/// The field separator of the header that stands at a position.
fn separator(bytes: &[u8], from: usize) -> Result<u8, ParseError> {
    let rest = bytes.get(from..).unwrap_or_default();
    let name: [u8; 3] = match rest {
        [] => return Err(ParseError::at(ParseErrorKind::Empty, from)),
        [first, second, third, ..] => [*first, *second, *third].map(|byte| byte.to_ascii_uppercase()),
        _ => return Err(ParseError::at(ParseErrorKind::NoHeader, from)),
    };
    match (&name, rest.get(3)) {
        (b"MSH", Some(&field)) if can_separate(field) => Ok(field),
        (b"MSH", _) => Err(ParseError::at(ParseErrorKind::FieldSeparator, from + 3)),
        (b"FHS" | b"BHS", _) => Err(ParseError::at(ParseErrorKind::Batch, from)),
        _ => Err(ParseError::at(ParseErrorKind::NoHeader, from)),
    }
}

/// Notes line feeds inside of fields that a segment seems to follow. Those right behind a CR are no such ones.
fn note_segments_in_text(shape: &[u8], frame: &Frame, field: u8, notices: &mut Vec<Notice>) {
    let body = shape.get(..frame.to).unwrap_or_default();
    for at in memchr_iter(b'\n', body).filter(|at| *at >= frame.from) {
        let [first, second, third, next] = match body.get(at + 1..at + 5) {
            Some(&[first, second, third, next]) => [first, second, third, next],
            _ => continue,
        };
        let named = first.is_ascii_uppercase() && [second, third].iter().all(|byte| is_capital_or_digit(*byte));
        let before = || body.get(..at).unwrap_or_default().iter().rev().find(|byte| **byte != b'\n');
        if named && next == field && before() != Some(&b'\r') {
            notices.push(Notice { kind: NoticeKind::SegmentInText, position: at + 1 });
        }
    }
}

const fn is_capital_or_digit(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

#[cfg(test)]
#[path = "message_tests.rs"]
mod tests;
