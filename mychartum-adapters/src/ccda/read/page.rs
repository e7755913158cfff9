//! The text of a document: what its narrative says, and what an element looked like as received.

use core::cell::Cell;
use std::collections::HashMap;

use roxmltree::Document;

use mychartum_core::kernel::text::{Label, Narrative};

use crate::markup::{carried, plain_text};

use super::xml::{Reach, Xml};

/// How many times its own length a document may quote from its narrative. Entries that all refer to one long passage would
/// make a small document large.
const QUOTED: usize = 16;

/// A document's text and the places in it that entries refer to.
pub(super) struct Page<'a> {
    text: &'a str,
    anchors: HashMap<&'a str, Xml<'a>>,
    /// How many more bytes of narrative entries may quote.
    left: Cell<usize>,
}

impl<'a> Page<'a> {
    pub(super) fn new(tree: &'a Document<'a>) -> Self {
        let mut anchors = HashMap::new();
        for node in tree.descendants() {
            if let Some(id) = node.attribute("ID") {
                // An ID that stands twice means the first: the second is a mistake.
                anchors.entry(id.trim()).or_insert(node);
            }
        }
        let text = tree.input_text();
        Self { text, anchors, left: Cell::new(text.len().saturating_mul(QUOTED)) }
    }

    /// An element as it stands in the document.
    pub(super) fn original(&self, node: Xml<'_>) -> &'a str {
        self.text.get(node.range()).unwrap_or("")
    }

    /// An element's text for people: markup taken out.
    pub(super) fn plain(&self, node: Xml<'_>) -> String {
        // Only what is inside: an element called `title` is text here, though it is none in HTML.
        let ends = node.first_child().zip(node.last_child());
        let inside = ends.and_then(|(first, last)| self.text.get(first.range().start..last.range().end));
        plain_text(inside.unwrap_or(""))
    }

    /// What a text element says: its own words, else those in the narrative that it refers to, else its encoded content.
    pub(super) fn said(&self, node: Xml<'a>) -> Option<String> {
        if node.said("representation").is_some_and(|form| form.eq_ignore_ascii_case("B64")) {
            let data: String = node.children().filter_map(|child| child.text().filter(|_| child.is_text())).collect();
            return carried(node.said("mediaType").unwrap_or("text/plain"), &data)
                .text
                .map(|text| text.as_str().to_owned());
        }
        let own = Some(self.plain(node)).filter(|own| !own.is_empty());
        own.or_else(|| {
            let at = node.at("reference")?.said("value")?;
            let anchor = self.anchors.get(at.strip_prefix('#').unwrap_or(at))?;
            self.left.set(self.left.get().checked_sub(self.original(*anchor).len())?);
            Some(self.plain(*anchor)).filter(|words| !words.is_empty())
        })
    }

    /// The same, short.
    pub(super) fn label(&self, node: Xml<'a>) -> Option<Label> {
        self.said(node).and_then(|said| Label::clipped(&said.replace('\n', " ")))
    }

    /// The same, long.
    pub(super) fn narrative(&self, node: Xml<'a>) -> Option<Narrative> {
        self.said(node).and_then(|said| Narrative::clipped(&said))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_from_the_element_or_from_the_narrative() {
        let text = "<d xmlns='urn:hl7-org:v3'><text><table><tr><td ID='a'>Penicillin &amp; <b>co</b></td></tr></table></text>\
            <x><reference value='#a'/></x><x><reference value='a'/></x><x>own <reference value='#a'/></x>\
            <x><reference value='#none'/></x><x/><x mediaType='text/plain' representation='B64'>SGVsbG8=</x></d>";
        let document = Document::parse(text).unwrap();
        let page = Page::new(&document);
        let said: Vec<Option<String>> = document.root_element().all("x").map(|node| page.said(node)).collect();
        let expected = [Some("Penicillin & co"), Some("Penicillin & co"), Some("own"), None, None, Some("Hello")];
        assert_eq!(said.iter().map(Option::as_deref).collect::<Vec<_>>(), expected);
        assert_eq!(page.original(document.root_element().all("x").nth(4).unwrap()), "<x/>");
    }
}
