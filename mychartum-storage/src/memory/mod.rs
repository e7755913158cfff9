//! The storage in memory.

mod contents;
mod memory_storage;
mod snapshot;
mod state;

pub use memory_storage::MemoryStorage;
