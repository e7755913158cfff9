//! From bytes to characters, by byte order mark and by declaration (XML 1.0, section 4.3.3 and appendix F).

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::delivery::FileErrorKind;

/// How many bytes are searched for the declaration.
const DECLARATION: usize = 256;

/// The characters of a document.
///
/// # Errors
/// [`FileErrorKind::NotUtf8`], or [`FileErrorKind::Encoding`] where another encoding was declared; with the offset where known.
pub(super) fn characters(bytes: &[u8]) -> Result<Cow<'_, str>, (FileErrorKind, Option<usize>)> {
    let (encoding, bytes) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => (encoding, bytes.get(length..).unwrap_or_default()),
        None => (declared(bytes), bytes),
    };
    if encoding == UTF_8 {
        let text = core::str::from_utf8(bytes).map_err(|error| (FileErrorKind::NotUtf8, Some(error.valid_up_to())))?;
        return Ok(Cow::Borrowed(text));
    }
    encoding.decode_without_bom_handling_and_without_replacement(bytes).ok_or((FileErrorKind::Encoding, None))
}

/// The encoding of a document without a mark: seen from its first characters, else as declared, else UTF-8.
fn declared(bytes: &[u8]) -> &'static Encoding {
    match bytes {
        [b'<', 0, ..] => return UTF_16LE,
        [0, b'<', ..] => return UTF_16BE,
        _ => {}
    }
    let start = bytes.get(..DECLARATION.min(bytes.len())).unwrap_or_default();
    let start = String::from_utf8_lossy(start);
    let declaration = start.split_once("?>").map_or("", |(declaration, _)| declaration);
    let named = declaration.split_once("encoding").map_or("", |(_, rest)| rest.trim_start().trim_start_matches('='));
    let named = named.trim_start();
    let quote = named.chars().next().filter(|quote| matches!(quote, '"' | '\''));
    let label = quote.and_then(|quote| named.strip_prefix(quote)?.split(quote).next());
    // Whoever declares UTF-16 in single bytes is not writing UTF-16.
    let found = label.and_then(|label| Encoding::for_label(label.trim().as_bytes()));
    found.filter(|found| *found != UTF_16LE && *found != UTF_16BE).unwrap_or(UTF_8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(text: &str, little: bool, mark: bool) -> Vec<u8> {
        let marked = if mark { format!("\u{feff}{text}") } else { text.to_owned() };
        marked.encode_utf16().flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
    }

    #[test]
    fn marks_and_declarations_are_followed() {
        let text = "<?xml version=\"1.0\" encoding=\"UTF-16\"?><a>é</a>";
        for (little, mark) in [(true, true), (false, true), (true, false), (false, false)] {
            assert_eq!(characters(&wide(text, little, mark)).unwrap(), text);
        }
        assert_eq!(
            characters(b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>").unwrap().chars().nth(46),
            Some('é')
        );
        assert!(characters(b"<?xml encoding = \"windows-1252\" ?><a>\x80</a>").unwrap().contains('€'));
        assert_eq!(characters("\u{feff}<a>é</a>".as_bytes()).unwrap(), "<a>é</a>");
        assert_eq!(
            characters("<?xml encoding='utf-16'?><a>é</a>".as_bytes()).unwrap(),
            "<?xml encoding='utf-16'?><a>é</a>"
        );
    }

    #[test]
    fn what_is_in_no_encoding_is_refused() {
        assert_eq!(characters(b"<a>\xff</a>").unwrap_err(), (FileErrorKind::NotUtf8, Some(3)));
        assert_eq!(characters(b"\xff\xfe<\0a\0\0\xd8x\0").unwrap_err().0, FileErrorKind::Encoding);
        assert_eq!(characters(b"<?xml encoding='Shift_JIS'?>\xff").unwrap_err().0, FileErrorKind::Encoding);
    }
}
