//! Mending what the field often gets wrong in XML: prefixes nobody declared, names of HTML characters, control characters.

use crate::markup::named_character;

/// Prefixes that documents use without declaring them.
const PREFIXES: [(&str, &str); 3] =
    [("xsi", "http://www.w3.org/2001/XMLSchema-instance"), ("sdtc", "urn:hl7-org:sdtc"), ("voc", "urn:hl7-org:v3/voc")];

/// The document with those mistakes mended. Comments and CDATA sections are left as they are, but for control characters.
pub(super) fn mend(text: &str) -> String {
    let allowed = |character: &char| {
        matches!(character, '\t' | '\n' | '\r') || (*character >= ' ' && !matches!(character, '\u{fffe}' | '\u{ffff}'))
    };
    let clean: String = text.chars().filter(allowed).collect();
    let mut mended = String::with_capacity(clean.len() + 128);
    let mut rest = clean.as_str();
    let mut root_seen = false;
    while let Some((before, after)) = rest.split_once('<') {
        characters(before, &mut mended);
        mended.push('<');
        let kept = if after.starts_with("!--") {
            whole(after, "-->")
        } else if after.starts_with("![CDATA[") {
            whole(after, "]]>")
        } else if after.starts_with('?') {
            whole(after, "?>")
        } else {
            let length = after.find(['<', '>']).unwrap_or(after.len());
            let (tag, following) = after.split_at_checked(length).unwrap_or((after, ""));
            if !root_seen && tag.starts_with(|c: char| c.is_alphabetic() || c == '_') {
                root_seen = true;
                declare(tag, &mut mended);
            } else {
                characters(tag, &mut mended);
            }
            rest = following;
            continue;
        };
        mended.push_str(kept);
        rest = after.get(kept.len()..).unwrap_or("");
    }
    characters(rest, &mut mended);
    mended
}

/// A text up to and with its end; all of it where it has none.
fn whole<'a>(text: &'a str, end: &str) -> &'a str {
    text.find(end).and_then(|at| text.get(..at + end.len())).unwrap_or(text)
}

/// Writes the first tag of the document with the declarations that are missing in it.
fn declare(tag: &str, mended: &mut String) {
    let length = tag.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(tag.len());
    let (name, attributes) = tag.split_at_checked(length).unwrap_or((tag, ""));
    mended.push_str(name);
    for (prefix, namespace) in PREFIXES {
        if !tag.contains(&format!("xmlns:{prefix}")) {
            mended.push_str(&format!(" xmlns:{prefix}=\"{namespace}\""));
        }
    }
    characters(attributes, mended);
}

/// Writes text or attributes with the names of HTML characters replaced and every other `&` made harmless.
fn characters(text: &str, mended: &mut String) {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        mended.push_str(before);
        let end = after.char_indices().take(12).find(|(_, character)| *character == ';').map(|(at, _)| at);
        let name = end.and_then(|end| after.get(..end)).unwrap_or("");
        let following = || after.get(name.len() + 1..).unwrap_or("");
        rest = if matches!(name, "amp" | "lt" | "gt" | "quot" | "apos") || is_number(name) {
            mended.push('&');
            mended.push_str(name);
            mended.push(';');
            following()
        } else if let Some(character) = named_character(name) {
            mended.push_str(character);
            following()
        } else {
            mended.push_str("&amp;");
            after
        };
    }
    mended.push_str(rest);
}

/// Whether what stands between `&` and `;` is the number of a character that XML allows.
fn is_number(name: &str) -> bool {
    let Some(digits) = name.strip_prefix('#') else { return false };
    let code = match digits.strip_prefix('x') {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => digits.parse().ok(),
    };
    let sound = |code: u32| matches!(code, 9 | 10 | 13 | 0x20..=0xd7ff | 0xe000..=0xfffd | 0x1_0000..=0x10_ffff);
    code.is_some_and(sound) && digits.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_the_field_gets_wrong_is_mended() {
        let mended = mend(
            "<?xml version=\"1.0\"?><!-- a & b --><c a='x&nbsp;y'>\u{1}1 &deg;C &amp; &#233; &#1; & &zzz; <![CDATA[&nbsp;]]></c>",
        );
        let parsed = roxmltree::Document::parse(&mended).unwrap();
        assert_eq!(parsed.root_element().attribute("a"), Some("x y"));
        assert_eq!(parsed.root_element().text(), Some("1 °C & é &#1; & &zzz; &nbsp;"));
        assert!(mended.contains("<!-- a & b -->"));
    }

    #[test]
    fn missing_prefixes_are_declared_once() {
        let mended = mend("<c xmlns:xsi=\"x\"><xsi:a/><sdtc:b/></c>");
        assert_eq!(mended.matches("xmlns:xsi").count(), 1);
        assert!(roxmltree::Document::parse(&mended).is_ok());
    }

    proptest! {
        #[test]
        fn any_text_is_mended_and_mending_twice_changes_nothing(text in "[<>&;/!a-z#x0-9 \"'?\\[\\]-]{0,120}") {
            let once = mend(&text);
            prop_assert!(once.len() <= text.len() * 5 + 200);
            prop_assert_eq!(mend(&once), once);
        }
    }
}
