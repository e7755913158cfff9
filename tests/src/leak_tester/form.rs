//! The forms in which a canary may have come out.

use core::fmt::Write as _;

/// How a canary was written where it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// As it was planted, in UTF-8.
    Plain,
    /// In UTF-16, little endian.
    Utf16,
    /// In hexadecimal digits, lower or upper case.
    Hex,
    /// In base64 (RFC 4648, sections 4 and 5), at any of the three places that it can have in a group.
    Base64,
    /// In upper, lower or swapped case.
    OtherCase,
    /// As a list of decimal bytes, which is how `Debug` writes a `Vec<u8>`.
    ByteList,
}

impl Form {
    /// What it is called in a report.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Utf16 => "UTF-16",
            Self::Hex => "hexadecimal",
            Self::Base64 => "base64",
            Self::OtherCase => "other case",
            Self::ByteList => "byte list",
        }
    }
}

/// Every way to write a text that is searched for.
pub(super) fn of_text(text: &str) -> Vec<(Form, Vec<u8>)> {
    let mut forms = of_bytes(text.as_bytes());
    forms.push((Form::Utf16, text.encode_utf16().flat_map(u16::to_le_bytes).collect()));
    let swapped: String = text
        .chars()
        .map(
            |letter| {
                if letter.is_ascii_lowercase() { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() }
            },
        )
        .collect();
    let mut cases = vec![text.to_uppercase(), text.to_lowercase(), swapped];
    cases.sort_unstable();
    cases.dedup();
    forms.extend(cases.into_iter().filter(|case| case != text).map(|case| (Form::OtherCase, case.into_bytes())));
    forms
}

/// Every way to write bytes that are no text.
pub(super) fn of_bytes(bytes: &[u8]) -> Vec<(Form, Vec<u8>)> {
    let mut hex = String::new();
    let mut list = String::new();
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        let _ = write!(list, "{}{byte}", if list.is_empty() { "" } else { ", " });
    }
    let upper = hex.to_uppercase();
    let mut forms = vec![(Form::Plain, bytes.to_vec()), (Form::ByteList, list.into_bytes())];
    forms.push((Form::Hex, upper.into_bytes()));
    forms.push((Form::Hex, hex.into_bytes()));
    for before in 0..3 {
        let standard = base64(bytes, before, b"+/");
        let safe = base64(bytes, before, b"-_");
        if safe != standard {
            forms.push((Form::Base64, safe));
        }
        forms.push((Form::Base64, standard));
    }
    forms
}

/// The letters of base64 that say nothing but these bytes, when so many others (0 to 2) stand before them in their group.
fn base64(bytes: &[u8], before: usize, last_two: &[u8; 2]) -> Vec<u8> {
    const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut letters = Vec::new();
    let (mut bits, mut count) = (0u32, 0u32);
    // A letter holds six bits; the first letter that holds only bits of ours begins after so many of them.
    let mut skip = match before {
        1 => 4,
        2 => 2,
        _ => 0,
    };
    for byte in bytes {
        for shift in (0..8).rev() {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            bits = (bits << 1) | u32::from((byte >> shift) & 1);
            count += 1;
            if count == 6 {
                let index = usize::try_from(bits).unwrap_or(0);
                letters.extend(LETTERS.iter().chain(last_two).nth(index));
                (bits, count) = (0, 0);
            }
        }
    }
    letters
}
