//! What the database's catalog holds under our names.

use std::collections::{BTreeMap, BTreeSet};

use mychartum_core::port::storage::{StorageError, StorageErrorKind};
use tokio_postgres::types::Type;

use super::failure;
use super::migrate::ledger_statement;
use super::names::{Names, TABLES};
use super::reading_sql::Statement;
use super::session::Session;

/// The ledger's columns, by which it is known as ours.
const LEDGER_COLUMNS: [(&str, &str); 3] = [("version", "integer"), ("name", "text"), ("sha256", "bytea")];

/// A table, with the version of the schema that makes it.
struct Table {
    since: u32,
    name: &'static str,
    columns: &'static [(&'static str, &'static str)],
    indexes: &'static [&'static str],
}

/// All tables but the ledger.
const CONTENTS: [Table; 5] = [
    Table {
        since: 1,
        name: "bucket",
        columns: &[("bucket", "smallint"), ("state", "smallint"), ("epoch", "bigint")],
        indexes: &["bucket_pkey"],
    },
    Table {
        since: 1,
        name: "head",
        columns: &[
            ("bucket", "smallint"),
            ("kind", "smallint"),
            ("partition_id", "uuid"),
            ("revision", "bigint"),
            ("epoch", "bigint"),
            ("audit_count", "bigint"),
            ("audit_link", "bytea"),
        ],
        indexes: &["head_pkey"],
    },
    Table {
        since: 1,
        name: "sealed_row",
        columns: &[
            ("bucket", "smallint"),
            ("kind", "smallint"),
            ("partition_id", "uuid"),
            ("collection", "integer"),
            ("ord", "bigint"),
            ("row_id", "uuid"),
            ("version", "bigint"),
            ("tags", "bytea"),
            ("body", "bytea"),
        ],
        indexes: &["sealed_row_pkey", "sealed_row_in_order", "sealed_row_due"],
    },
    Table {
        since: 1,
        name: "row_tag",
        columns: &[
            ("bucket", "smallint"),
            ("kind", "smallint"),
            ("partition_id", "uuid"),
            ("collection", "integer"),
            ("tag", "uuid"),
            ("ord", "bigint"),
            ("row_id", "uuid"),
        ],
        indexes: &["row_tag_pkey"],
    },
    Table {
        since: 1,
        name: "applied",
        columns: &[
            ("bucket", "smallint"),
            ("kind", "smallint"),
            ("partition_id", "uuid"),
            ("slot", "smallint"),
            ("change_set", "uuid"),
            ("digest", "bytea"),
            ("revision", "bigint"),
        ],
        indexes: &["applied_pkey"],
    },
];

/// Ordinary or partitioned tables and usable indexes only: a view or a half-built index under our name is not ours.
const RELATIONS: &str = "SELECT c.relname::text FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
    WHERE n.nspname = $1 AND (c.relkind IN ('r', 'p') OR i.indisvalid)";

const COLUMNS: &str = "SELECT c.relname::text, a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod)
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
    WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped";

const SCHEMA: &str = "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1";

/// How many rows the table of buckets must have.
const BUCKETS: &str = "SELECT count(*) FROM {bucket}";

/// What is there under our names.
pub(super) struct Inventory {
    has_schema: bool,
    /// Our tables and anything else that bears the name of one, without the prefix.
    tables: BTreeMap<String, BTreeSet<(String, String)>>,
    relations: BTreeSet<String>,
    ledger: Option<Vec<(i32, Vec<u8>)>>,
    buckets: i64,
}

impl Inventory {
    /// Reads the catalog; changes nothing.
    ///
    /// # Errors
    /// `Unavailable`, `Unsupported` for a ledger that is not ours.
    pub(super) async fn take(session: &Session, names: &Names) -> Result<Self, StorageError> {
        let ask = async |sql: &str| {
            let statement = Statement { sql: sql.to_owned(), types: vec![Type::TEXT] };
            session.query(&session.ready(&statement).await?, &[&names.schema()]).await
        };
        let fail = |error| failure::of(&error, "open");
        let has_schema = !ask(SCHEMA).await.map_err(fail)?.is_empty();
        let mut relations = BTreeSet::new();
        for row in ask(RELATIONS).await.map_err(fail)? {
            relations.insert(row.try_get(0).map_err(fail)?);
        }
        let mut tables: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
        for row in ask(COLUMNS).await.map_err(fail)? {
            let column = (row.try_get(1).map_err(fail)?, row.try_get(2).map_err(fail)?);
            tables.entry(row.try_get(0).map_err(fail)?).or_default().insert(column);
        }
        let ours: BTreeSet<String> = TABLES.iter().map(|table| names.bare(table)).collect();
        tables.retain(|table, _| ours.contains(table));
        let mut inventory = Self { has_schema, tables, relations, ledger: None, buckets: 0 };
        inventory.read_ledger(session, names).await?;
        Ok(inventory)
    }

    async fn read_ledger(&mut self, session: &Session, names: &Names) -> Result<(), StorageError> {
        let fail = |error| failure::of(&error, "open");
        let Some(columns) = self.tables.get(&names.bare("schema_migration")) else { return Ok(()) };
        let ours: BTreeSet<(String, String)> = LEDGER_COLUMNS.map(|(name, kind)| (name.into(), kind.into())).into();
        if *columns != ours {
            let foreign = "open (another program's table of migrations)";
            return Err(StorageError::new(StorageErrorKind::Unsupported, foreign));
        }
        let statement = ledger_statement(names);
        let rows = session.query(&session.ready(&statement).await.map_err(fail)?, &[]).await.map_err(fail)?;
        let read = |row: &tokio_postgres::Row| Ok((row.try_get(0)?, row.try_get(1)?));
        let applied: Result<Vec<(i32, Vec<u8>)>, tokio_postgres::Error> = rows.iter().map(read).collect();
        self.ledger = Some(applied.map_err(fail)?);
        if self.tables.contains_key(&names.bare("bucket")) {
            let statement = Statement::new(names, BUCKETS, &[]);
            let rows = session.query(&session.ready(&statement).await.map_err(fail)?, &[]).await.map_err(fail)?;
            self.buckets = rows.first().map_or(Ok(0), |row| row.try_get(0)).map_err(fail)?;
        }
        Ok(())
    }

    /// Whether the schema itself is there.
    pub(super) const fn has_schema(&self) -> bool {
        self.has_schema
    }

    /// Whether nothing bears the name of one of our tables.
    pub(super) fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    /// The applied migrations (number, SHA-256), if there is a ledger.
    pub(super) fn ledger(&self) -> Option<&[(i32, Vec<u8>)]> {
        self.ledger.as_deref()
    }

    /// What should be there at a version and is not, by name; also what is there before its time.
    pub(super) fn missing(&self, names: &Names, version: u32) -> Vec<String> {
        let mut missing = Vec::new();
        for Table { since, name, columns, indexes } in CONTENTS {
            let table = names.bare(name);
            let there = self.tables.get(&table).filter(|_| self.relations.contains(&table));
            if since > version {
                // A table of a later version, although that version was not recorded.
                missing.extend(self.tables.contains_key(&table).then(|| format!("record of table {table}")));
                continue;
            }
            let Some(there) = there else {
                missing.push(format!("table {table}"));
                continue;
            };
            for (column, kind) in columns {
                if !there.contains(&((*column).to_owned(), (*kind).to_owned())) {
                    missing.push(format!("column {table}.{column} {kind}"));
                }
            }
            let indexes = indexes.iter().map(|index| names.bare(index));
            missing
                .extend(indexes.filter(|index| !self.relations.contains(index)).map(|index| format!("index {index}")));
        }
        if version > 0 && missing.is_empty() && self.buckets != i64::from(mychartum_core::port::storage::Bucket::COUNT)
        {
            missing.push(format!("rows of table {}", names.bare("bucket")));
        }
        missing
    }
}
