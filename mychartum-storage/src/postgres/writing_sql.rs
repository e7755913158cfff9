//! The SQL of writes, in two forms that take the same columns and give the same answers.
//!
//! *Many*: the rows of all change sets of a group go into a statement as arrays, one a column. *Single*: each row is a
//! statement of its own with the bucket as a plain parameter, so that an engine that distributes tables by bucket sends it
//! to one place. Both are pipelined, so both cost the same round trips.

use tokio_postgres::types::Type;

use super::names::Names;
use super::reading_sql::Statement;

/// Which form the statements have, and with it how far a transaction reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Arrays; a transaction may span buckets.
    Many,
    /// Plain parameters; a transaction holds change sets of one bucket only.
    Single,
}

/// All statements of a transaction that commits change sets.
///
/// `n` is a change set's place in its group, and `k` a row's place in its change set.
#[derive(Debug)]
pub(super) struct Writing {
    pub(super) form: Form,
    /// [`HOLD`]: keeps a bucket from being turned while a partition is made in it.
    pub(super) hold_bucket: Statement,
    /// [`LOCK`]: locks heads in the order given, and gives n, revision, epoch.
    pub(super) lock_head: Statement,
    /// [`KNOWN`]: gives n, state and epoch of the bucket, and digest and revision if the change set was applied.
    pub(super) known: Statement,
    /// [`STORED`]: gives n, k, version, order, tags of the rows that are there.
    pub(super) stored: Statement,
    /// [`HEAD`]: fails if the partition exists.
    pub(super) new_head: Statement,
    /// [`HEAD`]: the epoch stays as it is.
    pub(super) next_head: Statement,
    /// [`APPLIED`].
    pub(super) remember: Statement,
    /// [`TAG`].
    pub(super) untag: Statement,
    /// [`PLACE`].
    pub(super) delete: Statement,
    /// [`ROW`], of a row that is not there: fails if it is. Half the work of [`replace`](Self::replace).
    pub(super) insert: Statement,
    /// [`ROW`], of a row that is there.
    pub(super) replace: Statement,
    /// [`TAG`].
    pub(super) tag: Statement,
}

/// A column: its name, its type, and the type of an array of it.
struct Column(&'static str, Type, Type);

const N: Column = Column("n", Type::INT4, Type::INT4_ARRAY);
const K: Column = Column("k", Type::INT4, Type::INT4_ARRAY);
const BUCKET: Column = Column("bucket", Type::INT2, Type::INT2_ARRAY);
const KIND: Column = Column("kind", Type::INT2, Type::INT2_ARRAY);
const PARTITION: Column = Column("partition_id", Type::UUID, Type::UUID_ARRAY);
const COLLECTION: Column = Column("collection", Type::INT4, Type::INT4_ARRAY);
const ROW_ID: Column = Column("row_id", Type::UUID, Type::UUID_ARRAY);
const VERSION: Column = Column("version", Type::INT8, Type::INT8_ARRAY);
const ORD: Column = Column("ord", Type::INT8, Type::INT8_ARRAY);
const TAG_ID: Column = Column("tag", Type::UUID, Type::UUID_ARRAY);
const TAGS: Column = Column("tags", Type::BYTEA, Type::BYTEA_ARRAY);
const BODY: Column = Column("body", Type::BYTEA, Type::BYTEA_ARRAY);
const REVISION: Column = Column("revision", Type::INT8, Type::INT8_ARRAY);
const EPOCH: Column = Column("epoch", Type::INT8, Type::INT8_ARRAY);
const COUNT: Column = Column("audit_count", Type::INT8, Type::INT8_ARRAY);
const LINK: Column = Column("audit_link", Type::BYTEA, Type::BYTEA_ARRAY);
const SLOT: Column = Column("slot", Type::INT2, Type::INT2_ARRAY);
const CHANGE_SET: Column = Column("change_set", Type::UUID, Type::UUID_ARRAY);
const DIGEST: Column = Column("digest", Type::BYTEA, Type::BYTEA_ARRAY);

const HOLD: [Column; 1] = [BUCKET];
const LOCK: [Column; 4] = [BUCKET, KIND, PARTITION, N];
const KNOWN: [Column; 5] = [BUCKET, KIND, PARTITION, N, CHANGE_SET];
const STORED: [Column; 7] = [BUCKET, KIND, PARTITION, N, K, COLLECTION, ROW_ID];
const PLACE: [Column; 5] = [BUCKET, KIND, PARTITION, COLLECTION, ROW_ID];
const HEAD: [Column; 7] = [BUCKET, KIND, PARTITION, REVISION, EPOCH, COUNT, LINK];
const APPLIED: [Column; 7] = [BUCKET, KIND, PARTITION, SLOT, CHANGE_SET, DIGEST, REVISION];
const TAG: [Column; 7] = [BUCKET, KIND, PARTITION, COLLECTION, TAG_ID, ORD, ROW_ID];
const ROW: [Column; 9] = [BUCKET, KIND, PARTITION, COLLECTION, ROW_ID, VERSION, ORD, TAGS, BODY];

/// `LATERAL` fixes the order: locks are taken in the order of the arrays, and each look-up is a walk down one index.
const HOLD_MANY: &str = "SELECT b.held FROM {q} CROSS JOIN LATERAL (
        SELECT 1 AS held FROM {bucket} WHERE bucket = q.bucket FOR SHARE
    ) b";
const HOLD_SINGLE: &str = "SELECT 1 AS held FROM {bucket} WHERE bucket = $1 FOR SHARE";

const LOCK_MANY: &str = "SELECT q.n, h.revision, h.epoch FROM {q} CROSS JOIN LATERAL (
        SELECT revision, epoch FROM {head}
        WHERE bucket = q.bucket AND kind = q.kind AND partition_id = q.partition_id FOR UPDATE
    ) h";
const LOCK_SINGLE: &str = "SELECT $4::int4 AS n, revision, epoch FROM {head}
    WHERE bucket = $1 AND kind = $2 AND partition_id = $3 FOR UPDATE";

const KNOWN_MANY: &str = "SELECT q.n, b.state, b.epoch, a.digest, a.revision FROM {q} CROSS JOIN LATERAL (
        SELECT state, epoch FROM {bucket} WHERE bucket = q.bucket LIMIT 1
    ) b LEFT JOIN LATERAL (
        SELECT digest, revision FROM {applied}
        WHERE bucket = q.bucket AND kind = q.kind AND partition_id = q.partition_id AND change_set = q.change_set LIMIT 1
    ) a ON true";
const KNOWN_SINGLE: &str = "SELECT $4::int4 AS n, b.state, b.epoch, a.digest, a.revision
    FROM {bucket} b LEFT JOIN {applied} a
    ON a.bucket = b.bucket AND a.kind = $2 AND a.partition_id = $3 AND a.change_set = $5
    WHERE b.bucket = $1";

const STORED_MANY: &str = "SELECT q.n, q.k, r.version, r.ord, r.tags FROM {q} CROSS JOIN LATERAL (
        SELECT version, ord, tags FROM {sealed_row} WHERE bucket = q.bucket AND kind = q.kind
        AND partition_id = q.partition_id AND collection = q.collection AND row_id = q.row_id LIMIT 1
    ) r";
const STORED_SINGLE: &str = "SELECT $4::int4 AS n, $5::int4 AS k, version, ord, tags FROM {sealed_row}
    WHERE bucket = $1 AND kind = $2 AND partition_id = $3 AND collection = $6 AND row_id = $7";

const UNTAG_MANY: &str = "DELETE FROM {row_tag} t USING {q} WHERE t.bucket = q.bucket AND t.kind = q.kind
    AND t.partition_id = q.partition_id AND t.collection = q.collection AND t.tag = q.tag AND t.ord = q.ord
    AND t.row_id = q.row_id";
const UNTAG_SINGLE: &str = "DELETE FROM {row_tag} WHERE bucket = $1 AND kind = $2 AND partition_id = $3
    AND collection = $4 AND tag = $5 AND ord = $6 AND row_id = $7";

const DELETE_MANY: &str = "DELETE FROM {sealed_row} r USING {q} WHERE r.bucket = q.bucket AND r.kind = q.kind
    AND r.partition_id = q.partition_id AND r.collection = q.collection AND r.row_id = q.row_id";
const DELETE_SINGLE: &str = "DELETE FROM {sealed_row}
    WHERE bucket = $1 AND kind = $2 AND partition_id = $3 AND collection = $4 AND row_id = $5";

const NEXT_HEAD: &str = "ON CONFLICT (bucket, kind, partition_id) DO UPDATE SET
    revision = excluded.revision, audit_count = excluded.audit_count, audit_link = excluded.audit_link";
const REMEMBER: &str = "ON CONFLICT (bucket, kind, partition_id, slot) DO UPDATE SET
    change_set = excluded.change_set, digest = excluded.digest, revision = excluded.revision";
const REPLACE: &str = "ON CONFLICT (bucket, kind, partition_id, collection, row_id) DO UPDATE SET
    version = excluded.version, ord = excluded.ord, tags = excluded.tags, body = excluded.body";

impl Writing {
    pub(super) fn new(names: &Names, form: Form) -> Self {
        let make = |columns: &[Column], many: &str, single: &str| match form {
            Form::Many => {
                let types: Vec<Type> = columns.iter().map(|column| column.2.clone()).collect();
                Statement::new(names, &many.replace("{q}", &rows(columns)), &types)
            }
            Form::Single => {
                let types: Vec<Type> = columns.iter().map(|column| column.1.clone()).collect();
                Statement::new(names, single, &types)
            }
        };
        let insert = |table: &str, columns: &[Column], rest: &str| {
            let called = list(columns, |_, column| column.0.to_owned());
            let values = list(columns, |number, _| format!("${number}"));
            let many = format!("INSERT INTO {table} ({called}) SELECT {called} FROM {{q}} {rest}");
            let single = format!("INSERT INTO {table} ({called}) VALUES ({values}) {rest}");
            make(columns, &many, &single)
        };
        Self {
            form,
            hold_bucket: make(&HOLD, HOLD_MANY, HOLD_SINGLE),
            lock_head: make(&LOCK, LOCK_MANY, LOCK_SINGLE),
            known: make(&KNOWN, KNOWN_MANY, KNOWN_SINGLE),
            stored: make(&STORED, STORED_MANY, STORED_SINGLE),
            new_head: insert("{head}", &HEAD, ""),
            next_head: insert("{head}", &HEAD, NEXT_HEAD),
            remember: insert("{applied}", &APPLIED, REMEMBER),
            untag: make(&TAG, UNTAG_MANY, UNTAG_SINGLE),
            delete: make(&PLACE, DELETE_MANY, DELETE_SINGLE),
            insert: insert("{sealed_row}", &ROW, ""),
            replace: insert("{sealed_row}", &ROW, REPLACE),
            tag: insert("{row_tag}", &TAG, ""),
        }
    }
}

/// The rows that the arrays make together, called `q`.
fn rows(columns: &[Column]) -> String {
    let arrays = list(columns, |number, _| format!("${number}"));
    let called = list(columns, |_, column| column.0.to_owned());
    format!("UNNEST({arrays}) AS q ({called})")
}

fn list(columns: &[Column], each: impl Fn(usize, &Column) -> String) -> String {
    (1..).zip(columns).map(|(number, column)| each(number, column)).collect::<Vec<_>>().join(", ")
}
