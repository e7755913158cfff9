//! Documents for people: markup to plain text, and the content that documents carry inside.

mod attached;
#[cfg(any(feature = "ccda", feature = "fhir"))]
mod language_tag;
mod plain_text;

pub(crate) use attached::carried;
#[cfg(any(feature = "ccda", feature = "fhir"))]
pub(crate) use language_tag::language_tag;
#[cfg(feature = "ccda")]
pub(crate) use plain_text::named_character;
#[cfg(any(feature = "ccda", feature = "hl7v2"))]
pub(crate) use plain_text::plain_text;
