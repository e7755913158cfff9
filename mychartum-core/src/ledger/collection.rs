//! The collections of the ledger. Their numbers are stored and never change.

use crate::chart::Section;
use crate::port::storage::{Collection, RowId};

use super::packing::Packing;

/// Collections that are not sections of a chart.
pub(crate) struct Stored;

impl Stored {
    /// The founding record, in the system partition; not sealed.
    pub(crate) const FOUNDING: Collection = Collection::new(1);
    /// A partition's wrapped data key; not sealed.
    pub(crate) const KEY: Collection = Collection::KEYS;
    /// A partition's audit entries; sealed with the partition's audit key.
    pub(crate) const AUDIT: Collection = Collection::new(3);
    /// The one record of an account, or of an entry of the directory.
    pub(crate) const RECORD: Collection = Collection::new(4);
    /// An account's sessions.
    pub(crate) const SESSIONS: Collection = Collection::new(5);
    /// Originals of a chart's items, as received.
    pub(crate) const ORIGINALS: Collection = Collection::new(6);
    /// Earlier versions of a chart's items, with their originals.
    pub(crate) const HISTORY: Collection = Collection::new(7);
    /// Names that a source's items refer to.
    pub(crate) const NAMES: Collection = Collection::new(8);
    /// What a source sent and could not be filed.
    pub(crate) const QUARANTINE: Collection = Collection::new(9);
    /// Files attached to a chart: what they are, and the keys of their objects.
    pub(crate) const ATTACHMENTS: Collection = Collection::new(10);

    /// Who may act for a patient: a row for each grant, and one for what is known of the patient's own standing.
    pub(crate) const ACCESS: Collection = Collection::new(11);
    /// What the patient or the clinic said of single items: hidden, labelled, held back.
    pub(crate) const MARKS: Collection = Collection::new(12);
    /// For whom an account acts: a row for each grant that it accepted.
    pub(crate) const ACTING: Collection = Collection::new(13);
    /// What decides of what sources say of the patient: a row for each item of demographics, beside it.
    pub(crate) const PERSONS: Collection = Collection::new(14);
    /// Grants as they were before each change.
    pub(crate) const PAST_GRANTS: Collection = Collection::new(15);

    /// Devices that signed in to an account.
    pub(crate) const DEVICES: Collection = Collection::new(16);
    /// Links that were issued for an account: one for each purpose, the newest.
    pub(crate) const LINKS: Collection = Collection::new(17);
    /// Sign-ins that are not complete, and codes that wait to be entered.
    pub(crate) const CHALLENGES: Collection = Collection::new(18);
    /// Notices that were sent, or will not be.
    pub(crate) const NOTICES: Collection = Collection::new(19);
    /// Accounts that are a patient's own.
    pub(crate) const HOLDERS: Collection = Collection::new(20);
    /// What people propose to change in their profile, and what the clinic said.
    pub(crate) const PROPOSALS: Collection = Collection::new(21);
    /// Tries to sign in, counted.
    pub(crate) const TRIES: Collection = Collection::new(22);
    /// Written consents of a patient.
    pub(crate) const CONSENTS: Collection = Collection::new(23);
    /// What a source said of two of its names for patients, as received.
    pub(crate) const MERGES: Collection = Collection::new(24);
    /// When a source was last heard from.
    pub(crate) const HEARD: Collection = Collection::new(25);
    /// How far each patient's category was pulled from a source, and how that went.
    pub(crate) const PULLS: Collection = Collection::new(26);
    /// What is to be done later.
    pub(crate) const DUE: Collection = Collection::new(0x8001);

    /// The row id where a collection has only one row.
    pub(crate) const ONLY: RowId = RowId::from_bytes([0; 16]);
}

/// The collection of a chart's section.
pub(crate) const fn section(section: Section) -> Collection {
    Collection::new(0x100 + section.number() as u16)
}

/// How the bodies of a collection are packed.
///
/// Only what a source sent is compressed: one author, and no secret of ours beside it. A collection that is not named here is
/// padded only, which is what messages and whatever else two people write into need.
pub(crate) fn packing(collection: Collection) -> Packing {
    match collection {
        Stored::ORIGINALS | Stored::HISTORY | Stored::QUARANTINE | Stored::MERGES => Packing::Original,
        Stored::NAMES => Packing::View,
        _ if sent_by_a_source().any(|one| section(one) == collection) => Packing::View,
        _ => Packing::Padded,
    }
}

/// The sections that a source alone writes.
fn sent_by_a_source() -> impl Iterator<Item = Section> {
    Section::ALL.into_iter().filter(|section| !matches!(section, Section::Messages | Section::Billing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_source_sent_is_compressed() {
        for one in sent_by_a_source() {
            assert_eq!(packing(section(one)), Packing::View);
        }
        for number in 0..=0x400 {
            let expected = match number {
                6 | 7 | 9 | 24 => Packing::Original,
                8 | 0x100..=0x10d => Packing::View,
                _ => Packing::Padded,
            };
            assert_eq!(packing(Collection::new(number)), expected, "{number}");
        }
    }
}
