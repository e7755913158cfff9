//! Attachments: text is decoded, other content stays in the original (FHIR R4 `Attachment`).

use mychartum_core::chart::Attachment;
use mychartum_core::kernel::text::Label;

use crate::markup::{carried, language_tag};

use super::datatype::label;
use super::lenient::{Txt, element};

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

impl AttachmentElement<'_> {
    /// What a chart keeps of it; `None` where nothing was said.
    pub(crate) fn attachment(&self) -> Option<Attachment> {
        let media_type = self.content_type.get().unwrap_or("");
        let data = self.data.get();
        let carried = data.map(|data| carried(media_type, data));
        let attachment = Attachment {
            media_type: Label::clipped(media_type),
            title: label(&self.title),
            language: self.language.get().and_then(language_tag),
            bytes: carried.as_ref().map(|carried| carried.bytes).or_else(|| self.size.parse()).unwrap_or(0),
            text: carried.and_then(|carried| carried.text),
            elsewhere: label(&self.url),
        };
        Some(attachment).filter(|attachment| *attachment != Attachment::default())
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
