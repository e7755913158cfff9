//! The storage in memory.

mod contents;
mod memory_storage;

pub use memory_storage::MemoryStorage;
