//! Files inside of messages (HL7 v2 `ED`, `RP`).

use mychartum_core::chart::Attachment;
use mychartum_core::kernel::text::{Label, Narrative};
use mychartum_core::sync::Reason;

use crate::hl7v2::Repetition;
use crate::markup::carried;

/// A file: its type, how many bytes, its text where it is text. Its bytes stay in the original.
///
/// # Errors
/// [`Reason::Invalid`] where the content is not in the encoding that it says.
pub(crate) fn attached(kind: &str, element: &Repetition<'_>) -> Result<Option<Attachment>, Reason> {
    if kind == "RP" {
        let pointer = element.component(1).value().and_then(|text| Label::clipped(&text));
        let media_type = media_type(element, "");
        return Ok(pointer.map(|at| Attachment { elsewhere: Some(at), media_type, ..Attachment::default() }));
    }
    // Some senders leave the first components out, or put all of it into the first.
    let said = [5, 1].into_iter().find_map(|number| element.component(number).value());
    let Some(data) = said.filter(|data| !data.trim().is_empty()) else { return Ok(None) };
    let encoding = element.component(4).text().trim().to_ascii_uppercase();
    let bare: String = data.split_whitespace().collect();
    let is_base64 = || {
        let digits = bare.trim_end_matches('=');
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/')
    };
    match encoding.as_str() {
        "BASE64" | "" if is_base64() && (encoding == "BASE64" || bare.len() > 64) => {
            let media_type = media_type(element, &bare);
            let carried = carried(media_type.as_ref().map_or("", Label::as_str), &bare);
            Ok(Some(Attachment { media_type, bytes: carried.bytes, text: carried.text, ..Attachment::default() }))
        }
        "BASE64" => Err(Reason::Invalid("OBX-5")),
        "HEX" => {
            let is_hex = bare.len().is_multiple_of(2) && bare.bytes().all(|byte| byte.is_ascii_hexdigit());
            let bytes = (bare.len() / 2) as u64;
            let media_type = media_type(element, &bare);
            if is_hex {
                Ok(Some(Attachment { media_type, bytes, ..Attachment::default() }))
            } else {
                Err(Reason::Invalid("OBX-5"))
            }
        }
        _ => Ok(Some(Attachment {
            media_type: media_type(element, "").or_else(|| Label::clipped("text/plain")),
            bytes: data.len() as u64,
            text: Narrative::clipped(&data),
            ..Attachment::default()
        })),
    }
}

/// The media type: as the encoded content shows it, else as type and subtype say.
fn media_type(element: &Repetition<'_>, encoded: &str) -> Option<Label> {
    // `%PDF` in base64, and in hexadecimal.
    if encoded.starts_with("JVBERi") || encoded.starts_with("25504446") {
        return Label::clipped("application/pdf");
    }
    let part = |number| element.component(number).value().map(|text| text.trim().to_ascii_lowercase());
    let (main, sub) = (part(2).unwrap_or_default(), part(3).unwrap_or_default());
    let known = match (main.as_str(), sub.as_str()) {
        (_, "pdf" | "application/pdf") => "application/pdf".to_owned(),
        (_, "rtf") => "text/rtf".to_owned(),
        (_, "jpeg" | "jpg") => "image/jpeg".to_owned(),
        (_, "png" | "tiff" | "gif") => format!("image/{sub}"),
        (_, "html") => "text/html".to_owned(),
        ("text" | "ft" | "tx", "" | "plain") => "text/plain".to_owned(),
        ("application" | "image" | "text" | "audio" | "video", sub) if !sub.is_empty() => format!("{main}/{sub}"),
        _ => return None,
    };
    Label::clipped(&known)
}
