//! Wrapping one key with another (AES-256-GCM, NIST SP 800-38D).

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use mychartum_core::kernel::id::TenantId;
use mychartum_core::port::key_provider::KeyError;
use mychartum_core::vault::SecretKey;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Format byte, the wrapping key's mark, nonce; the sealed key and its tag follow.
const FORMAT: u8 = 1;
const MARK: usize = 8;
const NONCE: usize = 12;

/// Wraps a key for a tenant: `0x01 | mark [8] | nonce [12] | sealed key [48]`.
pub(super) fn wrap(wrapping: &SecretKey, tenant: TenantId, key: &SecretKey) -> Result<Vec<u8>, KeyError> {
    let mut nonce = [0u8; NONCE];
    getrandom::fill(&mut nonce).map_err(|_| KeyError::Unavailable)?;
    let mark = mark(wrapping);
    let data = associated(tenant, mark);
    let payload = Payload { msg: key.expose(), aad: &data };
    let sealed = cipher(wrapping)?.encrypt(&Nonce::from(nonce), payload).map_err(|_| KeyError::Unavailable)?;
    let mut wrapped = vec![FORMAT];
    wrapped.extend_from_slice(&mark);
    wrapped.extend_from_slice(&nonce);
    wrapped.extend_from_slice(&sealed);
    Ok(wrapped)
}

/// Unwraps what [`wrap`] made with the same wrapping key for the same tenant; anything else is [`KeyError::Wrong`].
pub(super) fn unwrap(wrapping: &SecretKey, tenant: TenantId, wrapped: &[u8]) -> Result<SecretKey, KeyError> {
    let (&[FORMAT], rest) = wrapped.split_first_chunk().ok_or(KeyError::Wrong)? else { return Err(KeyError::Wrong) };
    let (known, rest) = rest.split_first_chunk::<MARK>().ok_or(KeyError::Wrong)?;
    let (nonce, sealed) = rest.split_first_chunk::<NONCE>().ok_or(KeyError::Wrong)?;
    if *known != mark(wrapping) {
        return Err(KeyError::Wrong);
    }
    let data = associated(tenant, *known);
    let payload = Payload { msg: sealed, aad: &data };
    let key = Zeroizing::new(cipher(wrapping)?.decrypt(&Nonce::from(*nonce), payload).map_err(|_| KeyError::Wrong)?);
    <[u8; 32]>::try_from(key.as_slice()).map(SecretKey::from_bytes).map_err(|_| KeyError::Wrong)
}

fn cipher(wrapping: &SecretKey) -> Result<Aes256Gcm, KeyError> {
    Aes256Gcm::new_from_slice(wrapping.expose()).map_err(|_| KeyError::Wrong)
}

/// Tells wrapping keys apart without telling anything about them.
fn mark(wrapping: &SecretKey) -> [u8; MARK] {
    let hash: [u8; 32] =
        Sha256::new().chain_update(b"mychartum/wrapping/1").chain_update(wrapping.expose()).finalize().into();
    let mut mark = [0; MARK];
    mark.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    mark
}

fn associated(tenant: TenantId, mark: [u8; MARK]) -> Vec<u8> {
    [b"mychartum/wrapped/1".as_slice(), &tenant.to_bytes(), &mark].concat()
}
