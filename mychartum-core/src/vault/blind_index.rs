//! The blind index: finding rows by what they hold without storage knowing what.

use core::fmt;

use hmac::Mac;

use crate::kernel::id::ItemId;
use crate::port::storage::{RowId, Tag};

use super::prk::Prk;

/// Keyed hashes for look-ups, and ids that follow from what they stand for.
///
/// HMAC-SHA256 (RFC 2104) cut to 16 bytes (RFC 2104, section 5: not under half the hash), with one derived key a
/// domain: equal texts of different domains or tenants have unrelated hashes, and without the tenant key nobody can
/// try texts. It shows storage which rows are equal in a domain, so a domain is for what is nearly unique (a name to
/// sign in with), never for a label or a yes and no.
pub struct BlindIndex {
    tags: Prk,
    ids: Prk,
}

/// What a tag is made of. Each domain has its own key; the numbers are stored by way of the tags and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TagDomain {
    /// A name to sign in with, in NFKC and folded by [`fold_case`].
    Username,
    /// An e-mail address or telephone number, normalised.
    Contact,
    /// The name of a clinic or lab.
    Source,
    /// A patient's number at a source: source, number.
    SourcePatient,
    /// A session's token.
    SessionToken,
    /// A code that was sent to someone: an activation, an invitation, a recovery.
    Code,
    /// Anything that is unique in a row's own collection: the collection's number, then the value.
    Unique,
    /// What was measured: the patient, then the code. The patient keeps codes of different charts apart.
    Analyte,
    /// The visit that something belongs to: the patient, then the visit's item id.
    Visit,
    /// The item that an earlier version is of: its item id.
    VersionOf,
    /// What a file is attached to: the patient, the section's number, then the item id where it is one item.
    AttachedTo,
    /// Something that waits for staff: what kind of thing it is.
    Queue,
    /// What waits until a source's patient is known: source, type, number.
    WaitingFor,
}

impl TagDomain {
    const fn code(self) -> u16 {
        match self {
            Self::Username => 1,
            Self::Contact => 2,
            Self::Source => 3,
            Self::SourcePatient => 4,
            Self::SessionToken => 5,
            Self::Code => 6,
            Self::Unique => 7,
            Self::Analyte => 8,
            Self::Visit => 9,
            Self::VersionOf => 10,
            Self::AttachedTo => 11,
            Self::Queue => 12,
            Self::WaitingFor => 13,
        }
    }
}

/// What an id follows from. Each domain has its own key; the numbers never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IdDomain {
    /// An item of a chart: source, type, the source's id.
    Item,
    /// A row: collection, then what makes it unique.
    Row,
    /// A delivery: source, the source's id of it.
    Delivery,
    /// A patient whose id follows from a source's number: source, number.
    Patient,
}

impl IdDomain {
    const fn code(self) -> u16 {
        match self {
            Self::Item => 1,
            Self::Row => 2,
            Self::Delivery => 3,
            Self::Patient => 4,
        }
    }
}

impl BlindIndex {
    pub(super) fn new(tenant: &Prk) -> Self {
        Self { tags: tenant.derive(&[b"mychartum/tenant/tag/1"]), ids: tenant.derive(&[b"mychartum/tenant/id/1"]) }
    }

    /// The tag of a value in a domain. The parts are kept apart: `["ab", "c"]` and `["a", "bc"]` differ.
    ///
    /// The caller normalises first; what differs in one byte has another tag.
    #[must_use]
    pub fn tag(&self, domain: TagDomain, parts: &[&[u8]]) -> Tag {
        Tag::from_bytes(hash(&self.tags, domain.code(), parts))
    }

    /// Sixteen bytes for an id that follows from what it stands for: the same thing has the same id in every delivery.
    #[must_use]
    pub fn id(&self, domain: IdDomain, parts: &[&[u8]]) -> [u8; 16] {
        hash(&self.ids, domain.code(), parts)
    }

    /// The id of a chart item: source, type and the source's own id.
    #[must_use]
    pub fn item_id(&self, source: &[u8], kind: &[u8], id: &[u8]) -> ItemId {
        ItemId::from_bytes(self.id(IdDomain::Item, &[source, kind, id]))
    }

    /// The id of a row that follows from what it holds.
    #[must_use]
    pub fn row_id(&self, parts: &[&[u8]]) -> RowId {
        RowId::from_bytes(self.id(IdDomain::Row, parts))
    }
}

impl fmt::Debug for BlindIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BlindIndex([hidden])")
    }
}

/// HMAC under the domain's key of every part behind its length, the first sixteen bytes.
fn hash(prk: &Prk, domain: u16, parts: &[&[u8]]) -> [u8; 16] {
    let mut mac = prk.derive(&[b"mychartum/domain/1", &domain.to_be_bytes()]).mac();
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    let output: [u8; 32] = mac.finalize().into_bytes().into();
    let mut first = [0; 16];
    first.iter_mut().zip(output).for_each(|(to, from)| *to = from);
    first
}

/// A name as it is compared: without white space around it and without the difference of upper and lower case.
///
/// Lower, upper and lower case again, letter by letter, which is close to Unicode's full case folding (Unicode
/// Standard, section 3.13) and gives `strasse` for `Straße`. It does not compose letters and accents (no NFKC).
#[must_use]
pub fn fold_case(text: &str) -> String {
    text.trim().chars().flat_map(char::to_lowercase).flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::SecretKey;
    use super::*;

    fn index(secret: u8) -> BlindIndex {
        BlindIndex::new(&Prk::extract(&SecretKey::from_bytes([secret; 32])))
    }

    #[test]
    fn equal_texts_of_other_tenants_domains_or_kinds_have_other_hashes() {
        let parts: &[&[u8]] = &[b"ada"];
        let mut hashes = vec![
            index(1).tag(TagDomain::Username, parts).to_bytes(),
            index(2).tag(TagDomain::Username, parts).to_bytes(),
            index(1).tag(TagDomain::Contact, parts).to_bytes(),
            index(1).id(IdDomain::Item, parts),
            index(1).id(IdDomain::Row, parts),
            index(1).id(IdDomain::Delivery, parts),
        ];
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), 6);
    }

    #[test]
    fn no_two_domains_share_a_number() {
        use IdDomain as I;
        use TagDomain as T;
        let tags = [T::Username, T::Contact, T::Source, T::SourcePatient, T::SessionToken, T::Code, T::Unique];
        assert_eq!(tags.map(T::code), [1, 2, 3, 4, 5, 6, 7]);
        assert_eq!([I::Item, I::Row, I::Delivery, I::Patient].map(I::code), [1, 2, 3, 4]);
    }

    #[test]
    fn every_letter_folds_the_same_from_either_case_and_only_once() {
        for letter in (0..=u32::from(char::MAX)).filter_map(char::from_u32) {
            let folded = fold_case(&letter.to_string());
            assert_eq!(fold_case(&folded), folded, "{letter:?} twice");
            for other in [letter.to_uppercase().to_string(), letter.to_lowercase().to_string()] {
                assert_eq!(fold_case(&other), folded, "{letter:?} as {other:?}");
            }
        }
        assert_eq!(fold_case("\u{a0} Ada\tLovelace\n"), "ada\tlovelace");
        assert_eq!(fold_case("STRASSE"), fold_case("Straße"));
        assert_eq!(fold_case("ΟΔΟΣ"), fold_case("οδος"));
    }

    proptest! {
        #[test]
        fn the_parts_are_kept_apart(
            left in proptest::collection::vec(proptest::collection::vec(0u8..3, 0..3), 0..3),
            right in proptest::collection::vec(proptest::collection::vec(0u8..3, 0..3), 0..3),
        ) {
            let tag = |parts: &[Vec<u8>]| {
                index(1).tag(TagDomain::Unique, &parts.iter().map(Vec::as_slice).collect::<Vec<_>>())
            };
            prop_assert_eq!(tag(&left) == tag(&right), left == right);
        }
    }
}
