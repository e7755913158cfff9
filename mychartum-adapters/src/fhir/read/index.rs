//! What the documents of a delivery call their resources: full URLs, and the identifiers of patients.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use mychartum_core::chart::SourceRef;
use mychartum_core::kernel::text::Label;

use super::reference::{Locator, urn, uuid};

/// Full URLs and the resources they mean. A UUID that is also the resource's id, the usual case, costs 18 bytes.
#[derive(Default)]
pub(super) struct FullUrls {
    kinds: Vec<Label>,
    numbers: HashMap<Label, u16>,
    uuids: HashMap<[u8; 16], u16>,
    others: HashMap<Box<str>, (u16, Box<str>)>,
}

/// In place of a kind: the same URL means several resources, so it means none.
const SEVERAL: u16 = u16::MAX;

impl FullUrls {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.uuids.len() + self.others.len()
    }

    /// Notes that a full URL means a resource. URLs that say so themselves (`.../Patient/1`) are not kept.
    pub(super) fn note(&mut self, full_url: &str, kind: &str, id: &str) {
        if matches!(Locator::parse(full_url), Locator::Typed { kind: said, id: named } if said == kind && named == id) {
            return;
        }
        let Some(number) = self.number(kind) else { return };
        match urn(full_url).and_then(uuid) {
            Some(key) if uuid(id) == Some(key) && !id.contains(|c: char| c.is_ascii_uppercase()) => {
                let known = self.uuids.entry(key).or_insert(number);
                if *known != number {
                    *known = SEVERAL;
                }
            }
            _ => {
                let known = self.others.entry(key_of(full_url)).or_insert_with(|| (number, id.into()));
                if known.0 != number || *known.1 != *id {
                    known.0 = SEVERAL;
                }
            }
        }
    }

    /// The resource that a reference means, if a full URL here says so.
    pub(super) fn find(&self, reference: &str) -> Option<SourceRef> {
        let bare = reference.split_once("/_history/").map_or(reference, |(bare, _)| bare);
        if let Some((number, id)) = self.others.get(&key_of(bare)) {
            return Some(SourceRef { kind: self.kind(*number)?, id: Label::parse(id).ok()? });
        }
        let id = urn(bare)?;
        let number = self.uuids.get(&uuid(id)?)?;
        Some(SourceRef { kind: self.kind(*number)?, id: Label::parse(&id.to_ascii_lowercase()).ok()? })
    }

    fn kind(&self, number: u16) -> Option<Label> {
        self.kinds.get(usize::from(number)).cloned()
    }

    fn number(&mut self, kind: &str) -> Option<u16> {
        let kind = Label::parse(kind).ok()?;
        if let Some(number) = self.numbers.get(&kind) {
            return Some(*number);
        }
        let number = u16::try_from(self.kinds.len()).ok().filter(|number| *number < SEVERAL)?;
        self.kinds.push(kind.clone());
        self.numbers.insert(kind, number);
        Some(number)
    }
}

/// URNs are compared without case; URLs as they are.
fn key_of(url: &str) -> Box<str> {
    if urn(url).is_some() { url.to_ascii_lowercase().into() } else { url.into() }
}

/// The delivery's patients by their identifiers.
///
/// Identifiers are kept as keyed 128-bit hashes: small, and nobody can make two of them meet on purpose.
#[derive(Default)]
pub(super) struct Patients {
    ids: Vec<Box<str>>,
    numbers: HashMap<Box<str>, u32>,
    queries: HashMap<[u8; 16], u32>,
    keys: (RandomState, RandomState),
}

/// In place of a patient's number: several patients have that identifier, so it means none of them.
const AMBIGUOUS: u32 = u32::MAX;

impl Patients {
    /// Notes a patient and the queries that mean it.
    pub(super) fn note(&mut self, id: &str, queries: impl IntoIterator<Item = String>) {
        let number = match self.numbers.get(id) {
            Some(number) => *number,
            None => {
                let Some(number) = u32::try_from(self.ids.len()).ok().filter(|number| *number < AMBIGUOUS) else {
                    return;
                };
                self.ids.push(id.into());
                self.numbers.insert(id.into(), number);
                number
            }
        };
        for query in queries {
            let known = self.queries.entry(hash(&self.keys, &query)).or_insert(number);
            if *known != number {
                *known = AMBIGUOUS;
            }
        }
    }

    /// The one patient that a query means.
    pub(super) fn find(&self, query: &str) -> Option<&str> {
        let number = *self.queries.get(&hash(&self.keys, query))?;
        self.ids.get(usize::try_from(number).ok()?).map(|id| &**id)
    }

    /// Whether the delivery brings this patient.
    pub(super) fn has(&self, id: &str) -> bool {
        self.numbers.contains_key(id)
    }

    /// How many patients the delivery brings.
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }
}

fn hash((first, second): &(RandomState, RandomState), text: &str) -> [u8; 16] {
    let wide = (u128::from(first.hash_one(text)) << 64) | u128::from(second.hash_one(text));
    wide.to_ne_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: &str = "75c71918-f07f-4492-af1a-ce006a1e8aaf";

    fn found(urls: &FullUrls, reference: &str) -> Option<(String, String)> {
        urls.find(reference).map(|found| (found.kind.as_str().to_owned(), found.id.as_str().to_owned()))
    }

    #[test]
    fn full_urls_lead_to_resources() {
        let mut urls = FullUrls::default();
        urls.note(&format!("urn:uuid:{UUID}"), "Patient", UUID);
        urls.note("urn:uuid:11111111-1111-1111-1111-111111111111", "Encounter", "e1");
        urls.note("http://example.org/x", "Location", "l1");
        urls.note("http://example.org/Patient/2", "Patient", "2");
        assert_eq!(urls.len(), 3, "what says itself is not kept");
        assert_eq!(found(&urls, &format!("URN:UUID:{}", UUID.to_uppercase())).unwrap().0, "Patient");
        assert_eq!(
            found(&urls, "urn:uuid:11111111-1111-1111-1111-111111111111"),
            Some(("Encounter".into(), "e1".into()))
        );
        assert_eq!(found(&urls, "http://example.org/x/_history/2"), Some(("Location".into(), "l1".into())));
        assert_eq!(found(&urls, "urn:uuid:22222222-2222-2222-2222-222222222222"), None);
    }

    #[test]
    fn what_means_several_means_none() {
        let mut urls = FullUrls::default();
        urls.note(&format!("urn:uuid:{UUID}"), "Patient", UUID);
        urls.note(&format!("urn:uuid:{UUID}"), "Encounter", UUID);
        assert_eq!(found(&urls, &format!("urn:uuid:{UUID}")), None);

        let mut patients = Patients::default();
        patients.note("1", ["?identifier=a|1".to_owned(), "?identifier=b|1".to_owned()]);
        patients.note("2", ["?identifier=a|1".to_owned()]);
        patients.note("2", ["?identifier=c|2".to_owned()]);
        assert_eq!(patients.find("?identifier=a|1"), None);
        assert_eq!(patients.find("?identifier=b|1"), Some("1"));
        assert_eq!(patients.find("?identifier=c|2"), Some("2"));
        assert_eq!((patients.len(), patients.has("2"), patients.has("3")), (2, true, false));
    }
}
