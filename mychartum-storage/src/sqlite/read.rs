//! The five questions of the port, each answered from one state of the file, if the bucket may be read here.

use mychartum_core::port::storage::{Bucket, Collection, Direction, Due, Head, Partition, Position, Row, RowId, Scan};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::columns::{self, Key};
use super::standing::{Refusal, reading};
use super::statements;

pub(super) fn head(connection: &Connection, partition: Partition) -> Result<Head, Refusal> {
    reading(connection, partition.bucket(), |status| {
        Ok(stored_head(connection, partition)?.unwrap_or(Head { epoch: status.epoch, ..Head::EMPTY }))
    })
}

/// The head of a partition that was written to, whatever its bucket's state.
pub(super) fn stored_head(connection: &Connection, partition: Partition) -> rusqlite::Result<Option<Head>> {
    let key = Key::of(partition);
    let mut statement = connection.prepare_cached(statements::HEAD)?;
    statement.query_row((key.bucket, key.kind, key.id), |row| columns::head(row, 0)).optional()
}

pub(super) fn get(
    connection: &Connection,
    partition: Partition,
    collection: Collection,
    rows: &[RowId],
) -> Result<Vec<Row>, Refusal> {
    // All look-ups see one state: no reader sees a part of a change set.
    reading(connection, partition.bucket(), |_| {
        let key = Key::of(partition);
        let mut statement = connection.prepare_cached(statements::GET)?;
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            let place = (key.bucket, key.kind, key.id, collection.number(), row.to_bytes());
            found.extend(statement.query_row(place, |row| columns::row(row, partition, collection)).optional()?);
        }
        Ok(found)
    })
}

pub(super) fn scan(connection: &Connection, scan: &Scan) -> Result<Vec<Row>, Refusal> {
    reading(connection, scan.partition.bucket(), |_| match Range::of(scan) {
        Some(range) => scan_range(connection, scan, range),
        None => Ok(Vec::new()),
    })
}

fn scan_range(connection: &Connection, scan: &Scan, range: Range) -> rusqlite::Result<Vec<Row>> {
    let key = Key::of(scan.partition);
    let sql = match (scan.tag, scan.direction) {
        (None, Direction::Ascending) => statements::SCAN_UP,
        (None, Direction::Descending) => statements::SCAN_DOWN,
        (Some(_), Direction::Ascending) => statements::SCAN_TAG_UP,
        (Some(_), Direction::Descending) => statements::SCAN_TAG_DOWN,
    };
    let mut statement = connection.prepare_cached(sql)?;
    let (collection, limit) = (scan.collection.number(), scan.limit);
    let (after, id, last) = (range.after, range.id, range.last);
    let row = |row: &rusqlite::Row<'_>| columns::row(row, scan.partition, scan.collection);
    match scan.tag {
        None => {
            let bounds = params![key.bucket, key.kind, key.id, collection, after, id, last, limit];
            statement.query_map(bounds, row)?.collect()
        }
        Some(tag) => {
            let bounds = params![key.bucket, key.kind, key.id, collection, after, id, last, limit, tag.to_bytes()];
            statement.query_map(bounds, row)?.collect()
        }
    }
}

pub(super) fn due(connection: &Connection, due: &Due) -> Result<Vec<Row>, Refusal> {
    reading(connection, due.bucket, |_| {
        let mut statement = connection.prepare_cached(statements::DUE)?;
        let question = (due.bucket.number(), due.collection.number(), due.before, due.limit);
        statement.query_map(question, |row| columns::row(row, columns::partition(row, 5)?, due.collection))?.collect()
    })
}

pub(super) fn heads(
    connection: &Connection,
    bucket: Bucket,
    after: Option<Partition>,
    limit: u32,
) -> Result<Vec<(Partition, Head)>, Refusal> {
    reading(connection, bucket, |_| stored_heads(connection, bucket, after, limit))
}

/// The partitions of a bucket, whatever its state.
pub(super) fn stored_heads(
    connection: &Connection,
    bucket: Bucket,
    after: Option<Partition>,
    limit: u32,
) -> rusqlite::Result<Vec<(Partition, Head)>> {
    let mut statement = connection.prepare_cached(statements::HEADS)?;
    let (kind, id) = after.map_or((-1, Vec::new()), |after| (i64::from(after.kind().code()), after.id().to_vec()));
    let question = (bucket.number(), kind, id, limit);
    statement.query_map(question, |row| Ok((columns::partition(row, 0)?, columns::head(row, 2)?)))?.collect()
}

/// A scan's bounds: rows strictly after a position, up to and with the last order, in the scan's direction.
#[derive(Debug, PartialEq, Eq)]
struct Range {
    after: i64,
    id: Vec<u8>,
    last: i64,
}

impl Range {
    /// The bounds, or `None` where no order can lie between them.
    fn of(scan: &Scan) -> Option<Self> {
        let least = scan.from.unwrap_or(i64::MIN);
        let greatest = match scan.until {
            Some(until) => until.checked_sub(1)?,
            None => i64::MAX,
        };
        if least > greatest {
            return None;
        }
        let cursor: Option<(i64, Vec<u8>)> = scan.after.map(|at: Position| columns::position(at));
        let ((after, id), last) = match scan.direction {
            Direction::Ascending => {
                let edge = (least, columns::BEFORE_ALL_IDS.to_vec());
                (cursor.map_or(edge.clone(), |cursor| cursor.max(edge)), greatest)
            }
            Direction::Descending => {
                let edge = (greatest, columns::AFTER_ALL_IDS.to_vec());
                (cursor.map_or(edge.clone(), |cursor| cursor.min(edge)), least)
            }
        };
        Some(Self { after, id, last })
    }
}
