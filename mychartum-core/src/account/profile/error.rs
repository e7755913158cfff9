//! Why a value or a proposal was refused. No value is told.

use crate::access::pack::ProfilePart;

use super::line::LineError;
use super::plan::MOST_OPEN;
use super::state::IllegalProposal;

/// A value of a profile was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// There is no part of this name.
    #[error("profile: unknown part")]
    UnknownPart,
    /// A list has nothing in it.
    #[error("profile: a list is empty")]
    Empty,
    /// A list has too many things in it.
    #[error("profile: a list has more than {max} entries")]
    TooMany {
        /// The most there may be.
        max: usize,
    },
    /// A legal name has neither a given nor a family name.
    #[error("legal name: neither a given nor a family name")]
    Nameless,
    /// A date of birth is not a whole day, lies ahead, or more than 130 years back.
    #[error("date of birth: expected a day in the past")]
    BirthDate,
    /// Something ends before it begins.
    #[error("insurance: it ends before it begins")]
    TimeInverted,
    /// A text is blank, too long, or more than a line.
    #[error(transparent)]
    Line(#[from] LineError),
}

/// Something about a proposal is not possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProposalError {
    /// There is no change among the changes.
    #[error("profile: no change was named")]
    Nothing,
    /// Two changes of the same part at once.
    #[error("profile: {} is named twice", .0.name())]
    Twice(ProfilePart),
    /// It is what holds already.
    #[error("profile: {} is as it is already", .0.name())]
    NothingNew(ProfilePart),
    /// This part can be another one, and cannot be none.
    #[error("profile: {} cannot be left empty", .0.name())]
    CannotClear(ProfilePart),
    /// Too many proposals of this patient wait for the clinic.
    #[error("profile: more than {MOST_OPEN} open proposals")]
    TooManyOpen,
    /// What holds changed since it was proposed: whoever decides has to say that they know.
    #[error("profile: {} was changed since it was proposed", .0.name())]
    Conflict(ProfilePart),
    /// Nobody decides about what they proposed themselves.
    #[error("profile: decided by whoever proposed it")]
    OwnProposal,
    /// It is not open any more.
    #[error(transparent)]
    Illegal(#[from] IllegalProposal),
    /// A value is not good.
    #[error(transparent)]
    Field(#[from] FieldError),
}
