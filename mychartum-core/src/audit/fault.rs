//! What can be wrong with a chain, and where it begins.

/// A chain that does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("audit chain: position {position}: {fault}")]
pub struct Broken {
    /// The first position that does not hold; every entry before it follows from those before it.
    ///
    /// It is where the damage begins, unless the forger had the keys and wrote fitting links as well: then it is the
    /// first entry after the forged ones, or the last one of all (`HeadMismatch`).
    pub position: u64,
    /// What is wrong there.
    pub fault: Fault,
}

/// What is wrong at a position of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Fault {
    /// The row does not open: its bytes were altered, or it was moved from elsewhere.
    #[error("the row cannot be opened")]
    Unreadable,
    /// A later row stands where this entry should: it was removed.
    #[error("the entry is missing")]
    Missing,
    /// A row stands here that belongs to another position: a copy, or rows that changed places.
    #[error("the row belongs to another position")]
    OutOfOrder,
    /// The entry does not follow from the entries before it: it was altered, or one was slipped in.
    #[error("the entry does not follow from those before it")]
    Altered,
    /// The entry does not follow from the entries before it, and it is about another patient.
    #[error("the entry is of another patient's chain")]
    Foreign,
    /// The chain ends here, and its head, or an earlier one, counts more entries.
    #[error("the chain is shorter than its head says")]
    Truncated,
    /// An entry stands here, and the head counts none.
    #[error("the chain is longer than its head says")]
    Beyond,
    /// The chain is whole in itself, and its last link is not the head's: it was rewritten here or before, or the
    /// head was.
    #[error("the last link is not the head's")]
    HeadMismatch,
}
