//! The SQL of custody: turning, installing and clearing buckets, and reading everything at one moment. None of it is hot.

use tokio_postgres::types::Type;

use super::names::Names;
use super::reading_sql::Statement;

/// All statements of custody.
#[derive(Debug)]
pub(super) struct Keeping {
    /// Every bucket: number, state, epoch.
    pub(super) buckets: Statement,
    /// Buckets: locks them against everything, and gives number, state, epoch.
    pub(super) lock_buckets: Statement,
    /// Buckets: locks them against turning, and gives number, state, epoch.
    pub(super) hold_buckets: Statement,
    /// Buckets: locks all their heads, and gives the buckets that have any.
    pub(super) lock_heads: Statement,
    /// Bucket, state, epoch.
    pub(super) turn: Statement,
    /// Buckets: gives their heads their epoch, where it is higher.
    pub(super) raise: Statement,
    /// Bucket, limit: gives kind and id of some of its partitions.
    pub(super) some_partitions: Statement,
    /// Bucket, kind, id: removes a partition, in this order.
    pub(super) remove: [Statement; 4],
    /// Bucket: removes what no partition owns.
    pub(super) sweep: [Statement; 3],
    /// Bucket, kind, id, collection, row, limit, bytes: a page of rows.
    pub(super) rows: Statement,
    /// Bucket, kind, id: the remembered change sets.
    pub(super) applied: Statement,
    /// Bucket, kind, id, limit: a page of heads.
    pub(super) heads: Statement,
}

const BUCKETS: &str = "SELECT bucket, state, epoch FROM {bucket} ORDER BY bucket";
const LOCK_BUCKETS: &str =
    "SELECT bucket, state, epoch FROM {bucket} WHERE bucket = ANY ($1) ORDER BY bucket FOR UPDATE";
const HOLD_BUCKETS: &str =
    "SELECT bucket, state, epoch FROM {bucket} WHERE bucket = ANY ($1) ORDER BY bucket FOR SHARE";
const LOCK_HEADS: &str = "SELECT DISTINCT bucket FROM (
        SELECT bucket FROM {head} WHERE bucket = ANY ($1) ORDER BY bucket, kind, partition_id FOR UPDATE
    ) h";
const TURN: &str = "UPDATE {bucket} SET state = $2, epoch = $3 WHERE bucket = $1";
const RAISE: &str = "UPDATE {head} h SET epoch = b.epoch FROM {bucket} b
    WHERE b.bucket = ANY ($1) AND h.bucket = b.bucket AND h.epoch < b.epoch";
const SOME_PARTITIONS: &str =
    "SELECT kind, partition_id FROM {head} WHERE bucket = $1 ORDER BY kind, partition_id LIMIT $2";

/// The head goes last: while it is there, the bucket counts as holding the partition.
const OWNED: [&str; 4] = ["{row_tag}", "{sealed_row}", "{applied}", "{head}"];

/// `before` is how many bytes of bodies come before a row in the page; their lengths are known without reading them.
const ROWS: &str = "SELECT row_id, version, ord, tags, body, collection FROM (
        SELECT page.*, sum(octet_length(body)) OVER (ORDER BY collection, row_id) - octet_length(body) AS before FROM (
            SELECT row_id, version, ord, tags, body, collection FROM {sealed_row}
            WHERE bucket = $1 AND kind = $2 AND partition_id = $3 AND (collection, row_id) > ($4, $5)
            ORDER BY collection, row_id LIMIT $6
        ) page
    ) measured WHERE before < $7 ORDER BY collection, row_id";

const APPLIED: &str = "SELECT change_set, digest, revision FROM {applied}
    WHERE bucket = $1 AND kind = $2 AND partition_id = $3 ORDER BY revision";

const HEADS: &str = "SELECT kind, partition_id, revision, epoch, audit_count, audit_link FROM {head}
    WHERE bucket = $1 AND (kind, partition_id) > ($2, $3) ORDER BY kind, partition_id LIMIT $4";

impl Keeping {
    pub(super) fn new(names: &Names) -> Self {
        let partition = [Type::INT2, Type::INT2, Type::UUID];
        let many = [Type::INT2_ARRAY];
        let remove = |table| {
            let sql = format!("DELETE FROM {table} WHERE bucket = $1 AND kind = $2 AND partition_id = $3");
            Statement::new(names, &sql, &partition)
        };
        let sweep = |table| Statement::new(names, &format!("DELETE FROM {table} WHERE bucket = $1"), &[Type::INT2]);
        let [tags, rows, applied, head] = OWNED;
        let page = [&partition[..], &[Type::INT4, Type::UUID, Type::INT8, Type::INT8]].concat();
        Self {
            buckets: Statement::new(names, BUCKETS, &[]),
            lock_buckets: Statement::new(names, LOCK_BUCKETS, &many),
            hold_buckets: Statement::new(names, HOLD_BUCKETS, &many),
            lock_heads: Statement::new(names, LOCK_HEADS, &many),
            turn: Statement::new(names, TURN, &[Type::INT2, Type::INT2, Type::INT8]),
            raise: Statement::new(names, RAISE, &many),
            some_partitions: Statement::new(names, SOME_PARTITIONS, &[Type::INT2, Type::INT8]),
            remove: [remove(tags), remove(rows), remove(applied), remove(head)],
            sweep: [sweep(tags), sweep(rows), sweep(applied)],
            rows: Statement::new(names, ROWS, &page),
            applied: Statement::new(names, APPLIED, &partition),
            heads: Statement::new(names, HEADS, &[Type::INT2, Type::INT2, Type::UUID, Type::INT8]),
        }
    }
}
