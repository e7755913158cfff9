//! What a reference's text means (FHIR R4 section 2.3.0.1 and, for conditional references, 3.1.0.11.2).

/// A reference's text, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Locator<'a> {
    /// `#id`: inside the same resource.
    Contained(&'a str),
    /// A type and an id: relative, versioned or absolute.
    Typed {
        /// The type.
        kind: &'a str,
        /// The id.
        id: &'a str,
    },
    /// `urn:uuid:` or `urn:oid:` and what follows.
    Urn(&'a str),
    /// A search that one resource answers.
    Conditional {
        /// The type.
        kind: &'a str,
        /// The query, with its question mark and percent escapes decoded.
        query: String,
    },
    /// Nothing that leads to a resource.
    Opaque,
}

impl<'a> Locator<'a> {
    /// Takes a reference apart.
    pub(super) fn parse(text: &'a str) -> Self {
        let text = text.trim();
        if let Some(id) = text.strip_prefix('#') {
            return if id.is_empty() { Self::Opaque } else { Self::Contained(id) };
        }
        if let Some(id) = urn(text) {
            return Self::Urn(id);
        }
        if let Some((path, query)) = text.split_once('?') {
            let kind = path.rsplit('/').next().unwrap_or(path);
            return if is_type(kind) && !query.is_empty() {
                Self::Conditional { kind, query: format!("?{}", unescaped(query)) }
            } else {
                Self::Opaque
            };
        }
        match typed(text) {
            Some((kind, id)) => Self::Typed { kind, id },
            None => Self::Opaque,
        }
    }
}

/// What follows `urn:uuid:` or `urn:oid:`.
pub(super) fn urn(text: &str) -> Option<&str> {
    let (scheme, id) = text.split_at_checked(9)?;
    if scheme.eq_ignore_ascii_case("urn:uuid:") {
        return Some(id).filter(|id| !id.is_empty());
    }
    let (scheme, id) = text.split_at_checked(8)?;
    Some(id).filter(|id| scheme.eq_ignore_ascii_case("urn:oid:") && !id.is_empty())
}

/// The last two segments of a path, as type and id; a version after them is left out.
fn typed(text: &str) -> Option<(&str, &str)> {
    let text = text.split_once('#').map_or(text, |(path, _)| path);
    let path = text.split_once("/_history").map_or(text, |(path, _)| path);
    let mut segments = path.trim_end_matches('/').rsplit('/');
    let (id, kind) = (segments.next()?, segments.next()?);
    (is_type(kind) && !id.is_empty()).then_some((kind, id))
}

/// Whether it looks like the name of a resource type.
pub(super) fn is_type(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.len() <= 64
        && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// A text with its percent escapes decoded, where they are UTF-8; as it is otherwise.
fn unescaped(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digit = |at: usize| after.get(at).and_then(|digit| char::from(*digit).to_digit(16));
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                rest = after.get(2..).unwrap_or(&[]);
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

/// The sixteen bytes of a UUID in its usual shape.
pub(super) fn uuid(text: &str) -> Option<[u8; 16]> {
    let mut bytes = [0u8; 16];
    let mut digits = text.bytes();
    if text.len() != 36 {
        return None;
    }
    for (index, byte) in bytes.iter_mut().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) && digits.next() != Some(b'-') {
            return None;
        }
        for _ in 0..2 {
            let digit = char::from(digits.next()?).to_digit(16)?;
            *byte = (*byte << 4) | u8::try_from(digit).ok()?;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_shape_is_told_apart() {
        let typed = |kind, id| Locator::Typed { kind, id };
        for (text, expected) in [
            ("Patient/1", typed("Patient", "1")),
            (" Patient/1 ", typed("Patient", "1")),
            ("Patient/1/_history/3", typed("Patient", "1")),
            ("/Patient/1", typed("Patient", "1")),
            ("Patient/1/", typed("Patient", "1")),
            ("http://example.org/fhir/Patient/a-b.c", typed("Patient", "a-b.c")),
            ("https://example.org/fhir/Patient/1/_history/2", typed("Patient", "1")),
            ("Patient/1#part", typed("Patient", "1")),
            ("#p1", Locator::Contained("p1")),
            ("#", Locator::Opaque),
            ("urn:uuid:75c71918-f07f-4492-af1a-ce006a1e8aaf", Locator::Urn("75c71918-f07f-4492-af1a-ce006a1e8aaf")),
            ("URN:UUID:1", Locator::Urn("1")),
            ("urn:oid:1.2.3", Locator::Urn("1.2.3")),
            ("urn:uuid:", Locator::Opaque),
            (
                "Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|9999974592",
                Locator::Conditional {
                    kind: "Practitioner",
                    query: "?identifier=http://hl7.org/fhir/sid/us-npi|9999974592".into(),
                },
            ),
            (
                "Patient?identifier=urn%3Ax%7C1%2",
                Locator::Conditional { kind: "Patient", query: "?identifier=urn:x|1%2".into() },
            ),
            ("Patient?", Locator::Opaque),
            ("patient/1", Locator::Opaque),
            ("1", Locator::Opaque),
            ("", Locator::Opaque),
            ("http://example.org/", Locator::Opaque),
        ] {
            assert_eq!(Locator::parse(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC{0,80}") {
            let _ = Locator::parse(&text);
            let _ = uuid(&text);
        }

        #[test]
        fn type_and_id_come_back(kind in "[A-Z][A-Za-z]{0,20}", id in "[A-Za-z0-9.-]{1,64}", base in "(https?://[a-z.]{1,20}/([a-z0-9]{1,5}/)?)?", version in "(/_history/[0-9]{1,3})?") {
            let text = format!("{base}{kind}/{id}{version}");
            prop_assert_eq!(Locator::parse(&text), Locator::Typed { kind: &kind, id: &id });
        }

        #[test]
        fn uuids_are_sixteen_bytes(bytes in any::<[u8; 16]>()) {
            let hex = |part: core::ops::Range<usize>| -> String { bytes[part].iter().map(|byte| format!("{byte:02x}")).collect() };
            let text = [hex(0..4), hex(4..6), hex(6..8), hex(8..10), hex(10..16)].join("-");
            prop_assert_eq!(uuid(&text), Some(bytes));
            prop_assert_eq!(uuid(&text.to_uppercase()), Some(bytes));
            prop_assert_eq!(uuid(&text.replace('-', "")), None);
        }
    }
}
