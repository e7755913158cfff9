//! How a bucket stands in one storage, and the steps from one state to another.

use crate::port::storage::{Bucket, StorageError, StorageErrorKind};

/// How a bucket stands in one storage.
///
/// ```text
/// moving away   Serving -> Leaving -> Elsewhere            given up: Leaving -> Serving
/// moving in     Elsewhere -> Arriving -> Serving           given up: Arriving -> Elsewhere
/// restoring     Serving, empty -> Arriving -> Serving
/// cells         Serving, empty -> Elsewhere                a new cell serves what is turned to it and nothing else
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BucketState {
    /// It is kept here and is at work.
    Serving,
    /// It is kept here, can be read, and takes no more commits: it is being moved away.
    Leaving,
    /// It is kept in another storage.
    Elsewhere,
    /// It is being moved or restored into this storage and is not complete.
    Arriving,
}

impl BucketState {
    /// All states, in the order of their codes.
    pub const ALL: [Self; 4] = [Self::Serving, Self::Leaving, Self::Elsewhere, Self::Arriving];

    /// The state's number in storage.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Serving => 0,
            Self::Leaving => 1,
            Self::Elsewhere => 2,
            Self::Arriving => 3,
        }
    }

    /// The state with this number.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Why a read of a bucket in this state is refused, if it is.
    #[must_use]
    pub const fn refuses_reads(self) -> Option<StorageErrorKind> {
        match self {
            Self::Serving | Self::Leaving => None,
            Self::Elsewhere => Some(StorageErrorKind::Elsewhere),
            Self::Arriving => Some(StorageErrorKind::Busy),
        }
    }

    /// Why a commit to a bucket in this state is refused, if it is.
    #[must_use]
    pub const fn refuses_commits(self) -> Option<StorageErrorKind> {
        match self {
            Self::Serving => None,
            Self::Elsewhere => Some(StorageErrorKind::Elsewhere),
            Self::Leaving | Self::Arriving => Some(StorageErrorKind::Busy),
        }
    }

    /// Whether a bucket may go from this state to another, and what the step needs.
    #[must_use]
    pub const fn may_become(self, next: Self) -> Option<Needs> {
        match (self, next) {
            (Self::Serving, Self::Leaving)
            | (Self::Leaving, Self::Serving | Self::Elsewhere)
            | (Self::Arriving, Self::Serving | Self::Elsewhere) => Some(Needs::Nothing),
            (Self::Serving, Self::Arriving | Self::Elsewhere) | (Self::Elsewhere, Self::Arriving) => Some(Needs::Empty),
            _ => None,
        }
    }
}

/// What a step from one state to another needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing more than the state before.
    Nothing,
    /// A bucket that holds no partition.
    Empty,
}

/// A bucket's state and epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BucketStatus {
    /// Which bucket.
    pub bucket: Bucket,
    /// How it stands.
    pub state: BucketState,
    /// Raised when it is moved or restored; at least the epoch of each head in it.
    pub epoch: u64,
}

impl BucketStatus {
    /// Whether a bucket that stands like this now may be cleared by a call that expects another status (promise 10).
    ///
    /// # Errors
    /// `Invalid`, `Conflict`.
    pub fn may_be_cleared(&self, expected: Self) -> Result<(), StorageError> {
        let kind = match expected.state {
            BucketState::Serving | BucketState::Leaving => StorageErrorKind::Invalid,
            BucketState::Elsewhere | BucketState::Arriving if *self == expected => return Ok(()),
            BucketState::Elsewhere | BucketState::Arriving => StorageErrorKind::Conflict,
        };
        Err(StorageError::new(kind, "clear"))
    }
}

/// A change of a bucket's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// Which bucket.
    pub bucket: Bucket,
    /// The state that it must be in.
    pub from: BucketState,
    /// The state that it gets.
    pub to: BucketState,
    /// The epoch that it gets; not below the present one.
    pub epoch: u64,
}

impl Turn {
    /// What the turn does to a bucket that stands like this; `None` where it was made already. `holds` tells whether the
    /// bucket holds a partition.
    ///
    /// # Errors
    /// `Conflict`, `Invalid` (promise 4).
    pub fn applied_to(&self, now: BucketStatus, holds: bool) -> Result<Option<BucketStatus>, StorageError> {
        let refused = |kind| Err(StorageError::new(kind, "turn"));
        let Some(needs) = self.from.may_become(self.to) else { return refused(StorageErrorKind::Invalid) };
        let then = BucketStatus { bucket: self.bucket, state: self.to, epoch: self.epoch };
        if i64::try_from(self.epoch).is_err() || now.bucket != self.bucket {
            refused(StorageErrorKind::Invalid)
        } else if now == then {
            Ok(None)
        } else if now.state != self.from {
            refused(StorageErrorKind::Conflict)
        } else if self.epoch < now.epoch || (needs == Needs::Empty && holds) {
            refused(StorageErrorKind::Invalid)
        } else {
            Ok(Some(then))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use BucketState::{Arriving, Elsewhere, Leaving, Serving};

    fn status(state: BucketState, epoch: u64) -> BucketStatus {
        BucketStatus { bucket: Bucket::new(7).unwrap(), state, epoch }
    }

    fn turn(from: BucketState, to: BucketState, epoch: u64) -> Turn {
        Turn { bucket: Bucket::new(7).unwrap(), from, to, epoch }
    }

    #[test]
    fn no_step_serves_a_bucket_that_was_not_complete() {
        for from in BucketState::ALL {
            let can_serve = from.may_become(Serving).is_some();
            assert_eq!(can_serve, matches!(from, Leaving | Arriving), "{from:?}");
            assert!(from.may_become(from).is_none());
        }
        assert!(Serving.may_become(Elsewhere) == Some(Needs::Empty), "a full bucket leaves in two steps");
        assert!(Leaving.may_become(Arriving).is_none());
    }

    #[test]
    fn a_turn_is_a_compare_and_set() {
        let kind = |answer: Result<_, StorageError>| answer.map_err(|error| error.kind());
        let leave = turn(Serving, Leaving, 3);
        assert_eq!(kind(leave.applied_to(status(Serving, 2), true)), Ok(Some(status(Leaving, 3))));
        assert_eq!(kind(leave.applied_to(status(Leaving, 3), true)), Ok(None));
        assert_eq!(kind(leave.applied_to(status(Leaving, 4), true)), Err(StorageErrorKind::Conflict));
        assert_eq!(kind(leave.applied_to(status(Elsewhere, 2), true)), Err(StorageErrorKind::Conflict));
        assert_eq!(kind(leave.applied_to(status(Serving, 4), true)), Err(StorageErrorKind::Invalid));
        let restore = turn(Serving, Arriving, 0);
        assert_eq!(kind(restore.applied_to(status(Serving, 0), false)), Ok(Some(status(Arriving, 0))));
        assert_eq!(kind(restore.applied_to(status(Serving, 0), true)), Err(StorageErrorKind::Invalid));
        let huge = turn(Serving, Leaving, u64::MAX);
        assert_eq!(kind(huge.applied_to(status(Serving, 0), true)), Err(StorageErrorKind::Invalid));
        assert_eq!(
            kind(turn(Elsewhere, Serving, 9).applied_to(status(Elsewhere, 0), false)),
            Err(StorageErrorKind::Invalid)
        );
    }

    #[test]
    fn codes_are_stored_and_stay() {
        assert_eq!(BucketState::ALL.map(BucketState::code), [0, 1, 2, 3]);
        assert!(BucketState::ALL.into_iter().all(|state| BucketState::from_code(state.code()) == Some(state)));
        assert_eq!(BucketState::from_code(4), None);
    }
}
