//! What all resources have in common: type, id, version, whose they are, what they contain (FHIR R4 section 2.1).

use mychartum_core::access::label::labels_of_security;
use mychartum_core::chart::{SourceRef, SourceVersion};
use mychartum_core::kernel::text::{Label, Narrative};
use mychartum_core::kernel::{Coding, SensitivitySet};
use mychartum_core::sync::Reason;

use super::element::{
    Annotation, CodeableConcept, Many, One, Raw, Reference, Txt, concepts, date, element, label, notes, read_object,
};
use super::named::Named;
use super::reference::{Locator, urn};

element! {
    /// FHIR `Meta`: versions and security labels.
    Meta<'a> {
        version_id: Txt<'a> = "versionId",
        last_updated: Txt<'a> = "lastUpdated",
        security: Many<CodeableConcept<'a>> = "security",
    }
}

element! {
    /// The elements that most resources have.
    Base<'a> {
        kind: Txt<'a> = "resourceType",
        id: Txt<'a> = "id",
        meta: One<Meta<'a>> = "meta",
        contained: Many<Named<'a>> = "contained",
        subject: Many<Reference<'a>> = "subject",
        patient: Many<Reference<'a>> = "patient",
        encounter: Many<Reference<'a>> = "encounter",
        context: Many<Reference<'a>> = "context",
        note: Many<Annotation<'a>> = "note",
    }
}

element! {
    /// Just enough of a resource to know what it is.
    Sniff<'a> {
        kind: Txt<'a> = "resourceType",
        id: Txt<'a> = "id",
        identifier: Raw<'a> = "identifier",
    }
}

element! {
    /// An entry of a bundle (FHIR R4 `Bundle.entry`).
    Entry<'a> {
        full_url: Txt<'a> = "fullUrl",
        resource: Raw<'a> = "resource",
        request: One<Request<'a>> = "request",
    }
}

element! {
    /// What an entry asks for (FHIR R4 `Bundle.entry.request`).
    Request<'a> {
        url: Txt<'a> = "url",
    }
}

/// When a resource is handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// First: it says whose the others are.
    Patient,
    /// Second: it names what the others refer to.
    Directory,
    /// Then.
    Other,
}

impl Class {
    pub(super) fn of(kind: &str) -> Self {
        match kind {
            "Patient" => Self::Patient,
            "Practitioner" | "PractitionerRole" | "Organization" | "Location" | "Medication" | "Specimen" => {
                Self::Directory
            }
            _ => Self::Other,
        }
    }
}

impl Sniff<'_> {
    /// The id that the resource goes by: its own, else that of its full URL.
    pub(super) fn id<'s>(&'s self, full_url: Option<&'s str>) -> Option<&'s str> {
        self.id.get().or_else(|| full_url.and_then(id_of_url))
    }

    /// The queries that mean it.
    pub(super) fn queries(&self) -> Vec<String> {
        let raw = self.identifier.0.map_or("null", serde_json::value::RawValue::get);
        let all = serde_json::from_str::<Many<super::element::IdentifierElement<'_>>>(raw).unwrap_or_default();
        all.iter().filter_map(super::element::IdentifierElement::query).collect()
    }
}

/// The id that a full URL gives: what follows `urn:uuid:`, or the last segment of an address.
fn id_of_url(url: &str) -> Option<&str> {
    if let Some(id) = urn(url) {
        return Some(id);
    }
    match Locator::parse(url) {
        Locator::Typed { id, .. } => Some(id),
        _ if url.contains("://") => url.trim_end_matches('/').rsplit('/').next().filter(|id| !id.is_empty()),
        _ => None,
    }
}

impl Base<'_> {
    /// What the source calls the resource.
    ///
    /// # Errors
    /// [`Reason::NoIdentity`] without an id, [`Reason::Invalid`] where it is longer than any id.
    pub(super) fn identity(&self, kind: &str, full_url: Option<&str>) -> Result<SourceRef, Reason> {
        let id = self.id.get().or_else(|| full_url.and_then(id_of_url)).ok_or(Reason::NoIdentity)?;
        let kind = Label::parse(kind).map_err(|_| Reason::NotAResource)?;
        Ok(SourceRef { kind, id: Label::parse(id).map_err(|_| Reason::Invalid("id"))? })
    }

    /// Which version of it.
    pub(super) fn version(&self) -> SourceVersion {
        self.meta.get().map_or_else(SourceVersion::default, |meta| SourceVersion {
            id: label(&meta.version_id),
            last_updated: date(&meta.last_updated),
            ..SourceVersion::default()
        })
    }

    /// The sensitivity labels that the source gave it.
    pub(super) fn labels(&self) -> SensitivitySet {
        let Some(meta) = self.meta.get() else { return SensitivitySet::NONE };
        let codings: Vec<Coding> = concepts(&meta.security).into_iter().flat_map(|concept| concept.codings).collect();
        labels_of_security(&codings)
    }

    /// Comments on it.
    pub(super) fn notes(&self) -> Vec<Narrative> {
        notes(&self.note)
    }
}

/// Reads just enough of a resource to know what it is.
///
/// # Errors
/// Why it is none: too deep, malformed, or no object.
pub(super) fn sniff(bytes: &[u8], max_depth: usize) -> Result<Sniff<'_>, Reason> {
    if is_too_deep(bytes, max_depth) {
        return Err(Reason::TooDeep);
    }
    let text = core::str::from_utf8(bytes).map_err(|_| Reason::Malformed)?;
    let sniffed = read_object::<Sniff<'_>>(text).map_err(|_| Reason::Malformed)?;
    sniffed.filter(|_| text.starts_with('{')).ok_or(Reason::NotAResource)
}

/// Whether brackets are nested deeper than the limit; what stands in strings does not count.
fn is_too_deep(bytes: &[u8], max_depth: usize) -> bool {
    if bytes.iter().filter(|byte| matches!(byte, b'{' | b'[')).count() <= max_depth {
        return false;
    }
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for byte in bytes {
        if in_string {
            in_string = escaped || *byte != b'"';
            escaped = !escaped && *byte == b'\\';
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > max_depth {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_brackets_outside_strings() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(!is_too_deep(nested(128).as_bytes(), 128));
        assert!(is_too_deep(nested(129).as_bytes(), 128));
        assert!(!is_too_deep(format!("\"\\\"{}\"", nested(500)).as_bytes(), 128));
        assert!(!is_too_deep("[],".repeat(500).as_bytes(), 128));
    }

    #[test]
    fn ids_come_from_full_urls() {
        for (url, id) in [
            ("urn:uuid:75c71918-f07f-4492-af1a-ce006a1e8aaf", Some("75c71918-f07f-4492-af1a-ce006a1e8aaf")),
            ("urn:oid:1.2", Some("1.2")),
            ("http://example.org/fhir/Patient/1", Some("1")),
            ("http://example.org/fhir/Patient/1/_history/2", Some("1")),
            ("http://example.org/x/y/", Some("y")),
            ("Patient/7", Some("7")),
            ("nothing", None),
        ] {
            assert_eq!(id_of_url(url), id, "{url}");
        }
    }

    #[test]
    fn what_is_no_resource_is_told() {
        for (json, reason) in [
            ("[{\"resourceType\":\"Patient\"}]", Reason::NotAResource),
            ("5", Reason::NotAResource),
            ("{\"a\":", Reason::Malformed),
            ("{\"a\":01}", Reason::Malformed),
        ] {
            assert_eq!(sniff(json.as_bytes(), 128).err(), Some(reason), "{json}");
        }
        assert_eq!(sniff(b"{\"a\":\"\xff\"}", 128).err(), Some(Reason::Malformed));
    }
}
