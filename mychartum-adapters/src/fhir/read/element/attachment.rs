//! Attachments: text is decoded, other content stays in the original (FHIR R4 `Attachment`).

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use mychartum_core::chart::Attachment;
use mychartum_core::kernel::text::{Label, Narrative};

use super::datatype::label;
use super::lenient::{Txt, element};
use super::markup::plain_text;

element! {
    /// FHIR `Attachment`.
    AttachmentElement<'a> {
        content_type: Txt<'a> = "contentType",
        language: Txt<'a> = "language",
        data: Txt<'a> = "data",
        url: Txt<'a> = "url",
        size: Txt<'a> = "size",
        title: Txt<'a> = "title",
    }
}

/// Base64 as the field sends it: with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

impl AttachmentElement<'_> {
    /// What a chart keeps of it; `None` where nothing was said.
    pub(crate) fn attachment(&self) -> Option<Attachment> {
        let media_type = self.content_type.get().unwrap_or("");
        let data = self.data.get();
        let kind = media_type.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
        let decoded = match kind.as_str() {
            "text/plain" | "text/html" | "application/xhtml+xml" => data.and_then(decode),
            _ => None,
        };
        let text = decoded.as_deref().map(|bytes| characters(bytes, media_type)).and_then(|text| match kind.as_str() {
            "text/plain" => Narrative::clipped(&text),
            _ => Narrative::clipped(&plain_text(&text)),
        });
        let sent = decoded.as_ref().map(|bytes| bytes.len() as u64).or_else(|| data.map(decoded_length));
        let attachment = Attachment {
            media_type: Label::clipped(media_type),
            title: label(&self.title),
            language: self.language.get().and_then(language_tag),
            text,
            bytes: sent.or_else(|| self.size.parse()).unwrap_or(0),
            elsewhere: label(&self.url),
        };
        Some(attachment).filter(|attachment| *attachment != Attachment::default())
    }
}

/// A language tag, if the text can be one (BCP 47: letters, digits and hyphens).
pub(crate) fn language_tag(text: &str) -> Option<Label> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let is_tag = (2..=35).contains(&text.len()) && text.bytes().all(allowed);
    is_tag.then(|| Label::clipped(text)).flatten()
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

#[cfg(test)]
mod tests {
    use super::super::lenient::read_object;
    use super::*;

    fn read(json: &str) -> Option<Attachment> {
        read_object::<AttachmentElement<'_>>(json).unwrap()?.attachment()
    }

    fn text(media_type: &str, data: &str) -> Option<String> {
        let json = format!(r#"{{"contentType":"{media_type}","data":"{data}"}}"#);
        read(&json)?.text.map(|text| text.as_str().to_owned())
    }

    #[test]
    fn texts_are_decoded() {
        for (media_type, data, expected) in [
            ("text/plain", "SGVsbG8=", Some("Hello")),
            ("text/plain; charset=utf-8", "SGVsbG8", Some("Hello")),
            ("TEXT/PLAIN", "SGVs\\nbG8=", Some("Hello")),
            ("text/plain;charset=UTF-8", "w6k=", Some("é")),
            ("text/plain", "6Q==", Some("é")),
            ("text/plain; charset=ISO-8859-1", "w6k=", Some("Ã©")),
            ("text/html", "PHA+YTwvcD48c2NyaXB0PmI8L3NjcmlwdD4=", Some("a")),
            ("application/xhtml+xml", "PGI+YSAmYW1wOyBiPC9iPg==", Some("a & b")),
            ("application/pdf", "SGVsbG8=", None),
            ("text/plain", "***", None),
            ("", "SGVsbG8=", None),
        ] {
            assert_eq!(text(media_type, data).as_deref(), expected, "{media_type} {data}");
        }
    }

    #[test]
    fn only_a_language_is_a_language() {
        let language = |text: &str| read(&format!(r#"{{"language":"{text}","title":"t"}}"#)).unwrap().language;
        assert_eq!(language("es-MX").unwrap().as_str(), "es-MX");
        assert!(language("e").is_none() && language("es onload=x").is_none());
    }

    #[test]
    fn other_content_is_measured() {
        let pdf = read(r#"{"contentType":"application/pdf","data":"SGVsbG8=","title":"Scan"}"#).unwrap();
        assert_eq!((pdf.bytes, pdf.text.is_none()), (5, true));
        let linked = read(r#"{"url":"Binary/1","size":1234}"#).unwrap();
        assert_eq!((linked.bytes, linked.elsewhere.unwrap().as_str()), (1234, "Binary/1"));
        assert!(read("{}").is_none());
    }
}
