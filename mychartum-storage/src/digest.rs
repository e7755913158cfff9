//! The digest of a change set's content, by which a repeated change set is told from another one with the same id.

use mychartum_core::port::storage::ChangeSet;
use sha2::{Digest as _, Sha256};

/// How many of a partition's last change sets are remembered (promise 7 of the storage port).
pub(crate) const REMEMBERED: u64 = 64;

/// SHA-256 over everything in a change set but its id.
///
/// Every field has a fixed width or is led by its length, so two different contents never feed the same bytes.
pub(crate) fn digest(set: &ChangeSet) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"mychartum change set 1");
    hash.update([set.partition.kind().code()]);
    hash.update(set.partition.id());
    hash.update(set.expect.revision.to_be_bytes());
    hash.update(set.expect.epoch.to_be_bytes());
    hash.update(set.audit.count.to_be_bytes());
    hash.update(set.audit.link);
    hash.update(length(set.puts.len()));
    for put in &set.puts {
        hash.update(put.collection.number().to_be_bytes());
        hash.update(put.row.to_bytes());
        hash.update(put.version.to_be_bytes());
        hash.update(put.order.to_be_bytes());
        hash.update(length(put.tags.len()));
        for tag in &put.tags {
            hash.update(tag.to_bytes());
        }
        hash.update(length(put.body.len()));
        hash.update(&put.body);
    }
    hash.update(length(set.deletes.len()));
    for delete in &set.deletes {
        hash.update(delete.collection.number().to_be_bytes());
        hash.update(delete.row.to_bytes());
        hash.update(delete.version.to_be_bytes());
    }
    hash.finalize().into()
}

/// A length as eight bytes, the same on every platform.
const fn length(of: usize) -> [u8; 8] {
    (of as u64).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use mychartum_core::kernel::id::ChangeSetId;
    use mychartum_core::port::storage::{AuditHead, Collection, Delete, Expect, Partition, Put, RowId, Tag};

    fn set() -> ChangeSet {
        ChangeSet {
            id: ChangeSetId::from_bytes([1; 16]),
            partition: Partition::SYSTEM,
            expect: Expect { revision: 3, epoch: 0 },
            puts: vec![Put {
                collection: Collection::new(1),
                row: RowId::from_bytes([2; 16]),
                version: 1,
                order: -1,
                tags: vec![Tag::from_bytes([3; 16])],
                body: b"sealed".to_vec(),
            }],
            deletes: vec![Delete { collection: Collection::new(1), row: RowId::from_bytes([4; 16]), version: 1 }],
            audit: AuditHead { count: 1, link: [5; 32] },
        }
    }

    #[test]
    fn every_field_of_the_content_counts_and_the_id_does_not() {
        let changes: [fn(&mut ChangeSet); 12] = [
            |set| set.partition = Partition::source(Tag::from_bytes([0; 16])),
            |set| set.expect.revision = 4,
            |set| set.expect.epoch = 1,
            |set| set.audit.count = 2,
            |set| set.audit.link[31] = 0,
            |set| set.puts[0].version = 2,
            |set| set.puts[0].order = 1,
            |set| set.puts[0].tags.clear(),
            |set| set.puts[0].body.push(0),
            |set| set.puts.clear(),
            |set| set.deletes[0].version = 2,
            |set| set.deletes.clear(),
        ];
        let mut seen = vec![digest(&set())];
        for change in changes {
            let mut other = set();
            change(&mut other);
            seen.push(digest(&other));
        }
        let count = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), count);

        let mut renamed = set();
        renamed.id = ChangeSetId::from_bytes([9; 16]);
        assert_eq!(digest(&renamed), digest(&set()));
    }
}
