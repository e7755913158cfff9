//! Texts with everything escaped that means something in a message.

/// What becomes of a line break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Breaks {
    /// A character like any other, in hexadecimal.
    Kept,
    /// The formatting command `\.br\`, for fields of the type FT.
    Formatted,
}

/// Appends a text between the usual delimiters. Reading it gives the same text, but for NUL, which is left out.
///
/// Every control character is escaped, so that no text can end a segment or a frame.
pub(super) fn escape(text: &str, breaks: Breaks, out: &mut Vec<u8>) {
    if text == "\"\"" {
        // Two quotation marks alone would say that there is no value.
        out.extend_from_slice(b"\\X2222\\");
        return;
    }
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'|' => out.extend_from_slice(b"\\F\\"),
            b'^' => out.extend_from_slice(b"\\S\\"),
            b'&' => out.extend_from_slice(b"\\T\\"),
            b'~' => out.extend_from_slice(b"\\R\\"),
            b'\\' => out.extend_from_slice(b"\\E\\"),
            0 => (),
            b'\r' | b'\n' if breaks == Breaks::Formatted => {
                if byte == b'\r' {
                    bytes.next_if_eq(&b'\n');
                }
                out.extend_from_slice(b"\\.br\\");
            }
            control if control < b' ' || control == 0x7f => {
                out.extend_from_slice(format!("\\X{control:02X}\\").as_bytes());
            }
            plain => out.push(plain),
        }
    }
}
