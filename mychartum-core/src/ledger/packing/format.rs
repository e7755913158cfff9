//! Packing and unpacking a body.

use zeroize::Zeroizing;

use crate::port::storage::ChangeSet;
use crate::vault::OVERHEAD;

use super::apart::{put_back, set_apart};
use super::dictionary::Dictionary;
use super::error::PackingError;
use super::{codec, padding};

/// The first byte of a packed body.
const FORMAT: u8 = 2;

/// The number of no dictionary: the body as it is.
const AS_IT_IS: u16 = 0;

/// Bodies shorter than this are not worth compressing.
const SHORTEST: usize = 64;

/// Whether an original is indented shows in so many bytes.
const LINES_FROM: usize = 4 << 10;

/// Ends what is said; zeros follow.
const END: u8 = 0x80;

/// How a body is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// Compressed as a typed view where that makes it shorter, and padded.
    View,
    /// Compressed as an original where that makes it shorter, and padded.
    Original,
    /// Padded only. For rows in which a secret stands beside a text that somebody else chooses.
    Padded,
}

/// Packs a body. What comes out is `padded_length` of something, and unpacks to the same bytes: that was tried.
#[must_use]
pub fn pack(body: &[u8], packing: Packing) -> Zeroizing<Vec<u8>> {
    let mut packed = match packing.dictionary(body).and_then(|dictionary| compressed(body, dictionary)) {
        Some(packed) => packed,
        None => {
            let mut packed = start(AS_IT_IS, body, body.len());
            packed.extend_from_slice(body);
            packed
        }
    };
    packed.push(END);
    // The longest body that storage takes has no room for padding.
    let padded = padding::padded_length(packed.len()).min(ChangeSet::MAX_BODY - OVERHEAD).max(packed.len());
    packed.resize(padded, 0);
    packed
}

impl Packing {
    /// The dictionary that suits a body.
    fn dictionary(self, body: &[u8]) -> Option<Dictionary> {
        match self {
            Self::View => Some(Dictionary::Views),
            // Sources that indent begin a line early on; the head before an original, of some hundred bytes to two
            // thousand, has none.
            Self::Original if body.iter().take(LINES_FROM).any(|byte| *byte == b'\n') => Some(Dictionary::Indented),
            Self::Original => Some(Dictionary::Originals),
            Self::Padded => None,
        }
    }
}

/// The header and what is compressed, without padding; `None` where it is not shorter, or cannot be.
fn compressed(body: &[u8], dictionary: Dictionary) -> Option<Zeroizing<Vec<u8>>> {
    if !(SHORTEST..=ChangeSet::MAX_BODY).contains(&body.len()) {
        return None;
    }
    let tables = dictionary.tables()?;
    let (text, ids) = set_apart(body);
    // Only a text that is no longer than its body: so the body's length bounds the text when it is read.
    if text.len() > body.len() {
        return None;
    }
    // An encoder may write more than it keeps; with room for that, no copy is left behind by growing.
    let mut packed = start(dictionary.number(), body, body.len() + ids.len() + body.len() / 64);
    put_varint(ids.len(), &mut packed);
    packed.extend_from_slice(&ids);
    codec::compress(&text, tables, &mut packed)?;
    if packed.len() >= body.len() {
        return None;
    }
    // INVARIANT (what is packed unpacks): tried with every body, as a fault of the encoder would be found when it is
    // too late.
    let rest = split(&packed).ok()?;
    unpacked(&rest).is_ok_and(|unpacked| *unpacked == body).then_some(packed)
}

/// A buffer with the header in it, and room for the rest and its padding.
fn start(dictionary: u16, body: &[u8], rest: usize) -> Zeroizing<Vec<u8>> {
    let most = padding::padded_length(rest.saturating_add(64));
    let mut packed = Zeroizing::new(Vec::with_capacity(most));
    packed.push(FORMAT);
    packed.extend_from_slice(&dictionary.to_be_bytes());
    put_varint(body.len(), &mut packed);
    packed
}

/// Whether a body is packed, or of the time before.
#[must_use]
pub fn is_packed(body: &[u8]) -> bool {
    body.first() == Some(&FORMAT)
}

/// Unpacks a body.
///
/// Allocates at most twice what the header says, and that only if a body may be as long.
///
/// # Errors
/// [`PackingError`].
pub fn unpack(packed: &[u8]) -> Result<Zeroizing<Vec<u8>>, PackingError> {
    let said = packed.iter().rposition(|byte| *byte != 0).and_then(|end| packed.split_at_checked(end));
    match said {
        Some((said, [END, ..])) => unpacked(&split(said)?),
        _ => Err(PackingError::Malformed("padding")),
    }
}

/// A packed body without its padding, taken apart.
struct Parts<'a> {
    dictionary: u16,
    length: usize,
    rest: &'a [u8],
}

fn split(said: &[u8]) -> Result<Parts<'_>, PackingError> {
    let (&[format, high, low], rest) = said.split_first_chunk::<3>().ok_or(PackingError::Malformed("header"))?;
    if format != FORMAT {
        return Err(PackingError::Malformed("header"));
    }
    let (length, rest) = varint(rest).ok_or(PackingError::Malformed("length"))?;
    if length > ChangeSet::MAX_BODY {
        return Err(PackingError::TooLong);
    }
    Ok(Parts { dictionary: u16::from_be_bytes([high, low]), length, rest })
}

fn unpacked(parts: &Parts<'_>) -> Result<Zeroizing<Vec<u8>>, PackingError> {
    let Parts { dictionary, length, rest } = *parts;
    if dictionary == AS_IT_IS {
        return if rest.len() == length {
            Ok(Zeroizing::new(rest.to_vec()))
        } else {
            Err(PackingError::Malformed("length"))
        };
    }
    let unknown = PackingError::UnknownDictionary(dictionary);
    let tables = Dictionary::with_number(dictionary).and_then(Dictionary::tables).ok_or(unknown)?;
    let (of_ids, rest) = varint(rest).ok_or(PackingError::Malformed("ids"))?;
    let (ids, frame) = rest.split_at_checked(of_ids).ok_or(PackingError::Malformed("ids"))?;
    let text = codec::decompress(frame, tables, length).ok_or(PackingError::Malformed("compressed text"))?;
    put_back(&text, ids, length)
}

/// Seven bits a byte, the lowest first; the top bit says that more follow.
fn put_varint(number: usize, out: &mut Vec<u8>) {
    let mut left = number;
    loop {
        let byte = u8::try_from(left & 0x7f).unwrap_or_default();
        left >>= 7;
        if left == 0 {
            return out.push(byte);
        }
        out.push(byte | 0x80);
    }
}

/// Reads what `put_varint` wrote, of at most four bytes.
fn varint(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut number = 0;
    let mut rest = bytes;
    for shift in [0, 7, 14, 21] {
        let (byte, behind) = rest.split_first()?;
        rest = behind;
        number |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some((number, rest));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [Packing; 3] = [Packing::View, Packing::Original, Packing::Padded];

    const VIEW: &[u8] = concat!(
        "\x01",
        r#"{"n":1,"v":{"t":"Observation","status":"final","category":"laboratory","code":{"codes":[{"s":"http://loinc.org","#,
        r#""c":"4548-4","d":"Hemoglobin A1c/Hemoglobin.total in Blood"}]},"effective":"2012-01-14T08:45:00-05:00","#,
        r#""value":{"is":"quantity","v":{"value":"5.1","unit":{"code":"%"}}}},"p":{"source":"population","#,
        r#""source_type":"Observation","source_id":"e20cb4fc-3ac8-870b-a2b8-e9f361dab52f","version":{},"#,
        r#""received_at":"2026-11-23T13:37:31.293469488Z","delivery":"93099deec95abdd48c837117dfb90fae","#,
        r#""original_hash":"8eb81238ebb79b9f9aefb6263a6676fa9ee97a3722870d83eabe102aaf61713d","mapping":1}}"#,
    )
    .as_bytes();

    fn number(packed: &[u8]) -> u16 {
        u16::from_be_bytes([packed[1], packed[2]])
    }

    #[test]
    fn a_view_gets_much_shorter() {
        for (packing, dictionary, most) in
            [(Packing::View, 1, 192), (Packing::Original, 2, 256), (Packing::Padded, 0, VIEW.len() + 64)]
        {
            let packed = pack(VIEW, packing);
            assert_eq!(number(&packed), dictionary);
            assert!(packed.len() <= most, "{packing:?}: {}", packed.len());
            assert_eq!(padding::padded_length(packed.len()), packed.len());
            assert_eq!(**unpack(&packed).unwrap(), *VIEW);
            assert!(is_packed(&packed) && !is_packed(VIEW));
        }
    }

    #[test]
    fn an_indented_original_gets_its_own_dictionary() {
        let head = [&[0, 0, 0, 4][..], b"\x01{} "].concat();
        let compact =
            [&head, &br#"{"resourceType":"Observation","status":"final","subject":{"reference":"Patient/1"}}"#[..]]
                .concat();
        let indented = [
            "{",
            r#"  "resourceType": "Observation","#,
            r#"  "status": "final","#,
            r#"  "subject": {"#,
            r#"    "reference": "Patient/1""#,
            "  }",
            "}",
        ];
        let indented = [&head, indented.join("\n").as_bytes()].concat();
        for (body, dictionary) in [(compact, 2), (indented, 3)] {
            let packed = pack(&body, Packing::Original);
            assert_eq!((number(&packed), packed.len()), (dictionary, 64));
            assert_eq!(**unpack(&packed).unwrap(), *body);
        }
    }

    #[test]
    fn what_does_not_get_shorter_is_stored_as_it_is() {
        let random: Vec<u8> = (0..4_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        for body in [&b""[..], b"\x01null", &[0; 63], &random] {
            let packed = pack(body, Packing::View);
            assert_eq!(number(&packed), 0);
            assert!(packed.len() <= padding::padded_length(body.len() + 6));
            assert_eq!(**unpack(&packed).unwrap(), *body);
        }
        assert_eq!(number(&pack(&[0; 64], Packing::View)), 1);
    }

    #[test]
    fn bodies_of_any_length_come_back() {
        let text = VIEW.repeat(4_000);
        for length in [64, 65, 127, 128, 16_383, 16_384, 131_071, 131_072, 131_073, text.len()] {
            for packing in ALL {
                assert!(**unpack(&pack(&text[..length], packing)).unwrap() == text[..length], "{length} {packing:?}");
            }
        }
    }

    #[test]
    fn the_longest_body_has_room_and_a_longer_one_is_refused_unread() {
        let longest = vec![7; ChangeSet::MAX_BODY - OVERHEAD - 8];
        let packed = pack(&longest, Packing::Padded);
        assert_eq!(packed.len(), ChangeSet::MAX_BODY - OVERHEAD);
        assert!(**unpack(&packed).unwrap() == longest);
        // 32 MiB and one byte, said in a few bytes: of the body itself, and of zeros that compress to nothing.
        for dictionary in [0, 1] {
            let said = [2, 0, dictionary, 0x81, 0x80, 0x80, 0x10, 0, END];
            assert_eq!(unpack(&said).unwrap_err(), PackingError::TooLong);
        }
    }

    #[test]
    fn a_bomb_goes_no_further_than_it_says() {
        let bomb = pack(&vec![b' '; 1 << 20], Packing::View);
        assert!(bomb.len() < 512, "{}", bomb.len());
        let Some((said, _)) = bomb.split_at_checked(bomb.iter().rposition(|byte| *byte == END).unwrap()) else {
            panic!()
        };
        let parts = split(said).unwrap();
        for length in [0, 1, 64, 70_000, (1 << 20) - 1, (1 << 20) + 1] {
            let less = Parts { length, ..split(said).unwrap() };
            assert!(unpacked(&less).is_err(), "{length}");
        }
        assert_eq!(unpacked(&parts).unwrap().len(), 1 << 20);
    }

    #[test]
    fn a_dictionary_of_the_future_is_named() {
        let mut packed = pack(VIEW, Packing::View).to_vec();
        packed[1..3].copy_from_slice(&[1, 2]);
        assert_eq!(unpack(&packed).unwrap_err(), PackingError::UnknownDictionary(258));
        assert_eq!(PackingError::UnknownDictionary(258).to_string(), "packed body: unknown dictionary 258");
    }

    #[test]
    fn every_shorter_and_every_altered_body_is_refused_or_something_else() {
        let packed = pack(VIEW, Packing::View);
        let end = packed.iter().rposition(|byte| *byte == END).unwrap();
        for length in 0..=end {
            assert!(unpack(&packed[..length]).is_err(), "{length}");
        }
        // Three bytes of header, two and one of lengths, the ids; behind them zstd's own header of two bytes, in which
        // a bit is unused and the window may be any that is large enough.
        let window = (6 + 64) * 8..(6 + 64 + 2) * 8;
        for bit in (0..packed.len() * 8).filter(|bit| !window.contains(bit)) {
            let mut altered = packed.to_vec();
            altered[bit / 8] ^= 1 << (bit % 8);
            if let Ok(body) = unpack(&altered) {
                assert!(**body != *VIEW, "bit {bit} says nothing");
            }
        }
    }

    proptest! {
        #[test]
        fn any_body_comes_back(body in proptest::collection::vec(any::<u8>(), 0..3_000), packing in 0_usize..3) {
            let packed = pack(&body, ALL[packing]);
            prop_assert!(**unpack(&packed).unwrap() == *body);
        }

        #[test]
        fn any_mixture_of_known_pieces_comes_back(
            cuts in proptest::collection::vec((0..VIEW.len(), 0..VIEW.len()), 0..40), packing in 0_usize..3,
        ) {
            let body: Vec<u8> = cuts.iter().flat_map(|(a, b)| &VIEW[*a.min(b)..*a.max(b)]).copied().collect();
            let packed = pack(&body, ALL[packing]);
            prop_assert!(**unpack(&packed).unwrap() == *body);
        }

        #[test]
        fn any_bytes_unpack_or_not_within_bounds(
            dictionary in 0_u8..4, bytes in proptest::collection::vec(any::<u8>(), 0..300),
        ) {
            let said = [&[FORMAT, 0, dictionary], bytes.as_slice(), &[END]].concat();
            if let Ok(body) = unpack(&said) {
                prop_assert!(body.len() <= ChangeSet::MAX_BODY);
            }
            let _ = unpack(&bytes);
        }

        #[test]
        fn altered_bodies_never_panic(changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..6), packing in 0_usize..2) {
            let mut packed = pack(VIEW, ALL[packing]).to_vec();
            let length = packed.len();
            for (at, byte) in changes {
                packed[3 + at % (length - 3)] = byte;
            }
            if let Ok(body) = unpack(&packed) {
                prop_assert!(body.len() <= ChangeSet::MAX_BODY);
            }
        }
    }
}
