//! The ports: what a host plugs in, one trait a file.
//!
//! Every port is dyn-compatible, is held as `Arc<dyn ...>`, and is a promise with numbers: each numbered clause of its
//! contract has a test in the conformance suite of `mychartum-testkit`. With the feature `mock`, `mockall` mocks of all
//! ports stand beside them.

pub mod blob_store;
pub mod clock;
pub mod custody;
pub mod entropy;
pub mod key_provider;
pub mod notifier;
pub mod passkeys;
pub mod record_source;
pub mod storage;

pub use blob_store::{BlobStore, BlobUpload};
pub use clock::Clock;
pub use custody::{Custody, Snapshot};
pub use entropy::Entropy;
pub use key_provider::KeyProvider;
pub use notifier::Notifier;
pub use passkeys::PasskeyVerifier;
pub use record_source::RecordSource;
pub use storage::Storage;

#[cfg(feature = "mock")]
pub use blob_store::{MockBlobStore, MockBlobUpload};
#[cfg(feature = "mock")]
pub use clock::MockClock;
#[cfg(feature = "mock")]
pub use entropy::MockEntropy;
#[cfg(feature = "mock")]
pub use key_provider::MockKeyProvider;
#[cfg(feature = "mock")]
pub use notifier::MockNotifier;
#[cfg(feature = "mock")]
pub use passkeys::MockPasskeyVerifier;
#[cfg(feature = "mock")]
pub use record_source::MockRecordSource;
#[cfg(feature = "mock")]
pub use storage::MockStorage;
