//! Key providers for the vault's own tests.

use core::pin::pin;
use core::task::{Context, Poll, Waker};

use async_trait::async_trait;

use crate::kernel::id::TenantId;
use crate::port::KeyProvider;
use crate::port::key_provider::KeyError;

use super::SecretKey;

/// A provider that breaks its promises: it only covers the key with a mask, binds no tenant and notices no change.
/// What the library finds in spite of it, it finds by itself.
#[derive(Debug)]
pub(crate) struct Careless(pub(crate) u8);

#[async_trait]
impl KeyProvider for Careless {
    async fn wrap(&self, _: TenantId, key: &SecretKey) -> Result<Vec<u8>, KeyError> {
        Ok(key.expose().iter().map(|byte| byte ^ self.0).collect())
    }

    async fn unwrap(&self, _: TenantId, wrapped: &[u8]) -> Result<SecretKey, KeyError> {
        let bytes = <[u8; 32]>::try_from(wrapped).map_err(|_| KeyError::Wrong)?;
        Ok(SecretKey::from_bytes(bytes.map(|byte| byte ^ self.0)))
    }
}

/// A provider that gives `wrapped` for every key, and has lost what it wrapped with.
#[derive(Debug)]
pub(crate) struct Lost {
    pub(crate) wrapped: Vec<u8>,
}

#[async_trait]
impl KeyProvider for Lost {
    async fn wrap(&self, _: TenantId, _: &SecretKey) -> Result<Vec<u8>, KeyError> {
        Ok(self.wrapped.clone())
    }

    async fn unwrap(&self, _: TenantId, _: &[u8]) -> Result<SecretKey, KeyError> {
        Err(KeyError::Missing)
    }
}

/// Runs a future that never waits.
pub(crate) fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the future waited"),
    }
}
