//! What came out of the seal.

use core::fmt;
use core::ops::Deref;

use zeroize::Zeroizing;

/// Opened bytes: wiped when dropped, never shown by `Debug`.
pub struct Opened(Zeroizing<Vec<u8>>);

impl Opened {
    pub(crate) const fn new(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }
}

impl Deref for Opened {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opened([hidden])")
    }
}
