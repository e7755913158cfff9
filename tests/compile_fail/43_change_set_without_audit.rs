//! A change without its place in the audit chain cannot be put together.

use mychartum_core::kernel::id::ChangeSetId;
use mychartum_core::port::storage::{AuditHead, ChangeSet, Expect, Partition};

pub fn case(id: ChangeSetId, partition: Partition, expect: Expect, audit: AuditHead) -> ChangeSet {
    let _ = audit;
    ChangeSet { id, partition, expect, puts: vec![], deletes: vec![] } //~ E0063
    //= ChangeSet { id, partition, expect, puts: vec![], deletes: vec![], audit }
}
