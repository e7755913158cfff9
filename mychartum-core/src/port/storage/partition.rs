//! Partitions and the buckets they fall into.

use core::fmt;

use crate::kernel::id::{AccountId, PatientId, write_hex};

use super::row::Tag;

/// What a partition holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PartitionKind {
    /// The installation itself: its founding record and its wrapped tenant key.
    System,
    /// A patient's chart with its audit trail.
    Patient,
    /// An account: sign-in, sessions, its own audit trail.
    Account,
    /// A clinic or lab: its directory of names and its quarantine.
    Source,
    /// One entry of the directory: something that must be unique or be found by a keyed hash.
    Directory,
}

impl PartitionKind {
    /// All kinds, in the order of their codes.
    pub const ALL: [Self; 5] = [Self::System, Self::Patient, Self::Account, Self::Source, Self::Directory];

    /// The kind's number in storage.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::System => 0,
            Self::Patient => 1,
            Self::Account => 2,
            Self::Source => 3,
            Self::Directory => 4,
        }
    }

    /// The kind with this number.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// The unit of locality, atomicity, encryption and erasure.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Partition {
    kind: PartitionKind,
    id: [u8; 16],
}

impl Partition {
    /// The installation itself.
    pub const SYSTEM: Self = Self { kind: PartitionKind::System, id: [0; 16] };

    /// The partition of a kind and id, as a storage reads it back.
    #[must_use]
    pub const fn new(kind: PartitionKind, id: [u8; 16]) -> Self {
        Self { kind, id }
    }

    /// A patient's chart.
    #[must_use]
    pub const fn patient(patient: PatientId) -> Self {
        Self::new(PartitionKind::Patient, patient.to_bytes())
    }

    /// An account.
    #[must_use]
    pub const fn account(account: AccountId) -> Self {
        Self::new(PartitionKind::Account, account.to_bytes())
    }

    /// A clinic or lab, by the keyed hash of its name.
    #[must_use]
    pub const fn source(tag: Tag) -> Self {
        Self::new(PartitionKind::Source, tag.to_bytes())
    }

    /// An entry of the directory, by the keyed hash of what it is found by.
    #[must_use]
    pub const fn directory(tag: Tag) -> Self {
        Self::new(PartitionKind::Directory, tag.to_bytes())
    }

    /// What the partition holds.
    #[must_use]
    pub const fn kind(self) -> PartitionKind {
        self.kind
    }

    /// The sixteen bytes of its id.
    #[must_use]
    pub const fn id(self) -> [u8; 16] {
        self.id
    }

    /// The bucket it falls into: the first twelve bits of its id.
    #[must_use]
    pub const fn bucket(self) -> Bucket {
        let [first, second, ..] = self.id;
        Bucket(((first as u16) << 4) | ((second as u16) >> 4))
    }
}

impl fmt::Debug for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}/", self.kind)?;
        write_hex(&self.id, f)
    }
}

/// One of the 4,096 groups of partitions; the unit that is sharded, moved and checkpointed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bucket(u16);

impl Bucket {
    /// How many buckets there are.
    pub const COUNT: u16 = 4096;

    /// The bucket with this number, if it is below [`Bucket::COUNT`].
    #[must_use]
    pub const fn new(number: u16) -> Option<Self> {
        if number < Self::COUNT { Some(Self(number)) } else { None }
    }

    /// Its number.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }

    /// All buckets, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).map(Self)
    }
}
