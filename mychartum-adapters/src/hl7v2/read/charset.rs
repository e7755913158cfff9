//! In what a message is written.

use std::borrow::Cow;

use encoding_rs::{BIG5, EUC_KR, Encoding, GB18030, GBK, ISO_2022_JP, SHIFT_JIS, UTF_8, WINDOWS_1252};

use super::notice::NoticeKind;

/// A character set that messages are written in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Charset(&'static Encoding);

impl core::fmt::Debug for Charset {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Charset({})", self.name())
    }
}

impl Charset {
    /// UTF-8.
    pub const UTF_8: Self = Self(UTF_8);
    /// Western European as Windows has it; what most senders mean by 8859/1.
    pub const WINDOWS_1252: Self = Self(WINDOWS_1252);

    /// The character set of a name: those of HL7 table 0211, and those of the WHATWG's Encoding Standard. ASCII counts as UTF-8.
    ///
    /// `None` for a name that is not known, and for UTF-16 and UTF-32, whose bytes no HL7 separator can be found in.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_uppercase();
        let encoding = match name.as_str() {
            "ASCII" | "US-ASCII" | "ISO IR6" | "UNICODE" | "UNICODE UTF-8" | "UTF8" => UTF_8,
            "ISO IR14" | "ISO IR87" | "ISO IR159" => ISO_2022_JP,
            "GB 18030-2000" | "GB 18030" => GB18030,
            "KS X 1001" => EUC_KR,
            "BIG-5" => BIG5,
            other => {
                let part = other.strip_prefix("8859/").or_else(|| other.strip_prefix("ISO8859/"));
                let label = part.map_or(Cow::Borrowed(other), |part| Cow::Owned(format!("ISO-8859-{part}")));
                Encoding::for_label_no_replacement(label.as_bytes())?
            }
        };
        (encoding.is_ascii_compatible() || encoding == ISO_2022_JP).then_some(Self(encoding))
    }

    /// Its name in the WHATWG's Encoding Standard, such as `UTF-8` or `windows-1252`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// Decodes bytes; what means nothing becomes U+FFFD.
    pub(super) fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
        self.0.decode_without_bom_handling(bytes).0
    }

    pub(super) fn can_decode(self, bytes: &[u8]) -> bool {
        !self.0.decode_without_bom_handling(bytes).1
    }

    /// Whether a byte that looks like a separator may be half of a character.
    fn hides_separators(self) -> bool {
        [GB18030, GBK, BIG5, EUC_KR, SHIFT_JIS, ISO_2022_JP].contains(&self.0)
    }

    /// The bytes with every half of a character that looks like ASCII covered, so that separators can be looked for in them.
    ///
    /// The length stays, so positions are the same in both.
    pub(super) fn shape(self, bytes: &[u8]) -> Cow<'_, [u8]> {
        if !self.hides_separators() {
            return Cow::Borrowed(bytes);
        }
        let mut shape = bytes.to_vec();
        if self.0 == ISO_2022_JP {
            cover_switched(&mut shape);
        } else {
            cover_trailing(&mut shape, self.0 == SHIFT_JIS);
        }
        Cow::Owned(shape)
    }
}

/// No separator: those are ASCII.
const COVER: u8 = 0x80;

/// Covers the second byte of characters of two (Encoding Standard, sections 10 to 13).
fn cover_trailing(shape: &mut [u8], shift_jis: bool) {
    let mut bytes = shape.iter_mut();
    while let Some(byte) = bytes.next() {
        let leads = if shift_jis { matches!(*byte, 0x81..=0x9f | 0xe0..=0xfc) } else { matches!(*byte, 0x81..=0xfe) };
        if leads
            && bytes.as_slice().first().is_some_and(|next| *next >= 0x40)
            && let Some(trail) = bytes.next()
        {
            *trail = COVER;
        }
    }
}

/// Covers what stands between a switch to a set of two bytes and the switch back (RFC 1468). A line end switches back too.
fn cover_switched(shape: &mut [u8]) {
    let mut switched = false;
    let mut bytes = shape.iter_mut();
    while let Some(byte) = bytes.next() {
        match (*byte, bytes.as_slice()) {
            (0x1b, [b'$', ..]) => switched = true,
            (0x1b, [b'(', b'J' | b'B', ..]) => switched = false,
            (0x1b, [b'(', ..]) => switched = true,
            (b'\r' | b'\n', _) => switched = false,
            _ if switched => *byte = COVER,
            _ => (),
        }
    }
}

/// What the bytes of a message are decided to be.
pub(super) struct Decided<'a> {
    pub(super) charset: Charset,
    /// All of the message, where it is UTF-8.
    pub(super) text: Option<&'a str>,
    pub(super) notices: [Option<NoticeKind>; 2],
}

/// Decides what a message is written in, from MSH-18 (its repetitions) and from the bytes.
///
/// What the bytes can be counts for more than what the header says: senders leave MSH-18 empty or copy it from elsewhere.
pub(super) fn decide<'a>(bytes: &'a [u8], declared: &str, repetition: Option<u8>, fallback: Charset) -> Decided<'a> {
    let mut unknown = false;
    let mut named = None;
    let separator = repetition.map_or('~', char::from);
    for name in declared.split(separator).map(str::trim).filter(|name| !name.is_empty() && *name != "\"\"") {
        match Charset::parse(name) {
            // The first is the usual one; Japanese sets are switched to from it, and ISO-2022-JP decodes both.
            Some(charset) if named.is_none() || charset.0 == ISO_2022_JP => named = Some(charset),
            Some(_) => (),
            None => unknown = true,
        }
    }
    let unknown = unknown.then_some(NoticeKind::CharsetUnknown);
    let switches = named.is_some_and(|charset| charset.0 == ISO_2022_JP) && bytes.contains(&0x1b);
    let may_hide = switches || named.is_some_and(|charset| charset.hides_separators() && !bytes.is_ascii());
    if let Some(charset) = named.filter(|charset| may_hide && charset.can_decode(bytes)) {
        return Decided { charset, text: None, notices: [unknown, None] };
    }
    if let Ok(text) = core::str::from_utf8(bytes) {
        let untrue = named.is_some_and(|charset| charset.0 != UTF_8) && !text.is_ascii();
        let untrue = untrue.then_some(NoticeKind::CharsetUntrue);
        return Decided { charset: Charset::UTF_8, text: Some(text), notices: [unknown, untrue] };
    }
    let of_one_byte = named.filter(|charset| charset.0 != UTF_8 && !charset.hides_separators());
    let charset = of_one_byte.unwrap_or(fallback);
    let untrue = (named.is_some() && of_one_byte.is_none()).then_some(NoticeKind::CharsetUntrue);
    let replaced = (!charset.can_decode(bytes)).then_some(NoticeKind::Replaced);
    Decided { charset, text: None, notices: [untrue.or(unknown), replaced] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(bytes: &[u8], declared: &str) -> (&'static str, Vec<NoticeKind>) {
        let decided = decide(bytes, declared, Some(b'~'), Charset::WINDOWS_1252);
        assert_eq!(decided.text.is_some(), decided.charset == Charset::UTF_8);
        (decided.charset.name(), decided.notices.into_iter().flatten().collect())
    }

    #[test]
    fn the_header_is_believed_as_far_as_the_bytes_allow() {
        assert_eq!(decided(b"plain", ""), ("UTF-8", vec![]));
        assert_eq!(decided("Jos\u{e9}".as_bytes(), ""), ("UTF-8", vec![]));
        assert_eq!(decided(b"Jos\xe9", ""), ("windows-1252", vec![]));
        assert_eq!(decided(b"Jos\xe9", "8859/1"), ("windows-1252", vec![]));
        assert_eq!(decided(b"10 \xa4", "8859/15"), ("ISO-8859-15", vec![]));
        assert_eq!(decided(b"Jos\xe9", "UNICODE UTF-8"), ("windows-1252", vec![NoticeKind::CharsetUntrue]));
        assert_eq!(decided(b"Jos\xe9", "ASCII"), ("windows-1252", vec![NoticeKind::CharsetUntrue]));
        assert_eq!(decided("Jos\u{e9}".as_bytes(), "8859/1"), ("UTF-8", vec![NoticeKind::CharsetUntrue]));
        assert_eq!(decided(b"Jos\xe9", "EBCDIC"), ("windows-1252", vec![NoticeKind::CharsetUnknown]));
        assert_eq!(decided(b"\xa5", "8859/7"), ("ISO-8859-7", vec![]));
        assert_eq!(decided(b"\xff", "8859/7"), ("ISO-8859-7", vec![NoticeKind::Replaced]));
        assert_eq!(decided(b"\xd6\xd0", "GB 18030-2000"), ("gb18030", vec![]));
        assert_eq!(decided(b"A \x1b$B;3\x1b(B", "~ISO IR87"), ("ISO-2022-JP", vec![]));
        assert_eq!(decided(b"plain", "UNICODE UTF-16"), ("UTF-8", vec![NoticeKind::CharsetUnknown]));
    }

    #[test]
    fn halves_of_characters_separate_nothing() {
        let shift_jis = Charset::parse("shift_jis").unwrap();
        // The second byte of this character is a backslash, that of the next a bar.
        assert_eq!(&*shift_jis.shape(b"\x95\\|\x81|^"), b"\x95\x80|\x81\x80^");
        let japanese = Charset::parse("ISO IR87").unwrap();
        assert_eq!(&*japanese.shape(b"|\x1b$B|^\x1b(B|^"), b"|\x1b\x80\x80\x80\x80\x1b(B|^");
        assert_eq!(&*Charset::UTF_8.shape(b"|^"), b"|^");
    }
}
