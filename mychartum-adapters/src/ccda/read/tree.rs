//! From bytes to a tree: whole and sound, or refused with the place and the rule.

use roxmltree::{Document, Error, ParsingOptions, TextPos};

use crate::delivery::{FileErrorKind, Refusal};

use super::encoding::characters;
use super::limits::Limits;
use super::mend::mend;
use super::scan::scan;
use super::xml::is_clinical;

/// Parses a document and hands its tree to `read`. A document that is not well-formed is mended and parsed once more.
///
/// Places in the tree are places in its text, which is the document in UTF-8, mended where it had to be.
///
/// # Errors
/// The [`Refusal`]; where the second try fails too it tells of the first.
pub(super) fn with_tree<R>(bytes: &[u8], limits: Limits, read: impl FnOnce(&Document<'_>) -> R) -> Result<R, Refusal> {
    if bytes.len() > limits.document {
        return Err(Refusal::of(FileErrorKind::TooLarge));
    }
    let text = characters(bytes)
        .map_err(|(kind, offset)| Refusal { kind, line: offset.map(|offset| place(bytes, offset)) })?;
    if text.trim().is_empty() {
        return Err(Refusal::of(FileErrorKind::Empty));
    }
    let first = match parse(&text, limits) {
        Ok(tree) => return sound(&tree).map(|()| read(&tree)),
        Err(refusal) => refusal,
    };
    if first.kind != FileErrorKind::NotXml {
        return Err(first);
    }
    let mended = mend(&text);
    let tree = parse(&mended, limits).map_err(|refusal| match refusal.kind {
        // Some mistakes only hide worse ones.
        kind @ FileErrorKind::Truncated => Refusal { kind, ..first },
        _ => first,
    })?;
    sound(&tree).map(|()| read(&tree))
}

fn parse(text: &str, limits: Limits) -> Result<Document<'_>, Refusal> {
    scan(text, limits).map_err(|(kind, at)| Refusal { kind, line: Some(place(text.as_bytes(), at)) })?;
    // No document types: with them go external entities, and entities that grow.
    let options = ParsingOptions { nodes_limit: limits.nodes, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).map_err(|error| refusal(&error))
}

/// Checks that a tree is a clinical document.
fn sound(tree: &Document<'_>) -> Result<(), Refusal> {
    if is_clinical(tree.root_element()) { Ok(()) } else { Err(Refusal::of(FileErrorKind::NotClinical)) }
}

fn refusal(error: &Error) -> Refusal {
    let kind = match error {
        Error::DtdDetected => FileErrorKind::DocumentType,
        Error::NodesLimitReached | Error::AttributesLimitReached | Error::NamespacesLimitReached => {
            FileErrorKind::TooLarge
        }
        Error::UnclosedRootNode | Error::UnexpectedEndOfStream => FileErrorKind::Truncated,
        _ => FileErrorKind::NotXml,
    };
    // Where nothing is known, the parser says line 1, column 1.
    let at = Some(error.pos()).filter(|at| (at.row, at.col) != (1, 1) || kind == FileErrorKind::NotXml);
    Refusal { kind, line: at.map(line) }
}

fn line(at: TextPos) -> (u64, u64) {
    (u64::from(at.row), u64::from(at.col))
}

/// The line and column of an offset, counted in bytes.
fn place(bytes: &[u8], offset: usize) -> (u64, u64) {
    let before = bytes.get(..offset).unwrap_or(bytes);
    let lines = before.iter().filter(|byte| **byte == b'\n').count();
    let column = before.iter().rev().take_while(|byte| **byte != b'\n').count();
    (lines as u64 + 1, column as u64 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> FileErrorKind {
        with_tree(text.as_bytes(), Limits::default(), |_| ()).unwrap_err().kind
    }

    #[test]
    fn documents_are_whole_or_refused() {
        for (text, kind) in [
            ("", FileErrorKind::Empty),
            (" \n", FileErrorKind::Empty),
            ("no xml", FileErrorKind::NotXml),
            ("<ClinicalDocument xmlns='urn:hl7-org:v3'><a></ClinicalDocument>", FileErrorKind::NotXml),
            ("<ClinicalDocument xmlns='urn:hl7-org:v3'><a>", FileErrorKind::Truncated),
            ("<html><body>&nbsp;</body></html>", FileErrorKind::NotClinical),
            ("<!DOCTYPE html><html><body/></html>", FileErrorKind::DocumentType),
            ("<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><a>&e;</a>", FileErrorKind::DocumentType),
            ("<ClinicalDocument xmlns='urn:other'/>", FileErrorKind::NotClinical),
            ("<section xmlns='urn:hl7-org:v3'/>", FileErrorKind::NotClinical),
        ] {
            assert_eq!(refused(text), kind, "{text}");
        }
    }

    #[test]
    fn entities_that_grow_never_grow() {
        let bomb = "<!DOCTYPE b [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;&b;&b;'>]>\
            <ClinicalDocument xmlns='urn:hl7-org:v3'>&c;</ClinicalDocument>";
        assert_eq!(refused(bomb), FileErrorKind::DocumentType);
    }

    #[test]
    fn depth_and_size_are_bounded() {
        let deep = format!(
            "<ClinicalDocument xmlns='urn:hl7-org:v3'>{}{}</ClinicalDocument>",
            "<a>".repeat(100_000),
            "</a>".repeat(100_000)
        );
        assert_eq!(refused(&deep), FileErrorKind::TooDeep);
        let small = Limits { document: 10, ..Limits::default() };
        assert_eq!(with_tree(deep.as_bytes(), small, |_| ()).unwrap_err().kind, FileErrorKind::TooLarge);
        let few = Limits { nodes: 100, ..Limits::default() };
        let wide = format!("<ClinicalDocument xmlns='urn:hl7-org:v3'>{}</ClinicalDocument>", "<a/>".repeat(101));
        assert_eq!(with_tree(wide.as_bytes(), few, |_| ()).unwrap_err().kind, FileErrorKind::TooLarge);
    }

    #[test]
    fn the_place_is_told() {
        let text = "<ClinicalDocument xmlns='urn:hl7-org:v3'>\n <a b=>\n</ClinicalDocument>";
        assert_eq!(with_tree(text.as_bytes(), Limits::default(), |_| ()).unwrap_err().line, Some((2, 7)));
        let bytes = b"<ClinicalDocument>\n  \xff</ClinicalDocument>";
        let refusal = with_tree(bytes, Limits::default(), |_| ()).unwrap_err();
        assert_eq!((refusal.kind, refusal.line), (FileErrorKind::NotUtf8, Some((2, 3))));
    }

    #[test]
    fn one_retry_mends() {
        let text = "<ClinicalDocument xmlns='urn:hl7-org:v3'><value xsi:type='PQ'/>&nbsp;\u{b}</ClinicalDocument>";
        assert!(with_tree(text.as_bytes(), Limits::default(), |tree| tree.root_element().has_children()).unwrap());
    }
}
