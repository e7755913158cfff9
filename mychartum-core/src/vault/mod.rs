//! The vault: sealing rows, data keys, blind indexes.

mod secret;

pub use secret::SecretKey;
