//! What a sender said of an element: nothing, "delete it", or a value.

/// What stands in an element.
///
/// HL7 v2.9 section 2.5.3.4: nothing between two separators says nothing, and what is known stays; two quotation marks say that
/// there is no value, and what is known goes. To take one for the other loses data or keeps what is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Given<T> {
    /// Nothing was said.
    #[default]
    Absent,
    /// There is no value: `""`.
    Null,
    /// A value.
    Value(T),
}

impl<T> Given<T> {
    /// The value, if one was given.
    #[must_use]
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// The same with another value.
    #[must_use]
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Given<U> {
        match self {
            Self::Absent => Given::Absent,
            Self::Null => Given::Null,
            Self::Value(value) => Given::Value(change(value)),
        }
    }

    /// Whether it says that there is no value.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether it says nothing.
    #[must_use]
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}
