//! Local keyrings: a key file, or a secret that the host brings.
//!
//! For a KMS or an HSM, implement [`KeyProvider`](mychartum_core::port::KeyProvider) over its client.

mod file_keyring;
mod secret_keyring;
mod wrapping;

pub use file_keyring::FileKeyring;
pub use secret_keyring::SecretKeyring;
