//! Small documents for the tests of this folder.

use roxmltree::Document;

use mychartum_core::chart::View;
use mychartum_core::sync::{Parcel, Reading, Reason};

use super::document::parcels_of;
use super::limits::Limits;
use super::page::Page;
use super::xml::{Reach, Xml};

const NAMESPACES: &str =
    "xmlns='urn:hl7-org:v3' xmlns:sdtc='urn:hl7-org:sdtc' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'";

/// Reads one element, in the namespaces of a document.
pub(super) fn with_element<R>(xml: &str, read: impl for<'a> FnOnce(&Page<'a>, Xml<'a>) -> R) -> R
where
    R: 'static,
{
    let text = format!("<d {NAMESPACES}>{xml}</d>");
    let document = Document::parse(&text).unwrap();
    let page = Page::new(&document);
    let node = document.root_element().inside().next().unwrap();
    read(&page, node)
}

/// A document of one patient, made on 15 August 2013.
pub(super) fn bytes(inside: &str) -> Vec<u8> {
    let target = "<recordTarget><patientRole><id root='1.2' extension='p'/></patientRole></recordTarget>";
    format!("<ClinicalDocument {NAMESPACES}><effectiveTime value='20130815'/>{target}{inside}</ClinicalDocument>")
        .into_bytes()
}

/// The parcels of such a document, which is the seventh of its delivery.
pub(super) fn document(inside: &str) -> Vec<Parcel> {
    parcels_of(&bytes(inside), Limits::default(), 7).unwrap()
}

/// A body with one section of this code and one entry.
pub(super) fn entries(code: &str, entry: &str) -> String {
    let section =
        format!("<section><code code='{code}' codeSystem='2.16.840.1.113883.6.1'/><entry>{entry}</entry></section>");
    format!("<component><structuredBody><component>{section}</component></structuredBody></component>")
}

fn first(code: &str, entry: &str) -> Reading {
    document(&entries(code, entry)).swap_remove(2).reading
}

/// What the first statement of an entry says.
pub(super) fn entry(code: &str, entry: &str) -> View {
    match first(code, entry) {
        Reading::Item { view, .. } => view,
        Reading::Unusable(reason) => panic!("unusable: {reason}"),
        Reading::Directory(_) | Reading::Merge(_) => panic!("a directory"),
    }
}

/// Why the first statement of an entry is unusable.
pub(super) fn reason(code: &str, entry: &str) -> Reason {
    match first(code, entry) {
        Reading::Unusable(reason) => reason,
        _ => panic!("usable"),
    }
}

/// What the source calls the items.
pub(super) fn names(parcels: &[Parcel]) -> Vec<String> {
    let name = |parcel: &Parcel| match &parcel.reading {
        Reading::Item { identity, .. } => format!("{}/{}", identity.kind.as_str(), identity.id.as_str()),
        _ => "unusable".to_owned(),
    };
    parcels.iter().map(name).collect()
}
