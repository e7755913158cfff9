//! Escape sequences in texts.

use std::borrow::Cow;

use memchr::memchr;

use super::{Charset, Delimiters};

/// The most line breaks or blanks that one sequence stands for, so that a short text cannot become an endless one.
const MOST: usize = 80;

/// What decodes the bytes of one message.
#[derive(Clone, Copy)]
pub(super) struct Decoder {
    pub(super) delimiters: Delimiters,
    pub(super) charset: Charset,
    /// In what bytes given in hexadecimal are written, if they are not in the message's own character set.
    pub(super) fallback: Charset,
}

impl Decoder {
    /// Decodes the text of an element: `bytes` as they came, and `shape` with halves of characters covered.
    ///
    /// Known sequences are decoded (HL7 v2.9 section 2.7); unknown and unpaired ones stay as they are. Text is never lost: at worst
    /// a reader sees a backslash.
    pub(super) fn decode<'a>(&self, bytes: &'a [u8], shape: &[u8], escape: u8) -> Cow<'a, str> {
        let mut text = String::with_capacity(bytes.len());
        let (mut done, mut at) = (0, 0);
        let mut meant = String::new();
        let find = |from: usize| memchr(escape, shape.get(from..).unwrap_or_default()).map(|found| from + found);
        let plain = |from: usize, to: usize| self.charset.decode(bytes.get(from..to).unwrap_or_default());
        while let Some(open) = find(at) {
            let Some(close) = find(open + 1) else { break };
            meant.clear();
            if self.sequence(bytes.get(open + 1..close).unwrap_or_default(), escape, &mut meant) {
                text.push_str(&plain(done, open));
                text.push_str(&meant);
                done = close + 1;
                at = done;
            } else {
                // Its second backslash may be the first of the next one.
                at = close;
            }
        }
        text.push_str(&plain(done, bytes.len()));
        Cow::Owned(text)
    }

    /// Writes what a sequence stands for, or nothing and `false` for an unknown one.
    fn sequence(&self, sequence: &[u8], escape: u8, text: &mut String) -> bool {
        let mut delimiter = |byte: Option<u8>| {
            byte.is_some_and(|byte| {
                text.push(char::from(byte));
                true
            })
        };
        match sequence {
            b"F" => delimiter(Some(self.delimiters.field)),
            b"S" => delimiter(self.delimiters.component),
            b"T" => delimiter(self.delimiters.subcomponent),
            b"R" => delimiter(self.delimiters.repetition),
            b"E" => delimiter(Some(escape)),
            b"P" => delimiter(self.delimiters.truncation),
            // Highlighting on and off.
            b"H" | b"N" => true,
            [b'X', digits @ ..] => self.hexadecimal(digits, text),
            [b'.', command @ ..] => formatting(command, text),
            _ => false,
        }
    }

    /// Bytes in hexadecimal. An odd number of digits, and zeros in front, are how some senders give one character (`\X000d\`).
    fn hexadecimal(&self, digits: &[u8], text: &mut String) -> bool {
        let mut bytes = Vec::with_capacity(digits.len() / 2 + 1);
        let (mut half, mut value) = (digits.len() % 2 == 1, 0);
        for &digit in digits {
            let Some(digit) = char::from(digit).to_digit(16) else { return false };
            value = value << 4 | digit;
            if half {
                bytes.extend(u8::try_from(value));
                value = 0;
            }
            half = !half;
        }
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        let bytes = bytes.get(zeros..).unwrap_or_default();
        if bytes.is_empty() {
            // Nothing but zeros means nothing that a text can hold.
            return !digits.is_empty();
        }
        let charset = if self.charset.can_decode(bytes) { self.charset } else { self.fallback };
        text.push_str(&charset.decode(bytes));
        true
    }
}

/// Formatting commands of FT (HL7 v2.9 section 2.7.6): what is left of them in plain text.
fn formatting(command: &[u8], text: &mut String) -> bool {
    let (name, argument) = command.split_at_checked(2).unwrap_or((command, &[]));
    let argument = argument.trim_ascii();
    let signed = argument.strip_prefix(b"+").or_else(|| argument.strip_prefix(b"-")).unwrap_or(argument);
    if !signed.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let count = || {
        let digits = signed.iter().take(4).fold(0, |sum: usize, digit| sum * 10 + usize::from(digit - b'0'));
        if signed.is_empty() { 1 } else { digits.min(MOST) }
    };
    match name.to_ascii_lowercase().as_slice() {
        b"br" | b"ce" if argument.is_empty() => text.push('\n'),
        b"sp" => text.extend(core::iter::repeat_n('\n', count())),
        b"sk" => text.extend(core::iter::repeat_n(' ', count())),
        b"fi" | b"nf" if argument.is_empty() => (),
        b"in" | b"ti" => (),
        _ => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode(text: &[u8]) -> String {
        let decoder = Decoder {
            delimiters: Delimiters { truncation: Some(b'#'), ..Delimiters::default() },
            charset: Charset::UTF_8,
            fallback: Charset::WINDOWS_1252,
        };
        decoder.decode(text, text, b'\\').into_owned()
    }

    #[test]
    fn known_sequences_are_decoded() {
        for (given, expected) in [
            (r"a\F\b\S\c\T\d\R\e\E\f\P\", r"a|b^c&d~e\f#"),
            (r"\H\bold\N\", "bold"),
            (r"one\.br\two\.BR\three", "one\ntwo\nthree"),
            (r"\.sp\a\.sp 2\b\.sp+3\", "\na\n\nb\n\n\n"),
            (r"\.sk 3\x\.in+4\\.ti-2\\.fi\\.nf\y\.ce\", "   xy\n"),
            (r"\X41\\X0D0A\\X000d\\Xd\", "A\r\n\r\r"),
            (r"\XC3A9\", "\u{e9}"),
            (r"\XE9\", "\u{e9}"),
            (r"\X00\", ""),
        ] {
            assert_eq!(decode(given.as_bytes()), expected, "{given}");
        }
    }

    #[test]
    fn unknown_and_unpaired_ones_stay() {
        for text in [
            r"\",
            r"a\b",
            r"\\server\share",
            r"\Z1\",
            r"\XZZ\",
            r"\X\",
            r"\.xx\",
            r"\.br",
            r"\f\",
            r"\C2842\",
            r"\M2842\",
        ] {
            assert_eq!(decode(text.as_bytes()), text);
        }
        assert_eq!(decode(br"C:\temp\F\x"), r"C:\temp|x");
        assert_eq!(decode(br"\.sp 99999999\").len(), MOST);
    }

    proptest! {
        #[test]
        fn any_bytes_are_decoded(bytes: Vec<u8>) {
            decode(&bytes);
        }

        #[test]
        fn near_sequences_are_decoded(text in r"([\\FSTREXN.abr0-9]|\\\.br\\|\\X){0,30}") {
            let decoded = decode(text.as_bytes());
            prop_assert!(text.contains('\\') || decoded == text);
        }
    }
}
