//! One call and its answer, with its place in time.

use std::sync::Arc;

use mychartum_core::port::storage::{ChangeSet, Collection, Head, Receipt, Row, RowId, Scan};

/// A call on one partition. Times are numbers of a counter that every beginning and every end raises.
#[derive(Debug, Clone)]
pub struct Operation {
    /// When it began.
    pub began: u64,
    /// When its answer came; `None` where none came, so that it may take effect at any time later, or never.
    pub ended: Option<u64>,
    /// What was asked and answered.
    pub seen: Seen,
}

/// A call and what the caller learned from it.
#[derive(Debug, Clone)]
pub enum Seen {
    /// `commit`.
    Commit {
        /// The change set.
        set: Arc<ChangeSet>,
        /// What became of it.
        answer: CommitAnswer,
    },
    /// `head`.
    Head(Head),
    /// `heads` left it out of a whole list: nothing was ever committed to it.
    Unlisted,
    /// `get`.
    Get {
        /// In which collection.
        collection: Collection,
        /// The rows asked for, each once.
        rows: Vec<RowId>,
        /// The rows that came.
        answer: Vec<Row>,
    },
    /// `scan`; also what `due` said about this partition, without its limit.
    Scan {
        /// The question.
        scan: Scan,
        /// The rows that came.
        answer: Vec<Row>,
    },
    /// The partition's epoch was raised to this from outside: its bucket was moved or restored.
    Raised(u64),
}

/// What became of a commit. A call that failed in any other way changed nothing and learned nothing; it is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitAnswer {
    /// It was applied, now or before.
    Receipt(Receipt),
    /// An expectation did not hold.
    Conflict,
    /// Its id was used for something else, or it is over a limit.
    Invalid,
    /// Nobody knows.
    Unknown,
}

impl Seen {
    /// In one line, without what rows say.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Commit { set, answer } => {
                let expect = set.expect;
                format!("commit {:?} on revision {} epoch {}: {answer:?}", set.id, expect.revision, expect.epoch)
            }
            Self::Head(head) => {
                format!("head: revision {}, audit {:?}, epoch {}", head.revision, head.audit, head.epoch)
            }
            Self::Unlisted => "heads: not listed".to_owned(),
            Self::Get { collection, rows, answer } => {
                format!("get of {} rows in {:#06x}: {}", rows.len(), collection.number(), versions(answer))
            }
            Self::Scan { scan, answer } => format!(
                "scan of {:#06x}, tag {:?}, from {:?} until {:?}, {:?}, after {:?}, limit {}: {}",
                scan.collection.number(),
                scan.tag,
                scan.from,
                scan.until,
                scan.direction,
                scan.after,
                scan.limit,
                versions(answer)
            ),
            Self::Raised(epoch) => format!("the epoch is raised to {epoch}"),
        }
    }
}

fn versions(rows: &[Row]) -> String {
    let rows: Vec<String> =
        rows.iter().map(|row| format!("{:?} version {} order {}", row.row, row.version, row.order)).collect();
    format!("[{}]", rows.join(", "))
}
