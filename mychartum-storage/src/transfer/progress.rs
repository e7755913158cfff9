//! How far a copy got.

/// How much was copied, read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Partitions that were begun.
    pub partitions: u64,
    /// Rows.
    pub rows: u64,
    /// Bytes of sealed bodies.
    pub bytes: u64,
}

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Partitions go over.
    Copying,
    /// What went over is read back and compared.
    Checking,
}

/// How far a copy, a backup or a restore got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// What this stage has done so far.
    pub done: Counts,
    /// How many partitions there are in all: `done.partitions` reaches it.
    pub partitions: u64,
}

/// Who is told of the progress, every page of rows. It is called between two steps, so it should not take long.
pub type Report<'a> = &'a mut (dyn FnMut(Progress) + Send);
