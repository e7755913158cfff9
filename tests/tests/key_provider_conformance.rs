//! The key provider suite against the keyrings that we ship.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use async_trait::async_trait;
use mychartum_adapters::keys::{FileKeyring, SecretKeyring};
use mychartum_core::port::KeyProvider;
use mychartum_core::port::key_provider::KeyError;
use mychartum_core::vault::SecretKey;
use mychartum_testkit::conformance::key_provider::{Factory, FreshKey, run_all};
use tempfile::TempDir;

/// One file a keyring; the value holds nothing but its name, so opening it again is using it again.
struct Files {
    folder: TempDir,
    made: AtomicU8,
}

#[async_trait]
impl Factory for Files {
    fn fresh_key(&self) -> FreshKey {
        FreshKey::Absent
    }

    async fn fresh(&self) -> Result<Arc<dyn KeyProvider>, KeyError> {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        Ok(Arc::new(FileKeyring::at(self.folder.path().join(format!("{number}.key")))))
    }

    async fn reopen(&self, provider: Arc<dyn KeyProvider>) -> Result<Arc<dyn KeyProvider>, KeyError> {
        Ok(provider)
    }
}

/// Keys that the host brings.
struct Secrets {
    made: AtomicU8,
}

#[async_trait]
impl Factory for Secrets {
    fn fresh_key(&self) -> FreshKey {
        FreshKey::Present
    }

    async fn fresh(&self) -> Result<Arc<dyn KeyProvider>, KeyError> {
        let key = [self.made.fetch_add(1, Ordering::Relaxed); 32];
        Ok(Arc::new(SecretKeyring::new(SecretKey::from_bytes(key))))
    }

    async fn reopen(&self, provider: Arc<dyn KeyProvider>) -> Result<Arc<dyn KeyProvider>, KeyError> {
        Ok(provider)
    }
}

#[tokio::test]
async fn a_file_keeps_all_promises() {
    run_all(&Files { folder: tempfile::tempdir().unwrap(), made: AtomicU8::new(0) }).await.assert_passed();
}

#[tokio::test]
async fn a_key_of_the_host_keeps_all_promises() {
    run_all(&Secrets { made: AtomicU8::new(0) }).await.assert_passed();
}
