//! Reading one element at a time without failing: what has the wrong type is dropped, the rest stands.
//!
//! Scalars are taken as their text in the document, so a number keeps its digits and never becomes a float. A struct is
//! filled field by field, the last of equal keys wins, and unknown keys are skipped.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// A JSON object whose fields are read one by one.
pub(crate) trait Element<'de>: Default {
    /// Reads the value of a key, or skips it.
    fn field<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error>;

    /// Whether a key has a field here.
    fn knows(&self, key: &str) -> bool;

    /// What a plain text means where this object was expected; mostly nothing.
    fn scalar(_text: Cow<'de, str>) -> Option<Self> {
        None
    }
}

/// Declares an object by its fields and their keys; `..field` takes the keys that have no field of their own.
macro_rules! element {
    (
        $(#[$doc:meta])*
        $name:ident<$life:lifetime> $(from ($scalar:expr))? {
            $($field:ident: $type:ty = $key:literal,)*
            $(..$rest:ident: $rest_type:ty,)?
        }
    ) => {
        $(#[$doc])*
        #[derive(Default)]
        pub(crate) struct $name<$life> {
            $(pub(crate) $field: $type,)*
            $(pub(crate) $rest: $rest_type,)?
        }

        impl<$life> $crate::fhir::read::element::lenient::Element<$life> for $name<$life> {
            fn field<A: ::serde::de::MapAccess<$life>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
                match key {
                    $($key => self.$field = map.next_value()?,)*
                    $(key if $crate::fhir::read::element::lenient::Element::knows(&self.$rest, key) => {
                        $crate::fhir::read::element::lenient::Element::field(&mut self.$rest, key, map)?;
                    })?
                    _ => { map.next_value::<::serde::de::IgnoredAny>()?; }
                }
                Ok(())
            }

            fn knows(&self, key: &str) -> bool {
                matches!(key, $($key)|*)
            }

            $(fn scalar(text: ::std::borrow::Cow<$life, str>) -> Option<Self> {
                let read: fn(::std::borrow::Cow<$life, str>) -> Self = $scalar;
                Some(read(text))
            })?
        }
    };
}

pub(crate) use element;

/// A key, borrowed where it has no escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(key)))
            }
            fn visit_str<E>(self, key: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(key.to_owned())))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

fn object<'de, T: Element<'de>, A: MapAccess<'de>>(mut map: A) -> Result<T, A::Error> {
    let mut value = T::default();
    while let Some(key) = map.next_key::<Key<'de>>()? {
        value.field(&key.0, &mut map)?;
    }
    Ok(value)
}

/// Reads a whole document as an object.
///
/// # Errors
/// When the text is not JSON. What has the wrong type is no error.
pub(crate) fn read_object<'de, T: Element<'de>>(text: &'de str) -> serde_json::Result<Option<T>> {
    serde_json::from_str::<One<T>>(text).map(|one| one.0)
}

/// One object; of a list, its first.
pub(crate) struct One<T>(pub(crate) Option<T>);

impl<T> Default for One<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> One<T> {
    pub(crate) const fn get(&self) -> Option<&T> {
        self.0.as_ref()
    }
}

/// Any number of objects; one that stands alone counts as a list of one.
pub(crate) struct Many<T>(pub(crate) Vec<T>);

impl<T> Default for Many<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Many<T> {
    pub(crate) fn iter(&self) -> core::slice::Iter<'_, T> {
        self.0.iter()
    }
}

/// The visitor of both: it fills a list, stopping at the first object where only one is asked for.
struct Gather<T>(PhantomData<T>);

impl<'de, T: Element<'de>> Visitor<'de> for Gather<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<T>, A::Error> {
        object(map).map(|value| vec![value])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
        let mut all = Vec::new();
        while let Some(Many(values)) = seq.next_element::<Many<T>>()? {
            all.extend(values);
        }
        Ok(all)
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Vec<T>, E> {
        Ok(T::scalar(Cow::Borrowed(text)).into_iter().collect())
    }

    fn visit_str<E>(self, text: &str) -> Result<Vec<T>, E> {
        Ok(T::scalar(Cow::Owned(text.to_owned())).into_iter().collect())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_unit<E>(self) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }
}

impl<'de, T: Element<'de>> Deserialize<'de> for Many<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Gather(PhantomData)).map(Self)
    }
}

impl<'de, T: Element<'de>> Deserialize<'de> for One<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Gather(PhantomData)).map(|all| Self(all.into_iter().next()))
    }
}

/// A scalar as text: a string's content, or a number or truth value as it stands in the document.
#[derive(Default)]
pub(crate) struct Txt<'a>(pub(crate) Option<Cow<'a, str>>);

impl<'a> Txt<'a> {
    /// The text, trimmed; `None` where there is none but blanks.
    pub(crate) fn get(&self) -> Option<&str> {
        self.0.as_deref().map(str::trim).filter(|text| !text.is_empty())
    }

    /// The truth value it says.
    pub(crate) fn flag(&self) -> Option<bool> {
        let text = self.get()?;
        if text.eq_ignore_ascii_case("true") || text == "1" {
            Some(true)
        } else if text.eq_ignore_ascii_case("false") || text == "0" {
            Some(false)
        } else {
            None
        }
    }

    /// What it says in another type, if it does.
    pub(crate) fn parse<T: core::str::FromStr>(&self) -> Option<T> {
        self.get()?.parse().ok()
    }
}

impl<'de> Deserialize<'de> for Txt<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&'de RawValue>::deserialize(deserializer).map(|raw| Self(scalars(raw.get()).into_iter().next()))
    }
}

/// A list of scalars as texts; one that stands alone counts as a list of one.
#[derive(Default)]
pub(crate) struct Texts<'a>(pub(crate) Vec<Cow<'a, str>>);

impl<'de> Deserialize<'de> for Texts<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&'de RawValue>::deserialize(deserializer).map(|raw| Self(scalars(raw.get())))
    }
}

/// Any value, unread.
#[derive(Default)]
pub(crate) struct Raw<'a>(pub(crate) Option<&'a RawValue>);

impl<'de> Deserialize<'de> for Raw<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&'de RawValue>::deserialize(deserializer).map(|raw| Self(Some(raw).filter(|raw| raw.get() != "null")))
    }
}

/// How many elements a list has; 1 for what is no list, 0 for `null`. Equal keys add up.
#[derive(Default)]
pub(crate) struct Count(pub(crate) u64);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&'de RawValue>::deserialize(deserializer)?.get();
        let list = serde_json::from_str::<Vec<IgnoredAny>>(raw).map(|list| list.len());
        let one = usize::from(raw != "null");
        Ok(Self(u64::try_from(list.unwrap_or(one)).unwrap_or(u64::MAX)))
    }
}

/// The scalars of a raw value: itself, or those directly in a list.
fn scalars(raw: &str) -> Vec<Cow<'_, str>> {
    if raw.starts_with('[') {
        let list = serde_json::from_str::<Vec<&RawValue>>(raw).unwrap_or_default();
        list.into_iter().filter_map(|element| scalar(element.get())).collect()
    } else {
        scalar(raw).into_iter().collect()
    }
}

fn scalar(raw: &str) -> Option<Cow<'_, str>> {
    match raw.as_bytes().first()? {
        b'{' | b'[' | b'n' => None,
        b'"' if raw.contains('\\') => serde_json::from_str::<String>(raw).ok().map(Cow::Owned),
        b'"' => raw.strip_prefix('"')?.strip_suffix('"').map(Cow::Borrowed),
        _ => Some(Cow::Borrowed(raw)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    element! {
        /// For the tests.
        Thing<'a> from (|text| Thing { name: Txt(Some(text)), ..Thing::default() }) {
            name: Txt<'a> = "name",
            words: Texts<'a> = "words",
            parts: Many<Thing<'a>> = "parts",
            part: One<Part<'a>> = "part",
        }
    }

    element! {
        /// For the tests.
        Part<'a> {
            name: Txt<'a> = "name",
        }
    }

    fn parts(json: &str) -> Thing<'_> {
        read_object(json).unwrap().unwrap()
    }

    fn name(json: &str) -> Option<String> {
        read_object::<Thing<'_>>(json).unwrap()?.name.get().map(str::to_owned)
    }

    #[test]
    fn scalars_keep_their_digits() {
        for (json, expected) in [
            (r#"{"name":"a"}"#, Some("a")),
            (r#"{"name":13.10}"#, Some("13.10")),
            (r#"{"name":1E-22}"#, Some("1E-22")),
            (r#"{"name":true}"#, Some("true")),
            (r#"{"name":"a\u00e9\n"}"#, Some("aé")),
            (r#"{"name":"\ud800"}"#, None),
            (r#"{"name":null}"#, None),
            (r#"{"name":""}"#, None),
            (r#"{"name":{}}"#, None),
            (r#"{"name":["x","y"]}"#, Some("x")),
            (r#"{"name":"a","name":"b"}"#, Some("b")),
            (r#"{"n\u0061me":"esc"}"#, Some("esc")),
            (r#"[{"name":"first"},{"name":"second"}]"#, Some("first")),
            (r#""plain""#, Some("plain")),
            ("5", None),
        ] {
            assert_eq!(name(json).as_deref(), expected, "{json}");
        }
    }

    #[test]
    fn objects_and_lists_stand_in_for_each_other() {
        assert_eq!(parts(r#"{"parts":{"name":"a"}}"#).parts.0.len(), 1);
        assert_eq!(parts(r#"{"parts":[{"name":"a"},null,5,"b"]}"#).parts.0.len(), 2);
        assert_eq!(parts(r#"{"part":[null,{"name":"a"}]}"#).part.get().unwrap().name.get(), Some("a"));
        assert!(parts(r#"{"part":5.5,"name":"x"}"#).part.get().is_none());
        assert_eq!(parts(r#"{"words":"a"}"#).words.0.len(), 1);
        assert_eq!(parts(r#"{"words":["a",null,2,{}]}"#).words.0.len(), 2);
    }

    #[test]
    fn what_is_no_json_is_an_error() {
        for json in ["", "{", r#"{"name":}"#, r#"{"name":01}"#, r#"{"name":"a"#, "{\"name\":\"\n\"}", "{} x"] {
            assert!(read_object::<Thing<'_>>(json).is_err(), "{json}");
        }
    }
}
