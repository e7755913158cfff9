//! Small documents for the tests of this folder.

use roxmltree::Document;

use mychartum_core::sync::Parcel;

use super::document::parcels_of;
use super::page::Page;
use super::tree::with_tree;
use super::xml::{Reach, Xml};

/// Reads one element, in the namespaces of a document.
pub(super) fn with_element<R>(xml: &str, read: impl FnOnce(&Page<'_>, Xml<'_>) -> R) -> R
where
    R: 'static,
{
    let text = format!(
        "<d xmlns='urn:hl7-org:v3' xmlns:sdtc='urn:hl7-org:sdtc' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>{xml}</d>"
    );
    let document = Document::parse(&text).unwrap();
    let page = Page::new(&document);
    let node = document.root_element().inside().next().unwrap();
    read_with(&page, node, read)
}

fn read_with<'a, R>(page: &Page<'a>, node: Xml<'a>, read: impl FnOnce(&Page<'a>, Xml<'a>) -> R) -> R {
    read(page, node)
}
