//! A look at a document before it is parsed: whether it is a clinical document at all, and nothing that would cost the parser
//! more time or memory than its length warrants.

use std::collections::HashSet;

use crate::delivery::FileErrorKind;

use super::limits::Limits;

/// The most attributes of one element. The parser compares each with all before it.
const ATTRIBUTES: usize = 256;

/// The most prefixes that one document declares. The parser keeps all that are in force with each element that declares one.
const PREFIXES: usize = 64;

/// What is wrong, and at which byte.
pub(super) type Objection = (FileErrorKind, usize);

/// Looks through the tags of a document. What is not well-formed is left to the parser, which stops where this look loses
/// its way.
///
/// # Errors
/// The first [`Objection`].
pub(super) fn scan(text: &str, limits: Limits) -> Result<(), Objection> {
    let mut look = Look { prefixes: HashSet::new(), depth: 0, most: limits.depth, root_seen: false };
    let mut at = 0;
    while let Some((before, after)) = text.get(at..).and_then(|rest| rest.split_once('<')) {
        let start = at + before.len();
        let length = if after.starts_with("!--") {
            through(after, "-->")
        } else if after.starts_with("![CDATA[") {
            through(after, "]]>")
        } else if after.starts_with('?') {
            through(after, "?>")
        } else if after.starts_with("!DOCTYPE") {
            return Err((FileErrorKind::DocumentType, start));
        } else if after.starts_with('/') {
            look.depth = look.depth.saturating_sub(1);
            through(after, ">")
        } else if after.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            Some(look.tag(after).map_err(|kind| (kind, start))?)
        } else {
            Some(0)
        };
        let Some(length) = length else { return Ok(()) };
        at = start + 1 + length;
    }
    Ok(())
}

/// How long a text is up to and with its end, if it has one.
fn through(text: &str, end: &str) -> Option<usize> {
    text.find(end).map(|at| at + end.len())
}

struct Look<'t> {
    prefixes: HashSet<&'t str>,
    depth: usize,
    most: usize,
    root_seen: bool,
}

impl<'t> Look<'t> {
    /// Looks through a tag that begins an element, from its name on; returns how long it is.
    fn tag(&mut self, tag: &'t str) -> Result<usize, FileErrorKind> {
        let name = tag.split(|c: char| c.is_whitespace() || matches!(c, '/' | '>')).next().unwrap_or("");
        if !self.root_seen && name.rsplit(':').next() != Some("ClinicalDocument") {
            return Err(FileErrorKind::NotClinical);
        }
        self.root_seen = true;
        let (mut quote, mut attributes, mut word, mut last) = (None, 0, name.len(), ' ');
        for (at, character) in tag.char_indices().skip_while(|(at, _)| *at < name.len()) {
            match (quote, character) {
                (Some(open), _) if character == open => (quote, word) = (None, at + 1),
                (Some(_), _) => {}
                (None, '\'' | '"') => quote = Some(character),
                (None, '=') => {
                    attributes += 1;
                    let declared = tag.get(word..at).map(str::trim).and_then(|name| name.strip_prefix("xmlns:"));
                    self.prefixes.extend(declared);
                }
                (None, '>') => {
                    self.depth += usize::from(last != '/');
                    if self.depth > self.most {
                        return Err(FileErrorKind::TooDeep);
                    }
                    return Ok(at + 1);
                }
                (None, _) => {}
            }
            if attributes > ATTRIBUTES || self.prefixes.len() > PREFIXES {
                return Err(FileErrorKind::TooLarge);
            }
            last = character;
        }
        Ok(tag.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn look(text: &str) -> Result<(), Objection> {
        scan(text, Limits::default())
    }

    #[test]
    fn what_costs_too_much_is_refused_unparsed() {
        let root =
            |attributes: &str, inside: &str| format!("<ClinicalDocument{attributes}>{inside}</ClinicalDocument>");
        let many = |count: usize| (0..count).map(|n| format!(" a{n}='>'")).collect::<String>();
        let prefixes = |count: usize| (0..count).map(|n| format!("<a xmlns:p{n} = '/'/>")).collect::<String>();
        let nested = |count: usize| format!("{}{}", "<a>".repeat(count), "</a>".repeat(count));
        for (text, refused) in [
            (root(&many(256), ""), None),
            (root(&many(257), ""), Some(FileErrorKind::TooLarge)),
            (root("", &prefixes(64)), None),
            (root("", &prefixes(65)), Some(FileErrorKind::TooLarge)),
            (root("", &nested(127)), None),
            (root("", &nested(128)), Some(FileErrorKind::TooDeep)),
            (root("", &"<a/>".repeat(500)), None),
            (root("", &format!("<!-- {0} --><![CDATA[{0}]]><?a {0}?>", "<a>".repeat(500))), None),
            (root("", "<a b='<c>' d=\"'>'\"/>"), None),
            (root("", "1 < 2"), None),
        ] {
            assert_eq!(
                look(&text).err().map(|(kind, _)| kind),
                refused,
                "{}",
                text.chars().take(200).collect::<String>()
            );
        }
    }

    #[test]
    fn only_clinical_documents_are_parsed() {
        for (text, expected) in [
            ("<?xml version='1.0'?><!-- <html> --><ClinicalDocument/>", Ok(())),
            ("<v3:ClinicalDocument xmlns:v3='urn:hl7-org:v3'/>", Ok(())),
            ("<html><body>", Err((FileErrorKind::NotClinical, 0))),
            (" <!DOCTYPE html><html>", Err((FileErrorKind::DocumentType, 1))),
            ("<ClinicalDocuments/>", Err((FileErrorKind::NotClinical, 0))),
            ("no tag at all", Ok(())),
            ("<!-- no end", Ok(())),
        ] {
            assert_eq!(look(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_ends(text in "[<>/!?=:'\"a-c é\\[\\]-]{0,80}") {
            let _ = look(&text);
            let _ = look(&format!("<ClinicalDocument {text}"));
        }
    }
}
