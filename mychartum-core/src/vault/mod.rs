//! The vault: sealing rows, data keys, blind indexes.
//!
//! Keys hang on one another: the host's wrapping key ([`KeyProvider`](crate::port::KeyProvider)) wraps the tenant key,
//! the tenant key wraps one data key a partition, and each sealed row has its own key derived from its partition's data
//! key. Destroying every copy of a partition's wrapped data key therefore erases the partition, wherever its rows are.
//!
//! The formats and their reasons are in `docs/adr/0003-sealing.md` for rows and `docs/adr/0009-blobs.md` for blobs.

mod blind_index;
mod blob;
mod blob_names;
mod blob_opener;
mod blob_sealer;
mod context;
mod data_key;
mod error;
mod founding;
mod key_cache;
mod opened;
mod partition_key;
mod prk;
mod sealed;
mod secret;
mod tenant_key;
#[allow(clippy::module_inception, reason = "each file is named after its main type")]
mod vault;

pub use blind_index::{BlindIndex, IdDomain, TagDomain, fold_case};
pub use blob::{BLOB_HEADER, BlobContext, BlobLayout, CHUNK, CHUNK_TAG};
pub use blob_names::BlobNames;
pub use blob_opener::BlobOpener;
pub use blob_sealer::{BlobSealer, ChunkPosition};
pub use context::SealContext;
pub use data_key::{DataKey, KeyId};
pub use error::VaultError;
pub use founding::Founding;
pub use opened::Opened;
pub use partition_key::PartitionKey;
pub use sealed::OVERHEAD;
pub use secret::SecretKey;
pub use tenant_key::{Pepper, TenantKey};
pub use vault::{Vault, VaultSettings};

#[cfg(test)]
mod blob_tests;
#[cfg(test)]
pub(crate) mod test_entropy;
#[cfg(test)]
mod test_provider;
#[cfg(test)]
mod vectors;
