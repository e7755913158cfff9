//! The floor on PostgreSQL: raw tokio-postgres on one connection, with prepared statements and `COPY BINARY`.

use std::error::Error;
use std::pin::pin;

use bytes::BytesMut;
use mychartum_core::port::storage::{Collection, Partition, Put};
use tokio::runtime::Runtime;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, accepts, to_sql_checked};
use tokio_postgres::{Client, NoTls, Statement};

/// A connection of its own to the database that our storage has its tables in.
#[allow(missing_debug_implementations, reason = "a client of tokio-postgres has none")]
pub struct PostgresFloor {
    client: Client,
    copy: Statement,
    insert: Statement,
    latest: Statement,
}

/// Sixteen bytes in a column of type uuid.
#[derive(Debug, Clone, Copy)]
struct Id([u8; 16]);

/// The columns that are filled, in this order, and their types.
const COLUMNS: &str = "bucket, kind, partition_id, collection, row_id, version, ord, tags, body";
const TYPES: [Type; 9] =
    [Type::INT2, Type::INT2, Type::UUID, Type::INT4, Type::UUID, Type::INT8, Type::INT8, Type::BYTEA, Type::BYTEA];

impl PostgresFloor {
    /// Connects, and makes a table with the columns, the indexes and the storage of our rows and nothing in it.
    ///
    /// # Panics
    /// If anything fails.
    #[must_use]
    pub fn connect(runtime: &Runtime, url: &str) -> Self {
        runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
            tokio::spawn(connection);
            client.batch_execute("CREATE TABLE bare_row (LIKE mychartum.sealed_row INCLUDING ALL)").await.unwrap();
            let copy = client.prepare(&format!("COPY bare_row ({COLUMNS}) FROM STDIN BINARY")).await.unwrap();
            let insert = format!("INSERT INTO bare_row ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
            let insert = client.prepare(&insert).await.unwrap();
            // The index that has lists in their order begins with the bucket in a form of its own.
            let latest = "SELECT row_id, version, ord, tags, body FROM mychartum.sealed_row
                WHERE bucket = $1 AND - bucket = - $1 AND kind = $2 AND partition_id = $3 AND collection = $4
                ORDER BY ord DESC, row_id DESC LIMIT $5";
            let latest = client.prepare(latest).await.unwrap();
            Self { client, copy, insert, latest }
        })
    }

    /// Runs statements, such as `VACUUM`.
    ///
    /// # Panics
    /// If one fails.
    pub async fn run(&self, sql: &str) {
        self.client.batch_execute(sql).await.unwrap();
    }

    /// The rows of a question without parameters: a text and a number each.
    ///
    /// # Panics
    /// If it fails.
    pub async fn numbers(&self, sql: &str) -> Vec<(String, i64)> {
        let rows = self.client.query(sql, &[]).await.unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    }

    /// Copies rows into the bare table by `COPY BINARY`; they are durable when this returns.
    ///
    /// # Panics
    /// If anything fails.
    pub async fn copy_in(&self, partition: Partition, puts: &[Put]) {
        let sink = self.client.copy_in(&self.copy).await.unwrap();
        let mut writer = pin!(BinaryCopyInWriter::new(sink, &TYPES));
        for put in puts {
            let row = Columns::of(partition, put);
            writer.as_mut().write(&row.all(&put.body)).await.unwrap();
        }
        writer.finish().await.unwrap();
    }

    /// Inserts one row into the bare table in a transaction of its own; it is durable when this returns.
    ///
    /// # Panics
    /// If anything fails.
    pub async fn insert(&self, partition: Partition, put: &Put) {
        let row = Columns::of(partition, put);
        self.client.execute(&self.insert, &row.all(&put.body)).await.unwrap();
    }

    /// Reads the rows of a collection with the greatest order out of our own table; gives how many bytes their bodies have.
    ///
    /// # Panics
    /// If anything fails.
    pub async fn latest(&self, partition: Partition, collection: Collection, limit: i64) -> Vec<PostgresRow> {
        let (bucket, kind) = (partition.bucket().number().cast_signed(), i16::from(partition.kind().code()));
        let (id, collection) = (Id(partition.id()), i32::from(collection.number()));
        let rows = self.client.query(&self.latest, &[&bucket, &kind, &id, &collection, &limit]).await.unwrap();
        let read = |row: &tokio_postgres::Row| (row.get::<_, Id>(0).0, row.get(1), row.get(2), row.get(3), row.get(4));
        rows.iter().map(read).collect()
    }
}

/// A row as tokio-postgres gives it: id, version, order, tags, body.
pub type PostgresRow = ([u8; 16], i64, i64, Vec<u8>, Vec<u8>);

/// A row's columns but its body.
struct Columns {
    bucket: i16,
    kind: i16,
    partition: Id,
    collection: i32,
    row: Id,
    version: i64,
    order: i64,
    tags: Vec<u8>,
}

impl Columns {
    fn of(partition: Partition, put: &Put) -> Self {
        Self {
            bucket: partition.bucket().number().cast_signed(),
            kind: i16::from(partition.kind().code()),
            partition: Id(partition.id()),
            collection: i32::from(put.collection.number()),
            row: Id(put.row.to_bytes()),
            version: put.version.cast_signed(),
            order: put.order,
            tags: put.tags.iter().flat_map(|tag| tag.to_bytes()).collect(),
        }
    }

    fn all<'a>(&'a self, body: &'a Vec<u8>) -> [&'a (dyn ToSql + Sync); 9] {
        [
            &self.bucket,
            &self.kind,
            &self.partition,
            &self.collection,
            &self.row,
            &self.version,
            &self.order,
            &self.tags,
            body,
        ]
    }
}

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
