//! Base64 for attachments (RFC 4648 section 4), written here so that the testkit needs no crate for twenty lines.

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The text's bytes in base64, with padding.
pub(super) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len().div_ceil(3) * 4);
    for chunk in text.as_bytes().chunks(3) {
        let byte = |index: usize| chunk.get(index).copied().map_or(0, u32::from);
        let bits = (byte(0) << 16) | (byte(1) << 8) | byte(2);
        for position in 0..4_usize {
            let letter = if position > chunk.len() { '=' } else { letter(bits >> (18 - 6 * position)) };
            out.push(letter);
        }
    }
    out
}

fn letter(bits: u32) -> char {
    usize::try_from(bits & 0x3F).ok().and_then(|index| LETTERS.get(index)).map_or('=', |&byte| char::from(byte))
}

#[cfg(test)]
mod tests {
    use super::encode;

    #[test]
    fn agrees_with_the_vectors_of_rfc_4648_section_10() {
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(encode(plain), coded);
        }
    }
}
