//! Content that documents carry inside: text is decoded for people, other content is measured and stays in the original.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use mychartum_core::kernel::text::Narrative;

use super::plain_text::plain_text;

/// Base64 as the field sends it: with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// What was carried: how many bytes, and its text where it is text.
pub(crate) struct Carried {
    pub(crate) bytes: u64,
    pub(crate) text: Option<Narrative>,
}

/// Reads base64 content of a media type.
pub(crate) fn carried(media_type: &str, data: &str) -> Carried {
    let kind = media_type.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    let decoded = match kind.as_str() {
        "text/plain" | "text/html" | "application/xhtml+xml" => decode(data),
        _ => None,
    };
    let text = decoded.as_deref().map(|bytes| characters(bytes, media_type)).and_then(|text| match kind.as_str() {
        "text/plain" => Narrative::clipped(&text),
        _ => Narrative::clipped(&plain_text(&text)),
    });
    Carried { bytes: decoded.map_or_else(|| decoded_length(data), |bytes| bytes.len() as u64), text }
}

fn decode(data: &str) -> Option<Vec<u8>> {
    if data.bytes().any(|byte| byte.is_ascii_whitespace()) {
        let bare: String = data.split_ascii_whitespace().collect();
        BASE64.decode(bare).ok()
    } else {
        BASE64.decode(data).ok()
    }
}

/// How many bytes base64 text stands for, without decoding it: documents of megabytes are only measured.
fn decoded_length(data: &str) -> u64 {
    let digits = data.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=').count();
    (digits as u64).saturating_mul(3) / 4
}

/// The characters of a text: UTF-8, or else ISO 8859-1, in which every byte is a character, so nothing is lost.
fn characters(bytes: &[u8], media_type: &str) -> String {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let lower = media_type.to_ascii_lowercase();
    let declared = lower.split_once("charset=").map_or("", |(_, charset)| charset.trim_matches(['"', ' ']));
    let latin = ["iso-8859-1", "latin1", "windows-1252"].into_iter().any(|name| declared.starts_with(name));
    match core::str::from_utf8(bytes) {
        Ok(text) if !latin => text.to_owned(),
        _ => bytes.iter().copied().map(char::from).collect(),
    }
}
