//! Rows, heads, and the questions that read them.

use core::fmt;

use crate::kernel::id::write_hex;

use super::change_set::AuditHead;
use super::partition::{Bucket, Partition};

/// A kind of row inside a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Collection(u16);

impl Collection {
    /// A partition's wrapped data keys, in every partition. Backups keep them apart from the data, since a key that is kept
    /// undoes an erasure.
    pub const KEYS: Self = Self(2);

    /// From this number on, collections are due: `Storage::due` lists them across partitions.
    pub const DUE: Self = Self(0x8000);

    /// The collection with this number.
    #[must_use]
    pub const fn new(number: u16) -> Self {
        Self(number)
    }

    /// Its number.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }

    /// Whether `Storage::due` lists its rows.
    #[must_use]
    pub const fn is_due(self) -> bool {
        self.0 >= Self::DUE.0
    }
}

macro_rules! opaque {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// Takes sixteen bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The sixteen bytes.
            #[must_use]
            pub const fn to_bytes(self) -> [u8; 16] {
                self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_hex(&self.0, f)
            }
        }
    )*};
}

opaque! {
    /// A row's id, unique in its partition and collection.
    RowId;
    /// A keyed hash of something rows are found by: a blind index that lets storage compare without knowing what.
    Tag;
}

/// A stored row. The body is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Whose it is.
    pub partition: Partition,
    /// What kind of row.
    pub collection: Collection,
    /// Which one.
    pub row: RowId,
    /// 1 when first put, one more on each put.
    pub version: u64,
    /// What lists are sorted by; usually a clinical time in microseconds since 1970.
    pub order: i64,
    /// Keyed hashes it can be found by.
    pub tags: Vec<Tag>,
    /// Sealed bytes.
    pub body: Vec<u8>,
}

impl Row {
    /// Where it stands in its collection.
    #[must_use]
    pub const fn position(&self) -> Position {
        Position { order: self.order, row: self.row }
    }
}

/// A place in a collection's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The row's order.
    pub order: i64,
    /// The row's id, which breaks ties.
    pub row: RowId,
}

/// The head of a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// How many change sets were applied.
    pub revision: u64,
    /// Where the audit chain ends.
    pub audit: AuditHead,
    /// Raised when the partition was restored or moved; fences writers with an older view.
    pub epoch: u64,
}

impl Head {
    /// The head of a partition that nothing was committed to.
    pub const EMPTY: Self = Self { revision: 0, audit: AuditHead::EMPTY, epoch: 0 };
}

/// Which way a scan goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Smallest order first.
    Ascending,
    /// Greatest order first.
    Descending,
}

/// A question for rows of one partition and collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// Whose rows.
    pub partition: Partition,
    /// What kind of rows.
    pub collection: Collection,
    /// Only rows that carry this tag.
    pub tag: Option<Tag>,
    /// Only rows with this order or a greater one.
    pub from: Option<i64>,
    /// Only rows with an order below this.
    pub until: Option<i64>,
    /// Which way.
    pub direction: Direction,
    /// Only rows after this position, in the scan's direction.
    pub after: Option<Position>,
    /// At most so many; at least 1.
    pub limit: u32,
}

impl Scan {
    /// All rows of a collection from the smallest order on, at most `limit`.
    #[must_use]
    pub const fn new(partition: Partition, collection: Collection, limit: u32) -> Self {
        Self {
            partition,
            collection,
            tag: None,
            from: None,
            until: None,
            direction: Direction::Ascending,
            after: None,
            limit,
        }
    }
}

/// A question for rows whose time has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// In which bucket.
    pub bucket: Bucket,
    /// In which due collection.
    pub collection: Collection,
    /// Only rows with an order below this.
    pub before: i64,
    /// At most so many; at least 1.
    pub limit: u32,
}
