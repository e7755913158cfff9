//! Whether an item may be shown as a fact.

/// Where an item stands: only [`Fact`](Self::Fact) is ever listed, counted or drawn.
///
/// INVARIANT (facts only): an item that its source withdrew, cancelled, negated or replaced stays in the chart as a
/// tombstone with its original, and never appears as if it were true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// It is what the source says now.
    Fact,
    /// The source says it should never have been there (`entered-in-error`).
    Withdrawn,
    /// It was called off (`cancelled`, `not-done`, `nullified`).
    NotDone,
    /// It says that something is *not* so (refuted, no known allergy, do not perform).
    Negated,
    /// A newer document took its place.
    Superseded,
}

impl Standing {
    /// Whether it may be shown as a fact.
    #[must_use]
    pub const fn is_fact(self) -> bool {
        matches!(self, Self::Fact)
    }
}
