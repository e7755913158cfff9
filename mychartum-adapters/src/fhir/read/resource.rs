//! One resource: what it is, whose it is, and what a chart keeps of it.

use mychartum_core::sync::{Parcel, Place, Reading, Reason};

use super::base::{Base, Class, Entry, sniff};
use super::element::read_object;
use super::index::FullUrls;
use super::limits::MAPPING;
use super::named::directory;
use super::reference::{Locator, is_type};
use super::resolve::{Index, Resolver};
use super::view::read_view;

/// Where the resources of a document come from and what they may refer to.
#[derive(Clone, Copy)]
pub(super) struct Setting<'a> {
    pub(super) index: &'a Index,
    pub(super) bundle: Option<&'a FullUrls>,
    pub(super) max_depth: usize,
}

/// The parcel of a resource that stands alone.
pub(super) fn resource_parcel(bytes: &[u8], full_url: Option<&str>, place: Place, setting: Setting<'_>) -> Parcel {
    let (kind, reading) = match sniff(bytes, setting.max_depth) {
        Err(reason) => (String::new(), Reading::Unusable(reason)),
        Ok(sniffed) => {
            let kind = sniffed.kind.get().unwrap_or("");
            // A type as long as a document would only fill the report.
            let known = if is_type(kind) { kind } else { "" };
            (known.to_owned(), read(bytes, known, full_url, setting).unwrap_or_else(Reading::Unusable))
        }
    };
    Parcel { place, resource: kind.into(), reading, original: bytes.to_vec() }
}

/// The parcel of an entry of a bundle; without a resource (a deletion, an answer), it is set aside whole.
pub(super) fn entry_parcel(bytes: &[u8], place: Place, setting: Setting<'_>) -> Parcel {
    let entry = core::str::from_utf8(bytes).ok().and_then(|text| read_object::<Entry<'_>>(text).ok().flatten());
    let entry = entry.unwrap_or_default();
    if let Some(resource) = entry.resource.0 {
        return resource_parcel(resource.get().as_bytes(), entry.full_url.get(), place, setting);
    }
    let meant = entry.request.get().and_then(|request| request.url.get()).or(entry.full_url.get());
    let kind = match meant.map(Locator::parse) {
        Some(Locator::Typed { kind, .. } | Locator::Conditional { kind, .. }) => kind,
        _ => "",
    };
    let reading = Reading::Unusable(Reason::Missing("resource"));
    Parcel { place, resource: kind.into(), reading, original: bytes.to_vec() }
}

fn read(bytes: &[u8], kind: &str, full_url: Option<&str>, setting: Setting<'_>) -> Result<Reading, Reason> {
    if kind.is_empty() {
        return Err(Reason::NotAResource);
    }
    let class = Class::of(kind);
    if class == Class::Other && !super::view::is_supported(kind) {
        return Err(Reason::UnsupportedType);
    }
    let text = core::str::from_utf8(bytes).map_err(|_| Reason::Malformed)?;
    // What is left to fail after the first look is a text that is no text, such as half a surrogate pair in a key.
    let base = read_object::<Base<'_>>(text).map_err(|_| Reason::Malformed)?.ok_or(Reason::NotAResource)?;
    let identity = base.identity(kind, full_url)?;
    let version = base.version();
    if class == Class::Directory {
        return Ok(directory(text, identity, version));
    }
    let resolver = Resolver { index: setting.index, bundle: setting.bundle, contained: &base.contained.0 };
    let (subject, view) = read_view(text, kind, &identity, &base, &resolver)?;
    Ok(Reading::Item { identity, version, subject, view, mapping: MAPPING, labels: base.labels() })
}
