//! Setting ids apart: UUIDs, ids and hashes in hexadecimal digits leave the text as bytes.
//!
//! They are most of what is random in a row. Compressed as text each takes some 20 bytes for every 16 that it says,
//! and makes the letters around it dearer as well. In the text a mark stands for each:
//!
//! ```text
//! 0x10 b   the byte b itself, where it is one of the marks
//! 0x11     a UUID of lower-case digits, 8-4-4-4-12: the next 16 bytes of the ids
//! 0x12     32 lower-case hexadecimal digits: the next 16 bytes of the ids
//! 0x13     64 of them: the next 32 bytes
//! 0x14 n   as 0x11, 0x15 n as 0x12, 0x16 n as 0x13, but of what is in the ids already, from byte 16 n on
//! ```
//!
//! JSON has none of these bytes (RFC 8259, section 7), so a text of it grows by no escapes.

use zeroize::Zeroizing;

use super::error::PackingError;

const ESCAPE: u8 = 0x10;
const UUID: u8 = 0x11;
const SHORT: u8 = 0x12;
const LONG: u8 = 0x13;
/// Added to a mark: the same shape, of what is in the ids already.
const AGAIN: u8 = 3;
/// The last mark; 0x17 is kept for later.
const LAST: u8 = 0x17;

/// Ids are counted in pieces of so many bytes.
const PIECE: usize = 16;

/// Where the hyphens of a UUID stand.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// Sets the ids of a body apart: gives the text with marks, and the ids.
///
/// For whoever trains a dictionary; `pack` does it itself.
#[must_use]
pub fn set_apart(body: &[u8]) -> (Zeroizing<Vec<u8>>, Zeroizing<Vec<u8>>) {
    // Twice the body is the most that escapes can make of it.
    let mut text = Zeroizing::new(Vec::with_capacity(body.len().saturating_mul(2)));
    let mut ids = Zeroizing::new(Vec::with_capacity(body.len() / 2));
    let mut rest = body;
    loop {
        // What comes before the next digit or mark goes over as it is.
        let plain = rest.iter().position(|byte| CLASS.digit(*byte) || is_mark(*byte)).unwrap_or(rest.len());
        let (before, from) = rest.split_at_checked(plain).unwrap_or((rest, &[]));
        text.extend_from_slice(before);
        let Some((first, behind)) = from.split_first() else { return (text, ids) };
        if is_mark(*first) {
            text.extend_from_slice(&[ESCAPE, *first]);
            rest = behind;
            continue;
        }
        let digits = from.iter().position(|byte| !CLASS.digit(*byte)).unwrap_or(from.len());
        let (mark, length) = match digits {
            8 if is_uuid(from) => (UUID, 36),
            32 => (SHORT, 32),
            64 => (LONG, 64),
            _ => {
                let (run, behind) = from.split_at_checked(digits).unwrap_or((from, &[]));
                text.extend_from_slice(run);
                rest = behind;
                continue;
            }
        };
        let (id, behind) = from.split_at_checked(length).unwrap_or((from, &[]));
        put(mark, id, &mut text, &mut ids);
        rest = behind;
    }
}

/// Puts an id's bytes to the ids, unless they are there, and its mark into the text.
fn put(mark: u8, id: &[u8], text: &mut Vec<u8>, ids: &mut Vec<u8>) {
    let start = ids.len();
    let digits = id.iter().filter(|byte| **byte != b'-').map(|byte| CLASS.value(*byte));
    let mut high = None;
    for digit in digits {
        match high.take() {
            None => high = Some(digit << 4),
            Some(high) => ids.push(high | digit),
        }
    }
    let (known, new) = ids.split_at_checked(start).unwrap_or((ids, &[]));
    let at = (0..=usize::from(u8::MAX))
        .zip(known.chunks(PIECE))
        .position(|(piece, _)| known.get(piece * PIECE..piece * PIECE + new.len()) == Some(new));
    match at.and_then(|at| u8::try_from(at).ok()) {
        Some(at) => {
            text.extend_from_slice(&[mark + AGAIN, at]);
            ids.truncate(start);
        }
        None => text.push(mark),
    }
}

/// Puts the ids back into a text; the body must come out as long as is said.
pub(super) fn put_back(text: &[u8], ids: &[u8], length: usize) -> Result<Zeroizing<Vec<u8>>, PackingError> {
    let mut body = Zeroizing::new(Vec::with_capacity(length));
    let (mut rest, mut left) = (text, ids);
    loop {
        let plain = rest.iter().position(|byte| is_mark(*byte)).unwrap_or(rest.len());
        let (before, from) = rest.split_at_checked(plain).unwrap_or((rest, &[]));
        if before.len() > length - body.len() {
            return Err(PackingError::Malformed("length"));
        }
        body.extend_from_slice(before);
        let Some((mark, behind)) = from.split_first() else { break };
        rest = behind;
        let mut parameter = || {
            let (parameter, behind) = rest.split_first().ok_or(PackingError::Malformed("text: ends in a mark"))?;
            rest = behind;
            Ok(*parameter)
        };
        let (shape, id) = match *mark {
            ESCAPE => {
                let byte = parameter()?;
                if body.len() == length {
                    return Err(PackingError::Malformed("length"));
                }
                body.push(byte);
                continue;
            }
            UUID | SHORT | LONG => {
                let (id, behind) = left.split_at_checked(bytes_of(*mark)).ok_or(PackingError::Malformed("ids"))?;
                left = behind;
                (*mark, id)
            }
            mark if (UUID + AGAIN..=LONG + AGAIN).contains(&mark) => {
                let start = usize::from(parameter()?) * PIECE;
                let shape = mark - AGAIN;
                let id = ids.get(start..start + bytes_of(shape)).ok_or(PackingError::Malformed("ids"))?;
                (shape, id)
            }
            _ => return Err(PackingError::Malformed("text: unknown mark")),
        };
        if digits_of(shape) > length - body.len() {
            return Err(PackingError::Malformed("length"));
        }
        for (at, byte) in (0..).zip(id) {
            if shape == UUID && matches!(at, 4 | 6 | 8 | 10) {
                body.push(b'-');
            }
            body.extend_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
        }
    }
    if left.is_empty() && body.len() == length { Ok(body) } else { Err(PackingError::Malformed("length")) }
}

const fn is_mark(byte: u8) -> bool {
    matches!(byte, ESCAPE..=LAST)
}

const fn bytes_of(shape: u8) -> usize {
    if shape == LONG { 32 } else { 16 }
}

const fn digits_of(shape: u8) -> usize {
    match shape {
        UUID => 36,
        SHORT => 32,
        _ => 64,
    }
}

const fn digit(value: u8) -> u8 {
    if value < 10 { b'0' + value } else { b'a' + value - 10 }
}

/// Whether a UUID stands at the start, and no further digit behind it.
fn is_uuid(from: &[u8]) -> bool {
    let Some((uuid, behind)) = from.split_at_checked(36) else { return false };
    let shape = |(at, byte): (usize, &u8)| if HYPHENS.contains(&at) { *byte == b'-' } else { CLASS.digit(*byte) };
    uuid.iter().enumerate().all(shape) && !behind.first().is_some_and(|byte| CLASS.digit(*byte))
}

/// What each byte is worth as a lower-case hexadecimal digit.
struct Class([u8; 256]);

static CLASS: Class = Class::new();

impl Class {
    const NONE: u8 = 16;

    const fn new() -> Self {
        let mut values = [Self::NONE; 256];
        let mut value = 0;
        while value < 16 {
            #[allow(clippy::indexing_slicing, reason = "made when it is compiled, where it cannot fail unseen")]
            {
                values[digit(value) as usize] = value;
            }
            value += 1;
        }
        Self(values)
    }

    fn value(&self, byte: u8) -> u8 {
        self.0.get(usize::from(byte)).copied().unwrap_or(Self::NONE)
    }

    fn digit(&self, byte: u8) -> bool {
        self.value(byte) != Self::NONE
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn both_ways(body: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let (text, ids) = set_apart(body);
        assert_eq!(&**put_back(&text, &ids, body.len()).unwrap(), body);
        (text.to_vec(), ids.to_vec())
    }

    #[test]
    fn ids_leave_the_text_once() {
        let body = concat!(
            r#"{"id":"dc9dddd0-010e-8199-a69d-1bf8856878e7","d":"93099deec95abdd48c837117dfb90fae","#,
            r#""again":"dc9dddd0-010e-8199-a69d-1bf8856878e7","#,
            r#""h":"5f80fd6f4987a23329e57434d6afc1c9256b3884781e1717ccc2a52e92a86d1b","#,
            r#""flat":"dc9dddd0010e8199a69d1bf8856878e7"}"#,
        );
        let body = body.as_bytes();
        let (text, ids) = both_ways(body);
        assert_eq!(ids.len(), 16 + 16 + 32);
        assert_eq!(
            text,
            b"{\"id\":\"\x11\",\"d\":\"\x12\",\"again\":\"\x14\x00\",\"h\":\"\x13\",\"flat\":\"\x15\x00\"}"
        );
        let hashes = format!("{0}|{0}", "5f80fd6f4987a23329e57434d6afc1c9256b3884781e1717ccc2a52e92a86d1b");
        assert_eq!(both_ways(hashes.as_bytes()).0, b"\x13|\x16\x00");
    }

    #[test]
    fn what_only_looks_like_an_id_stays() {
        for body in [
            "DC9DDDD0-010E-8199-A69D-1BF8856878E7",
            "dc9dddd0-010e-8199-a69d-1bf8856878e",
            "dc9dddd0-010e-8199-a69d-1bf8856878e7f",
            "adc9dddd0-010e-8199-a69d-1bf8856878e7",
            "dc9dddd0_010e-8199-a69d-1bf8856878e7",
            "93099deec95abdd48c837117dfb90fa",
            "93099deec95abdd48c837117dfb90fae0",
            "",
        ] {
            let (text, ids) = both_ways(body.as_bytes());
            assert_eq!((text.as_slice(), ids.len()), (body.as_bytes(), 0));
        }
        assert_eq!(both_ways(&[0x0f, 0x10, 0x14, 0x17, 0x18]).0, [0x0f, 0x10, 0x10, 0x10, 0x14, 0x10, 0x17, 0x18]);
    }

    #[test]
    fn more_ids_than_can_be_named_again() {
        let one = |number: u32| format!("{number:032x}");
        let body: String = (0..600).map(|number| one(number % 300) + " ").collect();
        let (_, ids) = both_ways(body.as_bytes());
        assert_eq!(ids.len(), (300 + 44) * 16, "the first 256 are named again, the others said again");
    }

    #[test]
    fn what_is_no_text_is_refused() {
        let ids = [7; 32];
        for (text, length) in [
            (&b"\x10"[..], 1),
            (b"\x14", 36),
            (b"\x14\x02", 36),
            (b"\x16\x01", 64),
            (b"\x11\x11\x11", 108),
            (b"\x17", 1),
            (b"\x11\x11", 71),
            (b"\x11\x11", 73),
            (b"\x11", 36),
            (b"\x13abc", 64),
            (b"\x13\x10\x10", 64),
        ] {
            assert!(put_back(text, &ids, length).is_err(), "{text:?}");
        }
        assert!(put_back(b"\x13", &ids, 64).is_ok() && put_back(b"\x11\x12", &ids, 68).is_ok());
    }

    proptest! {
        #[test]
        fn any_bytes_come_back(body in proptest::collection::vec(any::<u8>(), 0..400)) {
            both_ways(&body);
        }

        #[test]
        fn texts_full_of_digits_come_back(
            body in "([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{30,34}|[0-9a-f]{62,66}|[-\"\u{10}-\u{17}])*",
        ) {
            both_ways(body.as_bytes());
        }

        #[test]
        fn any_text_and_ids_are_bounded(
            text in proptest::collection::vec(0x0e_u8..0x19, 0..60),
            ids in proptest::collection::vec(any::<u8>(), 0..100),
            length in 0_usize..200,
        ) {
            if let Ok(body) = put_back(&text, &ids, length) {
                prop_assert_eq!(body.len(), length);
                prop_assert_eq!(body.capacity(), length);
            }
        }
    }
}
