//! The text of a message, its transfer encoding undone (RFC 2045, section 6.7).

/// The body as its reader sees it.
pub(crate) fn text_of(message: &str) -> String {
    let (head, body) = message.split_once("\r\n\r\n").unwrap();
    if !head.contains("quoted-printable") {
        assert!(!head.contains("base64"), "not understood here");
        return body.to_owned();
    }
    let joined = body.replace("=\r\n", "");
    let mut parts = joined.split('=');
    let mut bytes = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    String::from_utf8(bytes).unwrap()
}
