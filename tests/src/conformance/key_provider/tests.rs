//! The suite against a toy provider that keeps all promises, and against ones that break one each.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use mychartum_core::kernel::id::TenantId;
use mychartum_core::port::KeyProvider;
use mychartum_core::port::key_provider::KeyError;
use mychartum_core::vault::SecretKey;
use sha2::{Digest as _, Sha256};

use super::{Factory, FreshKey, run_all};

/// Which promise the toy breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Breaks {
    Nothing,
    RoundTrip,
    Tenant,
    Missing,
    Integrity,
    Freshness,
    Length,
}

/// A one-time pad from a hash, and a hash over all as a tag: enough to test the suite, not to keep a secret.
#[derive(Debug)]
struct Toy {
    breaks: Breaks,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    number: u64,
    key: Option<[u8; 32]>,
    wraps: u64,
}

fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

fn xor(one: &[u8; 32], two: &[u8]) -> [u8; 32] {
    std::array::from_fn(|place| one[place] ^ two[place])
}

impl Toy {
    fn tenant(&self, tenant: TenantId) -> [u8; 16] {
        if self.breaks == Breaks::Tenant { [0; 16] } else { tenant.to_bytes() }
    }
}

#[async_trait]
impl KeyProvider for Toy {
    async fn wrap(&self, tenant: TenantId, key: &SecretKey) -> Result<Vec<u8>, KeyError> {
        let mut state = self.state.lock().unwrap();
        let number = state.number;
        let own = *state.key.get_or_insert_with(|| hash(&[b"key", &number.to_be_bytes()]));
        if self.breaks != Breaks::Freshness {
            state.wraps += 1;
        }
        let nonce = state.wraps.to_be_bytes();
        let mut wrapped = nonce.to_vec();
        wrapped.extend(xor(&hash(&[b"pad", &own, &nonce]), key.expose()));
        wrapped.extend(hash(&[b"tag", &own, &self.tenant(tenant), &wrapped]));
        if self.breaks == Breaks::Length {
            wrapped.resize(4097, 0);
        }
        Ok(wrapped)
    }

    async fn unwrap(&self, tenant: TenantId, wrapped: &[u8]) -> Result<SecretKey, KeyError> {
        let mut state = self.state.lock().unwrap();
        if self.breaks == Breaks::Missing {
            state.key.get_or_insert([9; 32]);
        }
        let own = state.key.ok_or(KeyError::Missing)?;
        let wrapped = match self.breaks {
            Breaks::Length => wrapped.get(..72).unwrap_or_default(),
            _ => wrapped,
        };
        if wrapped.len() != 72 {
            return Err(KeyError::Wrong);
        }
        let (sealed, tag) = wrapped.split_at(40);
        let sound = tag == hash(&[b"tag", &own, &self.tenant(tenant), sealed]);
        if !sound && self.breaks != Breaks::Integrity {
            return Err(KeyError::Wrong);
        }
        let (nonce, pad) = sealed.split_at(8);
        let mut key = xor(&hash(&[b"pad", &own, nonce]), pad);
        if self.breaks == Breaks::RoundTrip {
            key[0] |= 1;
        }
        Ok(SecretKey::from_bytes(key))
    }
}

#[derive(Debug)]
struct Toys {
    breaks: Breaks,
    made: Mutex<u64>,
}

#[async_trait]
impl Factory for Toys {
    fn fresh_key(&self) -> FreshKey {
        FreshKey::Absent
    }

    async fn fresh(&self) -> Result<Arc<dyn KeyProvider>, KeyError> {
        let mut made = self.made.lock().unwrap();
        *made += 1;
        let state = Mutex::new(State { number: *made, key: None, wraps: 0 });
        Ok(Arc::new(Toy { breaks: self.breaks, state }))
    }

    async fn reopen(&self, provider: Arc<dyn KeyProvider>) -> Result<Arc<dyn KeyProvider>, KeyError> {
        Ok(provider)
    }
}

fn toys(breaks: Breaks) -> Toys {
    Toys { breaks, made: Mutex::new(0) }
}

#[tokio::test]
async fn a_good_provider_passes() {
    run_all(&toys(Breaks::Nothing)).await.assert_passed();
}

#[tokio::test]
async fn each_bad_provider_is_caught_by_its_promise() {
    for (breaks, promise) in [
        (Breaks::RoundTrip, 1),
        (Breaks::Tenant, 2),
        (Breaks::Missing, 3),
        (Breaks::Integrity, 3),
        (Breaks::Freshness, 4),
        (Breaks::Length, 5),
    ] {
        let report = run_all(&toys(breaks)).await;
        assert!(report.broke(promise), "{breaks:?}\n{report}");
    }
}
