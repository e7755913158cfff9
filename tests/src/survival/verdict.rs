//! What a judge found.

use core::fmt;

use mychartum_core::port::storage::{Collection, Partition, StorageError};

use super::Step;

/// One thing that a storage did not keep.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Loss {
    /// A step was acknowledged and is not there.
    Acknowledged(Step),
    /// A step was refused and is there all the same.
    Refused(Step),
    /// An entry that nobody wrote.
    Nobody(Step),
    /// The chain has no such entry although the head counts it, or it is not the entry that follows.
    Gap {
        /// Whose chain.
        partition: Partition,
        /// The first revision that is missing or wrong.
        revision: u64,
    },
    /// The head does not say what the entries add up to.
    Head {
        /// Whose head.
        partition: Partition,
        /// How many entries there are.
        entries: u64,
        /// The head's revision.
        revision: u64,
    },
    /// The rows of a collection are not those of the head's revision: a change set is there by half.
    Half {
        /// Whose rows.
        partition: Partition,
        /// In which collection.
        collection: Collection,
        /// The head's revision.
        revision: u64,
    },
    /// Rows that carry a tag are not found by it, or others are.
    Tag {
        /// Whose rows.
        partition: Partition,
    },
    /// The due work of a bucket is not what its partitions hold: lost, forgotten, or done and still listed.
    Due {
        /// One of the bucket's partitions.
        partition: Partition,
    },
    /// A bucket's list of heads leaves a partition out or says something else.
    Listed {
        /// The partition.
        partition: Partition,
    },
    /// A step was committed again, and the answer was none that fits.
    Repeated {
        /// The step.
        step: Step,
        /// The answer, in words.
        answer: String,
    },
    /// The storage could not be read.
    Unreadable(StorageError),
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Acknowledged(step) => write!(f, "acknowledged and not there: {step:?}"),
            Self::Refused(step) => write!(f, "refused and there all the same: {step:?}"),
            Self::Nobody(step) => write!(f, "there, and written by nobody: {step:?}"),
            Self::Gap { partition, revision } => write!(f, "{partition:?}: the chain breaks at {revision}"),
            Self::Head { partition, entries, revision } => {
                write!(f, "{partition:?}: {entries} entries, and the head says {revision} or another link")
            }
            Self::Half { partition, collection, revision } => {
                write!(
                    f,
                    "{partition:?}: the rows of collection {:#06x} do not fit revision {revision}",
                    collection.number()
                )
            }
            Self::Tag { partition } => write!(f, "{partition:?}: rows are not found by their tags"),
            Self::Due { partition } => write!(f, "{partition:?}: the due work of its bucket is not what is stored"),
            Self::Listed { partition } => write!(f, "{partition:?}: not among the heads of its bucket as it is"),
            Self::Repeated { step, answer } => write!(f, "repeated {step:?} and got {answer}"),
            Self::Unreadable(error) => write!(f, "{error}"),
        }
    }
}

/// What was found in a storage after a crash, and how much of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct Verdict {
    /// What was not kept.
    pub losses: Vec<Loss>,
    /// How many steps are there in all partitions together.
    pub kept: u64,
    /// How many steps of unknown outcome are there.
    pub unknown_there: u64,
    /// How many are not.
    pub unknown_gone: u64,
}

impl Verdict {
    /// How many acknowledged steps are lost.
    #[must_use]
    pub fn lost(&self) -> usize {
        self.losses.iter().filter(|loss| matches!(loss, Loss::Acknowledged(_))).count()
    }

    /// Whether nothing is lost.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.losses.is_empty()
    }

    /// Panics with all losses unless there are none; for the end of a test.
    ///
    /// # Panics
    /// When anything was lost.
    #[track_caller]
    pub fn assert_sound(&self) {
        assert!(self.is_sound(), "{self}");
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { losses, kept, unknown_there, unknown_gone } = self;
        write!(
            f,
            "{kept} steps kept; of unknown outcome {unknown_there} there, {unknown_gone} not; {} losses",
            losses.len()
        )?;
        losses.iter().take(30).try_for_each(|loss| write!(f, "\n  {loss}"))
    }
}
