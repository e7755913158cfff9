//! SQLCipher: one connection to a file that is encrypted page by page, with the table that our rows are kept in.

use std::path::Path;

use mychartum_core::port::storage::Partition;
use rusqlite::{Connection, params};

/// How the key is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// 256 random bits, which are the key; as our keyring has them.
    Raw,
    /// A passphrase, from which SQLCipher derives the key with 256,000 rounds each time that a file is opened.
    Passphrase,
}

/// A connection, ready to read and write.
#[derive(Debug)]
pub struct Cipher(Connection);

impl Cipher {
    /// Opens a file, and makes it if it is not there: pages of 8 KiB, write-ahead log, synced commits, 8 MiB of page cache.
    ///
    /// # Panics
    /// If anything fails.
    #[must_use]
    pub fn open(path: &Path, key: Key) -> Self {
        let connection = Connection::open(path).unwrap();
        let key = match key {
            Key::Raw => format!("x'{}'", "5a".repeat(32)),
            Key::Passphrase => "correct horse battery staple".to_owned(),
        };
        connection.pragma_update(None, "key", key).unwrap();
        for (name, value) in [("cipher_page_size", 8192), ("cache_size", -8192), ("mmap_size", 0), ("temp_store", 2)] {
            connection.pragma_update_and_check(None, name, value, |_| Ok(())).ok();
        }
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(())).unwrap();
        connection.pragma_update(None, "synchronous", 2).unwrap();
        connection
            .execute_batch(
                "CREATE TABLE IF NOT EXISTS plain_row (
                    bucket INTEGER NOT NULL, kind INTEGER NOT NULL, partition_id BLOB NOT NULL,
                    collection INTEGER NOT NULL, ord INTEGER NOT NULL, row_id BLOB NOT NULL,
                    version INTEGER NOT NULL, tags BLOB NOT NULL, body BLOB NOT NULL,
                    PRIMARY KEY (bucket, kind, partition_id, collection, ord, row_id)
                ) STRICT, WITHOUT ROWID;
                CREATE UNIQUE INDEX IF NOT EXISTS plain_row_by_id
                    ON plain_row (bucket, kind, partition_id, collection, row_id);
                CREATE TABLE IF NOT EXISTS row_tag (
                    bucket INTEGER NOT NULL, kind INTEGER NOT NULL, partition_id BLOB NOT NULL,
                    collection INTEGER NOT NULL, tag BLOB NOT NULL, ord INTEGER NOT NULL, row_id BLOB NOT NULL,
                    PRIMARY KEY (bucket, kind, partition_id, collection, tag, ord, row_id)
                ) STRICT, WITHOUT ROWID;",
            )
            .unwrap();
        Self(connection)
    }

    /// The version of SQLCipher.
    ///
    /// # Panics
    /// If what was compiled in is no SQLCipher.
    #[must_use]
    pub fn version(&self) -> String {
        self.0.pragma_query_value(None, "cipher_version", |row| row.get(0)).expect("this is SQLCipher")
    }

    /// Inserts plain rows, with a tag each, in one transaction; they are durable when this returns.
    ///
    /// # Panics
    /// If anything fails.
    pub fn insert(&self, partition: Partition, first: i64, bodies: &[Vec<u8>]) {
        let run = |sql: &str| self.0.prepare_cached(sql).unwrap().execute([]).unwrap();
        run("BEGIN IMMEDIATE");
        let row = "INSERT INTO plain_row VALUES (?1, ?2, ?3, 257, ?4, ?5, 1, ?6, ?7)";
        let mut row = self.0.prepare_cached(row).unwrap();
        let mut tagged = self.0.prepare_cached("INSERT INTO row_tag VALUES (?1, ?2, ?3, 257, ?4, ?5, ?6)").unwrap();
        let (bucket, kind, id) = (partition.bucket().number(), partition.kind().code(), partition.id());
        for (order, body) in (first..).zip(bodies) {
            // As scattered as our own, which are keyed hashes.
            let place = (order as u128).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835).to_be_bytes();
            let tag = [u8::try_from(order % 6).unwrap(); 16];
            row.execute(params![bucket, kind, id, order, place, tag, body]).unwrap();
            tagged.execute(params![bucket, kind, id, tag, order, place]).unwrap();
        }
        run("COMMIT");
    }

    /// Reads the bodies of the latest rows of a partition, decrypted.
    ///
    /// # Panics
    /// If anything fails.
    #[must_use]
    pub fn latest(&self, partition: Partition, limit: u32) -> Vec<Vec<u8>> {
        let sql = "SELECT body FROM plain_row WHERE bucket = ?1 AND kind = ?2 AND partition_id = ?3 AND collection = 257
            ORDER BY ord DESC, row_id DESC LIMIT ?4";
        let mut statement = self.0.prepare_cached(sql).unwrap();
        let (bucket, kind, id) = (partition.bucket().number(), partition.kind().code(), partition.id());
        let rows = statement.query_map(params![bucket, kind, id, limit], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }

    /// Moves the log into the file.
    ///
    /// # Panics
    /// If it fails.
    pub fn checkpoint(&self) {
        self.0.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    }
}
