//! The SQL of reads. Each is one statement, and sees the state of its bucket and the rows at the same moment.
//!
//! Parameters $1, $2, $3 are always bucket, kind and id of the partition, except in `due` and `heads`. Each answer has at
//! least one row, that of the bucket; the columns of the rows asked for are null where there is none. `LATERAL` with a
//! `LIMIT` fixes the order of the joins, and the form of the bucket (`bucket`, `- bucket`, `~ bucket`) names the index, so
//! that the plan is one walk along one index, whatever the planner believes about the data.

use tokio_postgres::types::Type;

use super::names::Names;

/// One statement and the types of its parameters.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) sql: String,
    pub(super) types: Vec<Type>,
}

impl Statement {
    pub(super) fn new(names: &Names, sql: &str, types: &[Type]) -> Self {
        Self { sql: names.fill(sql), types: types.to_vec() }
    }
}

/// All statements that read.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) head: Statement,
    pub(super) get: Statement,
    pub(super) scan_up: Statement,
    pub(super) scan_down: Statement,
    pub(super) tag_up: Statement,
    pub(super) tag_down: Statement,
    pub(super) due: Statement,
    pub(super) heads: Statement,
}

const PARTITION: [Type; 3] = [Type::INT2, Type::INT2, Type::UUID];

const HEAD: &str = "SELECT b.state, b.epoch, h.revision, h.epoch, h.audit_count, h.audit_link
    FROM {bucket} b LEFT JOIN {head} h ON h.bucket = b.bucket AND h.kind = $2 AND h.partition_id = $3
    WHERE b.bucket = $1";

const GET: &str = "SELECT b.state, r.row_id, r.version, r.ord, r.tags, r.body
    FROM {bucket} b LEFT JOIN LATERAL (
        SELECT found.* FROM UNNEST($5) AS q (row_id) CROSS JOIN LATERAL (
            SELECT row_id, version, ord, tags, body FROM {sealed_row}
            WHERE bucket = $1 AND kind = $2 AND partition_id = $3 AND collection = $4 AND row_id = q.row_id LIMIT 1
        ) found
    ) r ON true
    WHERE b.bucket = $1";

/// The four scans. $5 and $6 are the first position, $7 is the last order they include, $8 the limit.
const SCAN: &str = "SELECT b.state, r.row_id, r.version, r.ord, r.tags, r.body
    FROM {bucket} b LEFT JOIN LATERAL (
        SELECT row_id, version, ord, tags, body FROM {sealed_row}
        WHERE bucket = $1 AND - bucket = - $1 AND kind = $2 AND partition_id = $3 AND collection = $4
        AND (ord, row_id) >= ($5, $6) AND ord <= $7
        ORDER BY ord, row_id LIMIT $8
    ) r ON true
    WHERE b.bucket = $1";

/// With a tag, which is $9. A tag whose row is not there comes back with nulls.
const TAG: &str = "SELECT b.state, r.row_id, r.version, r.ord, r.tags, r.body, t.row_id
    FROM {bucket} b LEFT JOIN LATERAL (
        SELECT ord, row_id FROM {row_tag}
        WHERE bucket = $1 AND kind = $2 AND partition_id = $3 AND collection = $4 AND tag = $9
        AND (ord, row_id) >= ($5, $6) AND ord <= $7
        ORDER BY ord, row_id LIMIT $8
    ) t ON true
    LEFT JOIN LATERAL (
        SELECT row_id, version, ord, tags, body FROM {sealed_row}
        WHERE bucket = $1 AND kind = $2 AND partition_id = $3 AND collection = $4 AND row_id = t.row_id
        LIMIT 1
    ) r ON true
    WHERE b.bucket = $1";

/// The second condition on the collection lets PostgreSQL prove that the partial index covers the question.
const DUE: &str = "SELECT b.state, r.row_id, r.version, r.ord, r.tags, r.body, r.kind, r.partition_id
    FROM {bucket} b LEFT JOIN LATERAL (
        SELECT row_id, version, ord, tags, body, kind, partition_id FROM {sealed_row}
        WHERE bucket = $1 AND ~ bucket = ~ $1 AND collection = $2 AND collection >= 32768 AND ord < $3
        ORDER BY ord, kind, partition_id, row_id LIMIT $4
    ) r ON true
    WHERE b.bucket = $1";

const HEADS: &str = "SELECT b.state, h.kind, h.partition_id, h.revision, h.epoch, h.audit_count, h.audit_link
    FROM {bucket} b LEFT JOIN LATERAL (
        SELECT kind, partition_id, revision, epoch, audit_count, audit_link FROM {head}
        WHERE bucket = $1 AND (kind, partition_id) > ($2, $3)
        ORDER BY kind, partition_id LIMIT $4
    ) h ON true
    WHERE b.bucket = $1";

impl Reading {
    pub(super) fn new(names: &Names) -> Self {
        let scan = [&PARTITION[..], &[Type::INT4, Type::INT8, Type::UUID, Type::INT8, Type::INT8]].concat();
        let tag = [&scan[..], &[Type::UUID]].concat();
        let get = [&PARTITION[..], &[Type::INT4, Type::UUID_ARRAY]].concat();
        Self {
            head: Statement::new(names, HEAD, &PARTITION),
            get: Statement::new(names, GET, &get),
            scan_up: Statement::new(names, SCAN, &scan),
            scan_down: Statement::new(names, &downwards(SCAN), &scan),
            tag_up: Statement::new(names, TAG, &tag),
            tag_down: Statement::new(names, &downwards(TAG), &tag),
            due: Statement::new(names, DUE, &[Type::INT2, Type::INT4, Type::INT8, Type::INT8]),
            heads: Statement::new(names, HEADS, &[Type::INT2, Type::INT2, Type::UUID, Type::INT8]),
        }
    }
}

/// The same scan from the other end.
fn downwards(scan: &str) -> String {
    scan.replace("(ord, row_id) >= ($5, $6) AND ord <= $7", "(ord, row_id) <= ($5, $6) AND ord >= $7")
        .replace("ORDER BY ord, row_id", "ORDER BY ord DESC, row_id DESC")
}
