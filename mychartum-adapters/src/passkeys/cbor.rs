//! The part of CBOR (RFC 8949) that authenticators use.
//!
//! CTAP2's canonical form (FIDO CTAP 2.1, section 8) has integers, byte and text strings, arrays, maps, true, false and null, all of
//! definite length and at most four deep. That is what is read; the rest is refused. Two rules of that form are not
//! held to, because software authenticators break them and nothing depends on them here: the order of keys, and the shortest
//! form of lengths. A key that comes twice is refused: two readers could take different ones.

use mychartum_core::port::passkeys::PasskeyError;

/// How deep arrays and maps may lie in each other.
const DEPTH: u8 = 4;
/// How many entries an array or a map may have. The largest that is known has nine.
const ENTRIES: u64 = 64;

/// A value, borrowed from the bytes that were read.
#[derive(PartialEq, Eq)]
pub(super) enum Item<'a> {
    /// An integer.
    Integer(i128),
    /// A string of bytes.
    Bytes(&'a [u8]),
    /// A text in UTF-8.
    Text(&'a str),
    /// An array.
    Array(Vec<Self>),
    /// A map.
    Map(Map<'a>),
    /// True, false or null; nothing that we read is told by one.
    Simple,
}

/// A map whose keys are integers or texts, each once.
#[derive(PartialEq, Eq)]
pub(super) struct Map<'a>(Vec<(Item<'a>, Item<'a>)>);

impl<'a> Map<'a> {
    /// What a text stands for.
    pub(super) fn text(&self, key: &str) -> Option<&Item<'a>> {
        self.0.iter().find_map(|(name, value)| matches!(name, Item::Text(name) if *name == key).then_some(value))
    }

    /// What an integer stands for.
    pub(super) fn integer(&self, key: i128) -> Option<&Item<'a>> {
        self.0.iter().find_map(|(name, value)| matches!(name, Item::Integer(name) if *name == key).then_some(value))
    }

    /// Takes out what a text stands for.
    pub(super) fn take(&mut self, key: &str) -> Option<Item<'a>> {
        let place = self.0.iter().position(|(name, _)| matches!(name, Item::Text(name) if *name == key))?;
        Some(self.0.swap_remove(place).1)
    }

    /// How many entries there are.
    pub(super) const fn len(&self) -> usize {
        self.0.len()
    }
}

/// Reads one map; what follows it comes back too.
pub(super) fn first_map(bytes: &[u8]) -> Result<(Map<'_>, &[u8]), PasskeyError> {
    let mut reader = Reader { rest: bytes };
    match reader.item(0)? {
        Item::Map(map) => Ok((map, reader.rest)),
        _ => Err(PasskeyError::Malformed),
    }
}

/// Reads one map with nothing after it.
pub(super) fn whole_map(bytes: &[u8]) -> Result<Map<'_>, PasskeyError> {
    match first_map(bytes)? {
        (map, []) => Ok(map),
        _ => Err(PasskeyError::Malformed),
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn item(&mut self, depth: u8) -> Result<Item<'a>, PasskeyError> {
        let [initial] = self.array()?;
        let (major, minor) = (initial >> 5, initial & 0x1f);
        if major == 7 {
            return if (20..=22).contains(&minor) { Ok(Item::Simple) } else { Err(PasskeyError::Malformed) };
        }
        let argument = self.argument(minor)?;
        match major {
            0 => Ok(Item::Integer(argument.into())),
            1 => Ok(Item::Integer(-1 - i128::from(argument))),
            2 => self.take(argument).map(Item::Bytes),
            3 => {
                let text = core::str::from_utf8(self.take(argument)?).map_err(|_| PasskeyError::Malformed)?;
                Ok(Item::Text(text))
            }
            4 => {
                let mut items = Vec::new();
                for _ in 0..bounded(argument, depth)? {
                    items.push(self.item(depth + 1)?);
                }
                Ok(Item::Array(items))
            }
            5 => {
                let mut entries: Vec<(Item<'a>, Item<'a>)> = Vec::new();
                for _ in 0..bounded(argument, depth)? {
                    let key = self.item(depth + 1)?;
                    let named = matches!(key, Item::Integer(_) | Item::Text(_));
                    if !named || entries.iter().any(|(earlier, _)| *earlier == key) {
                        return Err(PasskeyError::Malformed);
                    }
                    entries.push((key, self.item(depth + 1)?));
                }
                Ok(Item::Map(Map(entries)))
            }
            // Tags: no member of WebAuthn has one.
            _ => Err(PasskeyError::Malformed),
        }
    }

    /// The number after an initial byte: in it, or in the 1, 2, 4 or 8 bytes that follow.
    fn argument(&mut self, minor: u8) -> Result<u64, PasskeyError> {
        match minor {
            0..=23 => Ok(minor.into()),
            24 => self.array().map(|[byte]| byte.into()),
            25 => self.array().map(|bytes| u16::from_be_bytes(bytes).into()),
            26 => self.array().map(|bytes| u32::from_be_bytes(bytes).into()),
            27 => self.array().map(u64::from_be_bytes),
            _ => Err(PasskeyError::Malformed),
        }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], PasskeyError> {
        let (head, rest) = self.rest.split_first_chunk().ok_or(PasskeyError::Malformed)?;
        self.rest = rest;
        Ok(*head)
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], PasskeyError> {
        let length = usize::try_from(length).map_err(|_| PasskeyError::Malformed)?;
        let (head, rest) = self.rest.split_at_checked(length).ok_or(PasskeyError::Malformed)?;
        self.rest = rest;
        Ok(head)
    }
}

/// The number of entries of something at a depth, if it may be there and have so many.
const fn bounded(entries: u64, depth: u8) -> Result<u64, PasskeyError> {
    if depth < DEPTH && entries <= ENTRIES { Ok(entries) } else { Err(PasskeyError::Malformed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(bytes: &[u8]) -> bool {
        whole_map(bytes).err() == Some(PasskeyError::Malformed)
    }

    #[test]
    fn what_is_read() {
        // {1: 2, -7: h'0102', "a": ["b", true, null], 3: {}}
        let bytes = b"\xa4\x01\x02\x26\x42\x01\x02\x61a\x83\x61b\xf5\xf6\x03\xa0";
        let map = whole_map(bytes).unwrap();
        assert_eq!(map.len(), 4);
        assert!(matches!(map.integer(1), Some(Item::Integer(2))));
        assert!(matches!(map.integer(-7), Some(Item::Bytes([1, 2]))));
        assert!(matches!(map.text("a"), Some(Item::Array(items)) if items.len() == 3));
        assert!(matches!(map.integer(3), Some(Item::Map(map)) if map.len() == 0));
        assert!(map.text("b").is_none() && map.integer(2).is_none());
        let (_, rest) = first_map(b"\xa0\x01").unwrap();
        assert_eq!(rest, [1]);
    }

    #[test]
    fn integers_of_every_length() {
        for (bytes, value) in [
            (&b"\xa1\x00\x17"[..], 23),
            (b"\xa1\x00\x18\xff", 255),
            (b"\xa1\x00\x19\x01\x00", 256),
            (b"\xa1\x00\x1a\x00\x01\x00\x00", 65_536),
            (b"\xa1\x00\x1b\xff\xff\xff\xff\xff\xff\xff\xff", u64::MAX.into()),
            (b"\xa1\x00\x3b\xff\xff\xff\xff\xff\xff\xff\xff", -1 - i128::from(u64::MAX)),
            (b"\xa1\x00\x39\x01\x00", -257),
        ] {
            assert!(matches!(whole_map(bytes).unwrap().integer(0), Some(Item::Integer(read)) if *read == value));
        }
    }

    #[test]
    fn what_is_refused() {
        assert!(refused(b""), "nothing");
        assert!(refused(b"\x01"), "no map");
        assert!(refused(b"\xa0\x00"), "something after it");
        assert!(refused(b"\xa1\x01"), "a value is missing");
        assert!(refused(b"\xa2\x01\x02\x01\x03"), "a key twice");
        assert!(refused(b"\xa2\x01\x02\x18\x01\x03"), "a key twice, written differently");
        assert!(refused(b"\xa2\x61a\x02\x61a\x02"), "a text twice");
        assert!(refused(b"\xa1\x41a\x02"), "a key that is bytes");
        assert!(refused(b"\xa1\xf5\x02"), "a key that is true");
        assert!(refused(b"\xbf\xff"), "a map without length");
        assert!(refused(b"\xa1\x01\x5f\x41a\xff"), "bytes without length");
        assert!(refused(b"\xa1\x01\x9f\xff"), "an array without length");
        assert!(refused(b"\xa1\x01\xc0\x61a"), "a tag");
        assert!(refused(b"\xa1\x01\xf9\x00\x00"), "a fraction");
        assert!(refused(b"\xa1\x01\xf7"), "undefined");
        assert!(refused(b"\xa1\x01\x1c"), "a reserved length");
        assert!(refused(b"\xa1\x01\x61\xff"), "a text that is not UTF-8");
        assert!(refused(b"\xa1\x01\x42a"), "bytes that end early");
        assert!(refused(b"\xa1\x01\x5b\xff\xff\xff\xff\xff\xff\xff\xff"), "bytes longer than memory");
        assert!(refused(b"\xa1\x01\x9b\xff\xff\xff\xff\xff\xff\xff\xff"), "an array longer than memory");
    }

    #[test]
    fn depth_and_entries_are_bounded() {
        assert!(whole_map(b"\xa1\x01\x81\x81\x81\x01").is_ok());
        assert!(refused(b"\xa1\x01\x81\x81\x81\x80"));
        assert!(refused(&[b"\xa1\x01".as_slice(), &[0x81; 4000]].concat()));
        let array = |entries: u8| [&[0xa1, 1, 0x98, entries][..], &vec![0; entries.into()]].concat();
        assert!(whole_map(&array(64)).is_ok());
        assert!(refused(&array(65)));
    }
}
