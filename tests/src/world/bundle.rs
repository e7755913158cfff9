//! Bundles of type collection (FHIR R4 section 2.36), the shape in which every delivery arrives.

use super::calendar::Moment;
use super::ids::Ids;
use super::node::{Node, object};

/// One resource on its way into a bundle.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    kind: &'static str,
    id: String,
    resource: Node,
}

impl Entry {
    /// A resource with its type and id.
    pub(super) const fn new(kind: &'static str, id: String, resource: Node) -> Self {
        Self { kind, id, resource }
    }
}

/// How a bundle names its entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// `fullUrl` is `urn:uuid:` and the id.
    Urn,
    /// `fullUrl` is an address below the site's base.
    Base(&'static str),
}

/// The bundle as JSON text on one line.
pub(super) fn collection(ids: Ids, name: &str, at: Moment, naming: Naming, entries: Vec<Entry>) -> String {
    let entries: Vec<Node> = entries
        .into_iter()
        .map(|entry| {
            let address = match naming {
                Naming::Urn => format!("urn:uuid:{}", entry.id),
                Naming::Base(base) => format!("{base}/{}/{}", entry.kind, entry.id),
            };
            object! { "fullUrl": address, "resource": entry.resource }
        })
        .collect();
    object! {
        "resourceType": "Bundle",
        "id": ids.uuid(&format!("bundle/{name}")),
        "type": "collection",
        "timestamp": at.text(),
        "entry": entries,
    }
    .json()
}
