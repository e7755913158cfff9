//! An item's original, as its source sent it.

use crate::access::consent::Part2Accompaniment;
use crate::kernel::hidden;

/// The bytes of an item as received, with what has to go with them. `Debug` hides them.
///
/// INVARIANT (nothing without its notice): records that were opened by a consent under 42 CFR Part 2 cannot be taken out without the
/// explanation of the consent and the notice against redisclosure (42 CFR 2.32).
#[derive(Clone, PartialEq, Eq)]
pub struct Original {
    bytes: Vec<u8>,
    part2: Option<Part2Accompaniment>,
}

hidden!(Original);

/// The bytes do not go alone: take them [`with_accompaniment`](Original::with_accompaniment).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("original: a notice goes with it")]
pub struct NoticeMissing;

impl Original {
    pub(super) const fn new(bytes: Vec<u8>, part2: Option<Part2Accompaniment>) -> Self {
        Self { bytes, part2 }
    }

    /// The bytes, for showing them to whoever the permit was given to.
    ///
    /// # Errors
    /// [`NoticeMissing`] where something has to go with them.
    pub fn as_bytes(&self) -> Result<&[u8], NoticeMissing> {
        if self.part2.is_none() { Ok(&self.bytes) } else { Err(NoticeMissing) }
    }

    /// The bytes, taken out.
    ///
    /// # Errors
    /// [`NoticeMissing`] where something has to go with them.
    pub fn into_bytes(self) -> Result<Vec<u8>, NoticeMissing> {
        if self.part2.is_none() { Ok(self.bytes) } else { Err(NoticeMissing) }
    }

    /// The bytes, and what goes with them on the same page or in the same file.
    #[must_use]
    pub fn with_accompaniment(self) -> (Vec<u8>, Option<Part2Accompaniment>) {
        (self.bytes, self.part2)
    }
}
