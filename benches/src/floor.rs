//! The floor: bare rusqlite on one connection, with the same pragmas and the same clustered table as our storage.

use std::path::Path;

use mychartum_core::port::storage::{Collection, Partition, Put};
use rusqlite::{Connection, params};

/// A connection of its own, set up as the storage sets up its own ones.
#[derive(Debug)]
pub struct Floor {
    connection: Connection,
    table: &'static str,
}

/// A row as bare rusqlite gives it: id, version, order, tags, body.
pub type BareRow = ([u8; 16], i64, i64, Vec<u8>, Vec<u8>);

impl Floor {
    /// A second connection to our own file: the very same rows.
    ///
    /// # Panics
    /// If anything fails.
    #[must_use]
    pub fn on(ours: &Path) -> Self {
        Self { connection: connect(ours), table: "sealed_row" }
    }

    /// A file of its own with an equal table: the same columns, key and rows, and nothing else.
    ///
    /// # Panics
    /// If anything fails.
    #[must_use]
    pub fn copy(ours: &Path, path: &Path) -> Self {
        let connection = connect(path);
        connection
            .execute_batch(
                "CREATE TABLE bare_row (
                    bucket INTEGER NOT NULL, kind INTEGER NOT NULL, partition_id BLOB NOT NULL,
                    collection INTEGER NOT NULL, ord INTEGER NOT NULL, row_id BLOB NOT NULL,
                    version INTEGER NOT NULL, tags BLOB NOT NULL, body BLOB NOT NULL,
                    PRIMARY KEY (bucket, kind, partition_id, collection, ord, row_id)
                ) STRICT, WITHOUT ROWID",
            )
            .unwrap();
        connection.execute("ATTACH ?1 AS ours", [ours.to_str().unwrap()]).unwrap();
        connection
            .execute_batch(
                "INSERT INTO bare_row SELECT bucket, kind, partition_id, collection, ord, row_id, version, tags, body
                FROM ours.sealed_row; DETACH ours; PRAGMA wal_checkpoint(TRUNCATE)",
            )
            .unwrap();
        Self { connection, table: "bare_row" }
    }

    /// A file of its own with the very tables and indexes that our rows and their tags have, and no rows.
    ///
    /// # Panics
    /// If anything fails.
    #[must_use]
    pub fn same_layout(ours: &Path, path: &Path) -> Self {
        let connection = connect(path);
        let ours = connect(ours);
        let mut schema = ours
            .prepare(
                "SELECT sql FROM sqlite_schema WHERE tbl_name IN ('sealed_row', 'row_tag') AND sql IS NOT NULL
                ORDER BY type DESC",
            )
            .unwrap();
        for sql in schema.query_map([], |row| row.get::<_, String>(0)).unwrap() {
            connection.execute_batch(&sql.unwrap()).unwrap();
        }
        Self { connection, table: "sealed_row" }
    }

    /// Inserts rows and their tags in one transaction; they are durable when this returns.
    ///
    /// # Panics
    /// If anything fails.
    pub fn insert_all(&self, partition: Partition, puts: &[Put]) {
        let run = |sql: &str| self.connection.prepare_cached(sql).unwrap().execute([]).unwrap();
        run("BEGIN IMMEDIATE");
        let row = "INSERT INTO sealed_row (bucket, kind, partition_id, collection, ord, row_id, version, tags, body)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        let tag = "INSERT INTO row_tag (bucket, kind, partition_id, collection, tag, ord, row_id)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let mut row = self.connection.prepare_cached(row).unwrap();
        let mut tagged = self.connection.prepare_cached(tag).unwrap();
        let (bucket, kind, id) = (partition.bucket().number(), partition.kind().code(), partition.id());
        for put in puts {
            let (collection, place) = (put.collection.number(), put.row.to_bytes());
            let tags: Vec<u8> = put.tags.iter().flat_map(|tag| tag.to_bytes()).collect();
            row.execute(params![
                bucket,
                kind,
                id,
                collection,
                put.order,
                place,
                put.version.cast_signed(),
                tags,
                put.body
            ])
            .unwrap();
            for tag in &put.tags {
                tagged.execute(params![bucket, kind, id, collection, tag.to_bytes(), put.order, place]).unwrap();
            }
        }
        run("COMMIT");
    }

    /// Inserts all rows and tags of one of our files in one transaction, in the order that they lie in.
    ///
    /// # Panics
    /// If anything fails.
    pub fn insert_from(&self, ours: &Path) {
        self.connection.execute("ATTACH ?1 AS ours", [ours.to_str().unwrap()]).unwrap();
        let all = "BEGIN; INSERT INTO sealed_row SELECT * FROM ours.sealed_row; INSERT INTO row_tag SELECT * FROM ours.row_tag;
            COMMIT; DETACH ours; PRAGMA wal_checkpoint(TRUNCATE)";
        self.connection.execute_batch(all).unwrap();
    }

    /// Has SQLite write a copy of the whole file, and syncs it.
    ///
    /// # Panics
    /// If anything fails.
    pub fn vacuum_into(&self, path: &Path) {
        self.connection.execute("VACUUM INTO ?1", [path.to_str().unwrap()]).unwrap();
        std::fs::File::open(path).unwrap().sync_all().unwrap();
    }

    /// Reads the rows of a collection with the greatest order, by a prepared statement.
    ///
    /// # Panics
    /// If anything fails.
    #[must_use]
    pub fn latest(&self, partition: Partition, collection: Collection, limit: u32) -> Vec<BareRow> {
        let sql = format!(
            "SELECT row_id, version, ord, tags, body FROM {} WHERE bucket = ?1 AND kind = ?2 AND partition_id = ?3
            AND collection = ?4 ORDER BY ord DESC, row_id DESC LIMIT ?5",
            self.table
        );
        let mut statement = self.connection.prepare_cached(&sql).unwrap();
        let (bucket, kind) = (partition.bucket().number(), partition.kind().code());
        let rows = statement
            .query_map(params![bucket, kind, partition.id(), collection.number(), limit], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
            })
            .unwrap();
        rows.map(Result::unwrap).collect()
    }

    /// Inserts one row in a transaction of its own; it is durable when this returns.
    ///
    /// # Panics
    /// If anything fails.
    pub fn insert(&self, partition: Partition, collection: Collection, order: i64, body: &[u8]) {
        let sql = format!("INSERT INTO {} VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, x'', ?7)", self.table);
        let mut statement = self.connection.prepare_cached(&sql).unwrap();
        let (bucket, kind) = (partition.bucket().number(), partition.kind().code());
        let row = order.to_be_bytes().repeat(2);
        statement.execute(params![bucket, kind, partition.id(), collection.number(), order, row, body]).unwrap();
    }
}

fn connect(path: &Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    for (name, value) in
        [("page_size", 8192), ("cache_size", -8192), ("mmap_size", 0), ("cell_size_check", 1), ("temp_store", 2)]
    {
        connection.pragma_update(None, name, value).unwrap();
    }
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(())).unwrap();
    connection.pragma_update(None, "synchronous", 2).unwrap();
    connection
}
