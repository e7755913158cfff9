//! Documents for people: markup to plain text, and the content that documents carry inside.

mod attached;
mod plain_text;

pub(crate) use attached::{carried, language_tag};
#[cfg(feature = "ccda")]
pub(crate) use plain_text::{named_character, plain_text};
