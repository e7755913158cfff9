//! How often something is decided anew after another writer was first.

/// How often something is decided anew after another writer was first. A storage that says so for ever is told on, not waited for.
#[derive(Debug)]
pub(crate) struct Patience(u32);

impl Default for Patience {
    fn default() -> Self {
        Self(64)
    }
}

impl Patience {
    /// Whether to try once more.
    pub(crate) const fn is_left(&mut self) -> bool {
        self.0 = self.0.saturating_sub(1);
        self.0 > 0
    }
}
