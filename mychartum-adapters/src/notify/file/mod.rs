//! Notices that stay on this machine: as files of a folder, or in memory. For development, demonstrations and tests.
//!
//! Nobody is told anything by them. Links and codes lie in them in clear text, so neither belongs in front of real patients.

mod folder;
mod kept;

pub use folder::FolderNotifier;
pub use kept::{Kept, KeptMessage};
