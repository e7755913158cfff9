//! Values of the port as columns, and columns as values of the port.

use std::error::Error;

use bytes::BytesMut;
use mychartum_core::port::storage::{
    AuditHead, Collection, Head, Partition, PartitionKind, Row, RowId, StorageError, StorageErrorKind, Tag,
};
use tokio_postgres::Row as Columns;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, accepts, to_sql_checked};

/// Sixteen bytes in a column of the type uuid, which holds any sixteen bytes and compares them unsigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Id(pub(super) [u8; 16]);

impl ToSql for Id {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        out.extend_from_slice(&self.0);
        Ok(IsNull::No)
    }

    accepts!(UUID);
    to_sql_checked!();
}

impl<'a> FromSql<'a> for Id {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(raw.try_into()?))
    }

    accepts!(UUID);
}

/// A partition as the three columns that lead every key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) bucket: i16,
    pub(super) kind: i16,
    pub(super) id: Id,
}

impl Key {
    pub(super) fn of(partition: Partition) -> Self {
        // A bucket's number is below 4,096.
        let bucket = partition.bucket().number().cast_signed();
        Self { bucket, kind: partition.kind().code().into(), id: Id(partition.id()) }
    }
}

/// A stored value that is never written has no place in the port: the tables are damaged.
#[derive(Debug)]
pub(super) struct Damaged;

impl Damaged {
    pub(super) const fn in_operation(operation: &'static str) -> StorageError {
        StorageError::new(StorageErrorKind::Corrupt, operation)
    }
}

impl From<tokio_postgres::Error> for Damaged {
    fn from(_: tokio_postgres::Error) -> Self {
        Self
    }
}

/// All tags of a row in one value.
pub(super) fn tags_to_bytes(tags: &[Tag]) -> Vec<u8> {
    tags.iter().flat_map(|tag| tag.to_bytes()).collect()
}

/// All tags of a row.
pub(super) fn tags(bytes: &[u8]) -> Result<Vec<Tag>, Damaged> {
    let (tags, rest) = bytes.as_chunks::<16>();
    if rest.is_empty() { Ok(tags.iter().copied().map(Tag::from_bytes).collect()) } else { Err(Damaged) }
}

/// A row from the columns row_id, version, ord, tags, body, beginning at `at`.
pub(super) fn row(columns: &Columns, at: usize, partition: Partition, collection: Collection) -> Result<Row, Damaged> {
    let Id(row) = columns.try_get(at)?;
    Ok(Row {
        partition,
        collection,
        row: RowId::from_bytes(row),
        version: unsigned(columns.try_get(at + 1)?)?,
        order: columns.try_get(at + 2)?,
        tags: tags(columns.try_get(at + 3)?)?,
        body: columns.try_get::<_, &[u8]>(at + 4)?.to_vec(),
    })
}

/// A partition from the columns kind, partition_id, beginning at `at`.
pub(super) fn partition(columns: &Columns, at: usize) -> Result<Partition, Damaged> {
    let kind = u8::try_from(columns.try_get::<_, i16>(at)?).ok().and_then(PartitionKind::from_code).ok_or(Damaged)?;
    let Id(id) = columns.try_get(at + 1)?;
    Ok(Partition::new(kind, id))
}

/// A head from the columns revision, epoch, audit_count, audit_link, beginning at `at`.
pub(super) fn head(columns: &Columns, at: usize) -> Result<Head, Damaged> {
    let count: i64 = columns.try_get(at + 2)?;
    Ok(Head {
        revision: unsigned(columns.try_get(at)?)?,
        epoch: unsigned(columns.try_get(at + 1)?)?,
        // All 64 bits are kept: no sum is done on it here.
        audit: AuditHead { count: count.cast_unsigned(), link: array(columns.try_get(at + 3)?)? },
    })
}

/// A number that is never negative.
pub(super) fn unsigned(number: i64) -> Result<u64, Damaged> {
    u64::try_from(number).map_err(|_| Damaged)
}

/// Thirty-two bytes.
pub(super) fn array(bytes: &[u8]) -> Result<[u8; 32], Damaged> {
    bytes.try_into().map_err(|_| Damaged)
}
