//! What whoever shows something has to do.

/// What a permit obliges to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Obligations(u8);

impl Obligations {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// Say that there is something, and show it when the patient taps: the patient's own wish.
    pub const HIDE_UNTIL_TAP: Self = Self(1);
    /// Tell the patient that someone looked.
    pub const NOTIFY_PATIENT: Self = Self(2);
    /// Have the privacy officer look at it again.
    pub const SECOND_LOOK: Self = Self(4);
    /// Show the notice against redisclosure with it (42 CFR 2.32).
    pub const PART2_NOTICE: Self = Self(8);

    /// These and those.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of the others are among them.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The bits.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }
}
