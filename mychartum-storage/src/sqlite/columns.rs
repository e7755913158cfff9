//! Values of the port as columns, and columns as values of the port.

use mychartum_core::kernel::id::ChangeSetId;
use mychartum_core::port::custody::{Applied, BucketState, BucketStatus};
use mychartum_core::port::storage::{
    AuditHead, Bucket, Collection, Head, Partition, PartitionKind, Position, Row, RowId, Tag,
};
use rusqlite::Error;
use rusqlite::types::Type;

/// A partition as the three columns that lead every key.
pub(super) struct Key {
    pub(super) bucket: i64,
    pub(super) kind: i64,
    pub(super) id: [u8; 16],
}

impl Key {
    pub(super) fn of(partition: Partition) -> Self {
        Self { bucket: partition.bucket().number().into(), kind: partition.kind().code().into(), id: partition.id() }
    }
}

/// All tags of a row in one blob.
pub(super) fn tags_to_blob(tags: &[Tag]) -> Vec<u8> {
    tags.iter().flat_map(|tag| tag.to_bytes()).collect()
}

/// All tags of a row from column `index`.
pub(super) fn tags(row: &rusqlite::Row<'_>, index: usize) -> rusqlite::Result<Vec<Tag>> {
    let blob = row.get_ref(index)?.as_blob()?;
    let (tags, rest) = blob.as_chunks::<16>();
    if rest.is_empty() { Ok(tags.iter().copied().map(Tag::from_bytes).collect()) } else { Err(damaged(index)) }
}

/// A row from the columns row_id, version, ord, tags, body.
pub(super) fn row(row: &rusqlite::Row<'_>, partition: Partition, collection: Collection) -> rusqlite::Result<Row> {
    Ok(Row {
        partition,
        collection,
        row: RowId::from_bytes(row.get(0)?),
        version: unsigned(row, 1)?,
        order: row.get(2)?,
        tags: tags(row, 3)?,
        body: row.get(4)?,
    })
}

/// A partition from the columns kind, partition_id.
pub(super) fn partition(row: &rusqlite::Row<'_>, index: usize) -> rusqlite::Result<Partition> {
    let kind = PartitionKind::from_code(row.get(index)?).ok_or_else(|| damaged(index))?;
    Ok(Partition::new(kind, row.get(index + 1)?))
}

/// A head from the columns revision, epoch, audit_count, audit_link.
pub(super) fn head(row: &rusqlite::Row<'_>, index: usize) -> rusqlite::Result<Head> {
    let count: i64 = row.get(index + 2)?;
    Ok(Head {
        revision: unsigned(row, index)?,
        epoch: unsigned(row, index + 1)?,
        // All 64 bits are kept: no sum is done on it here.
        audit: AuditHead { count: count.cast_unsigned(), link: row.get(index + 3)? },
    })
}

/// A bucket from the column bucket.
pub(super) fn bucket(row: &rusqlite::Row<'_>, index: usize) -> rusqlite::Result<Bucket> {
    Bucket::new(row.get(index)?).ok_or_else(|| damaged(index))
}

/// How a bucket stands, from the columns state, epoch; as in a new storage where they are null.
pub(super) fn standing(row: &rusqlite::Row<'_>, index: usize, bucket: Bucket) -> rusqlite::Result<BucketStatus> {
    let Some(state) = row.get::<_, Option<u8>>(index)? else {
        return Ok(BucketStatus { bucket, state: BucketState::Serving, epoch: 0 });
    };
    let state = BucketState::from_code(state).ok_or_else(|| damaged(index))?;
    Ok(BucketStatus { bucket, state, epoch: unsigned(row, index + 1)? })
}

/// A remembered change set from the columns change_set, digest, revision.
pub(super) fn applied(row: &rusqlite::Row<'_>) -> rusqlite::Result<Applied> {
    Ok(Applied { id: ChangeSetId::from_bytes(row.get(0)?), digest: row.get(1)?, revision: unsigned(row, 2)? })
}

/// A number that is never negative.
pub(super) fn unsigned(row: &rusqlite::Row<'_>, index: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(index)?;
    u64::try_from(number).map_err(|_| Error::IntegralValueOutOfRange(index, number))
}

/// Just before every position with this order: no id is shorter than empty.
pub(super) const BEFORE_ALL_IDS: [u8; 0] = [];

/// Just after every position with this order: longer than any id, and not below the greatest.
pub(super) const AFTER_ALL_IDS: [u8; 17] = [0xff; 17];

/// A position as columns.
pub(super) fn position(at: Position) -> (i64, Vec<u8>) {
    (at.order, at.row.to_bytes().to_vec())
}

fn damaged(index: usize) -> Error {
    Error::InvalidColumnType(index, String::new(), Type::Blob)
}
