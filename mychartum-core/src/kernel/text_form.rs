//! Values whose stored form is a text: written as it is, and read where it stands.

use core::fmt;
use core::marker::PhantomData;

use serde::de::{Deserializer, Error, Visitor};

/// Reads a text and makes a value of it.
///
/// The text is lent by the input where the input can lend it, so that nothing is copied but what the value keeps: a page of
/// a chart holds a thousand texts.
///
/// # Errors
/// Where there is no text, or `make` refuses it; the text is not told.
pub(crate) fn read<'de, D, T, E>(deserializer: D, make: impl FnOnce(&str) -> Result<T, E>) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    E: fmt::Display,
{
    deserializer.deserialize_str(Reader { make, made: PhantomData })
}

struct Reader<F, T, E> {
    make: F,
    made: PhantomData<Result<T, E>>,
}

impl<F: FnOnce(&str) -> Result<T, E>, T, E: fmt::Display> Visitor<'_> for Reader<F, T, E> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<R: Error>(self, text: &str) -> Result<T, R> {
        (self.make)(text).map_err(R::custom)
    }
}

/// Gives a type with `as_str` the form of a text, read by the function named.
macro_rules! text_form {
    ($(const $max:ident)? $name:ty, $make:expr) => {
        impl$(<const $max: usize>)? ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de $(, const $max: usize)?> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::kernel::text_form::read(deserializer, $make)
            }
        }
    };
}

pub(crate) use text_form;
