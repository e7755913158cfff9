//! An item's original, as its source sent it.

use crate::kernel::hidden;

/// The bytes of an item as received. `Debug` hides them.
#[derive(Clone, PartialEq, Eq)]
pub struct Original(Vec<u8>);

hidden!(Original);

impl Original {
    pub(super) const fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes, for showing them to whoever the permit was given to.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes, taken out.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}
