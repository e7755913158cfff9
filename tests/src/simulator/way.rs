//! How messages arrive.

/// How careless the way is, once in so many messages; 0 is never.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way {
    /// What chance decides from.
    pub seed: u64,
    /// A message comes again, at any later time.
    pub again: u64,
    /// A message is overtaken by those behind it.
    pub overtaken: u64,
    /// A message comes when all others are there.
    pub last: u64,
}

impl Way {
    /// Every message once and in order.
    pub const STRAIGHT: Self = Self { seed: 0, again: 0, overtaken: 0, last: 0 };

    /// One message in three comes again, one in four is overtaken, one in nine comes last.
    #[must_use]
    pub const fn careless(seed: u64) -> Self {
        Self { seed, again: 3, overtaken: 4, last: 9 }
    }
}
