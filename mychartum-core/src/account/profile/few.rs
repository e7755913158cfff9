//! A few things: at least one, and no more than a form has room for.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::error::FieldError;

/// From one to `MAX` things, in the order in which they were given. Nothing at all is said by
/// [`ProfileChange::Clear`](super::ProfileChange::Clear).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Few<T, const MAX: usize>(Box<[T]>);

impl<T, const MAX: usize> core::fmt::Debug for Few<T, MAX> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Few([hidden])")
    }
}

impl<T, const MAX: usize> Few<T, MAX> {
    /// Takes them.
    ///
    /// # Errors
    /// [`FieldError::Empty`], [`FieldError::TooMany`].
    pub fn new(things: Vec<T>) -> Result<Self, FieldError> {
        match things.len() {
            0 => Err(FieldError::Empty),
            many if many > MAX => Err(FieldError::TooMany { max: MAX }),
            _ => Ok(Self(things.into())),
        }
    }

    /// They, in order.
    #[must_use]
    pub const fn as_slice(&self) -> &[T] {
        &self.0
    }
}

impl<T: Serialize, const MAX: usize> Serialize for Few<T, MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for Few<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Vec::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_and_too_many_are_refused_also_where_they_are_read() {
        assert_eq!(Few::<u8, 2>::new(vec![]), Err(FieldError::Empty));
        assert_eq!(Few::<u8, 2>::new(vec![1, 2, 3]), Err(FieldError::TooMany { max: 2 }));
        assert_eq!(serde_json::from_str::<Few<u8, 2>>("[1,2]").unwrap().as_slice(), [1, 2]);
        assert!(serde_json::from_str::<Few<u8, 2>>("[]").is_err());
        assert!(serde_json::from_str::<Few<u8, 2>>("[1,2,3]").is_err());
    }
}
