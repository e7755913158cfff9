//! What people read: notices in the languages of their readers, and links to the host's pages.

mod error;
pub mod gsm7;
mod link_base;
mod month_day;
mod render;
mod rendered;
#[cfg(test)]
mod tests;
#[expect(clippy::module_inception, reason = "the file is named after its main type")]
mod words;

pub use error::WordsError;
pub use link_base::LinkBase;
pub use rendered::Rendered;
pub use words::Words;
