//! The SQL of reads and writes, in one place so that the plans can be checked.
//!
//! Parameters ?1, ?2, ?3 are always bucket, kind and id of the partition, except in `DUE`, `HEADS` and what is about whole
//! buckets.

/// One row for every bucket, with nulls for one that is as in a new storage.
pub(super) const STANDING: &str = "SELECT state, epoch FROM (SELECT 1) LEFT JOIN bucket ON bucket = ?1";

pub(super) const HEAD: &str = "SELECT revision, epoch, audit_count, audit_link
    FROM head WHERE bucket = ?1 AND kind = ?2 AND partition_id = ?3";

pub(super) const PUT_HEAD: &str =
    "INSERT INTO head (bucket, kind, partition_id, revision, epoch, audit_count, audit_link)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
    ON CONFLICT (bucket, kind, partition_id)
    DO UPDATE SET revision = excluded.revision, audit_count = excluded.audit_count, audit_link = excluded.audit_link";

pub(super) const HEADS: &str = "SELECT kind, partition_id, revision, epoch, audit_count, audit_link
    FROM head WHERE bucket = ?1 AND (kind, partition_id) > (?2, ?3)
    ORDER BY kind, partition_id LIMIT ?4";

pub(super) const APPLIED: &str = "SELECT digest, revision FROM applied
    WHERE bucket = ?1 AND kind = ?2 AND partition_id = ?3 AND change_set = ?4";

pub(super) const REMEMBER: &str = "INSERT INTO applied (bucket, kind, partition_id, slot, change_set, digest, revision)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
    ON CONFLICT (bucket, kind, partition_id, slot)
    DO UPDATE SET change_set = excluded.change_set, digest = excluded.digest, revision = excluded.revision";

pub(super) const STORED: &str = "SELECT version, ord, tags FROM sealed_row INDEXED BY sealed_row_by_id
    WHERE bucket = ?1 AND kind = ?2 AND partition_id = ?3 AND collection = ?4 AND row_id = ?5";

pub(super) const INSERT: &str =
    "INSERT INTO sealed_row (bucket, kind, partition_id, collection, ord, row_id, version, tags, body)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

pub(super) const UPDATE: &str = "UPDATE sealed_row SET version = ?7, tags = ?8, body = ?9
    WHERE bucket = ?1 AND kind = ?2 AND partition_id = ?3 AND collection = ?4 AND ord = ?5 AND row_id = ?6";

pub(super) const DELETE: &str = "DELETE FROM sealed_row
    WHERE bucket = ?1 AND kind = ?2 AND partition_id = ?3 AND collection = ?4 AND ord = ?5 AND row_id = ?6";

pub(super) const INSERT_TAG: &str = "INSERT INTO row_tag (bucket, kind, partition_id, collection, tag, ord, row_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

pub(super) const DELETE_TAG: &str = "DELETE FROM row_tag WHERE bucket = ?1 AND kind = ?2 AND partition_id = ?3
    AND collection = ?4 AND tag = ?5 AND ord = ?6 AND row_id = ?7";

pub(super) const GET: &str = "SELECT row_id, version, ord, tags, body FROM sealed_row INDEXED BY sealed_row_by_id
    WHERE bucket = ?1 AND kind = ?2 AND partition_id = ?3 AND collection = ?4 AND row_id = ?5";

/// The four scans. ?5 and ?6 are the position they start after, ?7 is the last order they include, ?8 the limit.
pub(super) const SCAN_UP: &str = "SELECT row_id, version, ord, tags, body FROM sealed_row
    WHERE bucket = ?1 AND kind = ?2 AND partition_id = ?3 AND collection = ?4
    AND (ord, row_id) > (?5, ?6) AND ord <= ?7
    ORDER BY ord, row_id LIMIT ?8";

pub(super) const SCAN_DOWN: &str = "SELECT row_id, version, ord, tags, body FROM sealed_row
    WHERE bucket = ?1 AND kind = ?2 AND partition_id = ?3 AND collection = ?4
    AND (ord, row_id) < (?5, ?6) AND ord >= ?7
    ORDER BY ord DESC, row_id DESC LIMIT ?8";

/// With a tag, which is ?9.
pub(super) const SCAN_TAG_UP: &str = "SELECT r.row_id, r.version, r.ord, r.tags, r.body
    FROM row_tag t CROSS JOIN sealed_row r
    ON r.bucket = t.bucket AND r.kind = t.kind AND r.partition_id = t.partition_id AND r.collection = t.collection
    AND r.ord = t.ord AND r.row_id = t.row_id
    WHERE t.bucket = ?1 AND t.kind = ?2 AND t.partition_id = ?3 AND t.collection = ?4 AND t.tag = ?9
    AND (t.ord, t.row_id) > (?5, ?6) AND t.ord <= ?7
    ORDER BY t.ord, t.row_id LIMIT ?8";

pub(super) const SCAN_TAG_DOWN: &str = "SELECT r.row_id, r.version, r.ord, r.tags, r.body
    FROM row_tag t CROSS JOIN sealed_row r
    ON r.bucket = t.bucket AND r.kind = t.kind AND r.partition_id = t.partition_id AND r.collection = t.collection
    AND r.ord = t.ord AND r.row_id = t.row_id
    WHERE t.bucket = ?1 AND t.kind = ?2 AND t.partition_id = ?3 AND t.collection = ?4 AND t.tag = ?9
    AND (t.ord, t.row_id) < (?5, ?6) AND t.ord >= ?7
    ORDER BY t.ord DESC, t.row_id DESC LIMIT ?8";

/// The second condition on the collection lets SQLite prove that the partial index covers the question.
pub(super) const DUE: &str = "SELECT row_id, version, ord, tags, body, kind, partition_id
    FROM sealed_row INDEXED BY sealed_row_due
    WHERE bucket = ?1 AND collection = ?2 AND collection >= 32768 AND ord < ?3
    ORDER BY ord, kind, partition_id, row_id LIMIT ?4";

/// Every bucket that is not as in a new storage.
pub(super) const STANDINGS: &str = "SELECT bucket, state, epoch FROM bucket ORDER BY bucket";

pub(super) const PUT_STANDING: &str = "INSERT INTO bucket (bucket, state, epoch) VALUES (?1, ?2, ?3)
    ON CONFLICT (bucket) DO UPDATE SET state = excluded.state, epoch = excluded.epoch";

/// Whether a bucket holds a partition.
pub(super) const HOLDS: &str = "SELECT EXISTS (SELECT 1 FROM head WHERE bucket = ?1)";

/// Fences the partitions of a bucket.
pub(super) const RAISE: &str = "UPDATE head SET epoch = ?2 WHERE bucket = ?1 AND epoch < ?2";

/// The rows of a partition in the order of (collection, row id), after one.
pub(super) const ROWS: &str = "SELECT row_id, version, ord, tags, body, collection
    FROM sealed_row INDEXED BY sealed_row_by_id
    WHERE bucket = ?1 AND kind = ?2 AND partition_id = ?3 AND (collection, row_id) > (?4, ?5)
    ORDER BY collection, row_id LIMIT ?6";

pub(super) const ALL_APPLIED: &str = "SELECT change_set, digest, revision FROM applied
    WHERE bucket = ?1 AND kind = ?2 AND partition_id = ?3 ORDER BY revision";

/// Empty a partition, each the part of it in one table.
pub(super) const EMPTY_PARTITION: [&str; 4] = [
    "DELETE FROM row_tag WHERE bucket = ?1 AND kind = ?2 AND partition_id = ?3",
    "DELETE FROM sealed_row WHERE bucket = ?1 AND kind = ?2 AND partition_id = ?3",
    "DELETE FROM applied WHERE bucket = ?1 AND kind = ?2 AND partition_id = ?3",
    "DELETE FROM head WHERE bucket = ?1 AND kind = ?2 AND partition_id = ?3",
];

/// Empty a bucket by slices, each the first ?2 rows and one more of one table. Heads go last: a bucket that still has one is
/// not empty.
pub(super) const EMPTY_BUCKET: [&str; 4] = [
    "DELETE FROM row_tag WHERE bucket = ?1 AND (kind, partition_id, collection, tag, ord, row_id) <= (
        SELECT kind, partition_id, collection, tag, ord, row_id FROM row_tag WHERE bucket = ?1
        ORDER BY kind, partition_id, collection, tag, ord, row_id LIMIT 1 OFFSET ?2)",
    "DELETE FROM sealed_row WHERE bucket = ?1 AND (kind, partition_id, collection, ord, row_id) <= (
        SELECT kind, partition_id, collection, ord, row_id FROM sealed_row WHERE bucket = ?1
        ORDER BY kind, partition_id, collection, ord, row_id LIMIT 1 OFFSET ?2)",
    "DELETE FROM applied WHERE bucket = ?1 AND (kind, partition_id, slot) <= (
        SELECT kind, partition_id, slot FROM applied WHERE bucket = ?1
        ORDER BY kind, partition_id, slot LIMIT 1 OFFSET ?2)",
    "DELETE FROM head WHERE bucket = ?1 AND (kind, partition_id) <= (
        SELECT kind, partition_id FROM head WHERE bucket = ?1 ORDER BY kind, partition_id LIMIT 1 OFFSET ?2)",
];

/// Empty the rest of a bucket, where no table has more rows than a slice.
pub(super) const EMPTY_REST: [&str; 4] = [
    "DELETE FROM row_tag WHERE bucket = ?1",
    "DELETE FROM sealed_row WHERE bucket = ?1",
    "DELETE FROM applied WHERE bucket = ?1",
    "DELETE FROM head WHERE bucket = ?1",
];

/// How many statements a connection keeps prepared: all of those that are used again and again.
pub(super) const COUNT: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::migrate::{MIGRATIONS, migrate};
    use rusqlite::Connection;

    /// What SQLite plans for a statement, one step a line.
    fn plan(connection: &Connection, sql: &str) -> String {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let lines: Vec<String> = statement.raw_query().mapped(|row| row.get(3)).map(Result::unwrap).collect();
        lines.join("\n")
    }

    #[test]
    fn no_read_sorts_or_walks_a_whole_table() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, MIGRATIONS).unwrap();
        let port = [HEAD, HEADS, APPLIED, STORED, GET, SCAN_UP, SCAN_DOWN, SCAN_TAG_UP, SCAN_TAG_DOWN, DUE];
        let custody = [HOLDS, RAISE, ROWS].into_iter().chain(EMPTY_PARTITION).chain(EMPTY_BUCKET).chain(EMPTY_REST);
        for sql in port.into_iter().chain(custody) {
            let plan = plan(&connection, sql);
            assert!(!plan.contains("TEMP B-TREE"), "{sql}\n{plan}");
            assert!(!plan.replace("SCAN CONSTANT ROW", "").contains("SCAN"), "{sql}\n{plan}");
        }
    }

    #[test]
    fn how_a_bucket_stands_is_one_look_up() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, MIGRATIONS).unwrap();
        let plan = plan(&connection, STANDING);
        assert!(plan.contains("SEARCH bucket USING INTEGER PRIMARY KEY"), "{plan}");
    }

    #[test]
    fn scans_use_both_ends_of_their_range() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, MIGRATIONS).unwrap();
        for sql in [SCAN_UP, SCAN_DOWN, SCAN_TAG_UP, SCAN_TAG_DOWN] {
            let plan = plan(&connection, sql);
            let first = plan.lines().next().unwrap();
            assert!(first.contains("(ord,row_id)>") || first.contains("(ord,row_id)<"), "{plan}");
            assert!(first.contains("ord<") || first.contains("ord>"), "{plan}");
        }
    }
}
