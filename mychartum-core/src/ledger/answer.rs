//! Whether storage answered what it was asked.
//!
//! INVARIANT (what was asked for): a row reaches the rooms above only if it is of the partition and collection that were asked
//! for, is one of the ids or carries the tag, lies in the range, and stands in order behind the rows before it. The seal proves
//! that a row is whole; it cannot prove that it is the one that was asked for.

use crate::port::storage::{Collection, Direction, Partition, Position, Row, RowId, Scan};

/// Whether these rows can be the answer of `get` (promise 9 of the port).
pub(super) fn answers_get(partition: Partition, collection: Collection, ids: &[RowId], rows: &[Row]) -> bool {
    let own = |row: &Row| row.partition == partition && row.collection == collection && ids.contains(&row.row);
    rows.len() <= ids.len() && rows.iter().all(own)
}

/// Whether these rows can be the answer of `scan` (promises 9 to 12 of the port).
///
/// That none is missing cannot be seen from here.
pub(super) fn answers_scan(scan: &Scan, rows: &[Row]) -> bool {
    let own = |row: &Row| {
        row.partition == scan.partition
            && row.collection == scan.collection
            && scan.tag.is_none_or(|tag| row.tags.contains(&tag))
            && scan.from.is_none_or(|from| row.order >= from)
            && scan.until.is_none_or(|until| row.order < until)
    };
    let mut before = scan.after;
    let mut follows = |row: &Row| {
        let position = row.position();
        let follows = before.is_none_or(|before: Position| match scan.direction {
            Direction::Ascending => position > before,
            Direction::Descending => position < before,
        });
        before = Some(position);
        follows
    };
    rows.len() <= scan.limit as usize && rows.iter().all(|row| own(row) && follows(row))
}
