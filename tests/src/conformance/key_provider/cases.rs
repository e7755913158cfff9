//! The five promises of the key provider port.

use mychartum_core::kernel::id::TenantId;
use mychartum_core::port::key_provider::KeyError;
use mychartum_core::vault::SecretKey;

use super::{Factory, FreshKey};
use crate::conformance::Breach;
use crate::conformance::case::ensure;

const TENANT: TenantId = TenantId::from_bytes([0x11; 16]);
const OTHER: TenantId = TenantId::from_bytes([0x12; 16]);

/// Keys that a careless provider could mix up or treat as none.
const KEYS: [[u8; 32]; 4] = [[0; 32], [0xff; 32], [0x5a; 32], *b"thirty-two bytes of some key...."];

fn is(answer: &Result<SecretKey, KeyError>, key: [u8; 32]) -> bool {
    answer.as_ref().is_ok_and(|answer| *answer.expose() == key)
}

/// Whether `unwrap` refused, and why; the key itself stays out of every message.
fn refused(answer: &Result<SecretKey, KeyError>, reason: KeyError, what: &str) -> Result<(), Breach> {
    ensure(answer.as_ref().err() == Some(&reason), what)
}

pub(super) async fn unwraps(factory: &dyn Factory) -> Result<(), Breach> {
    let provider = factory.fresh().await?;
    let mut wrapped = Vec::new();
    for (key, tenant) in KEYS.into_iter().zip([TENANT, OTHER].into_iter().cycle()) {
        wrapped.push((tenant, key, provider.wrap(tenant, &SecretKey::from_bytes(key)).await?));
    }
    for (tenant, key, bytes) in wrapped {
        ensure(is(&provider.unwrap(tenant, &bytes).await, key), "a wrapped key did not unwrap to itself")?;
        ensure(is(&provider.unwrap(tenant, &bytes).await, key), "a wrapped key unwrapped only once")?;
    }
    Ok(())
}

pub(super) async fn unwraps_after_reopening(factory: &dyn Factory) -> Result<(), Breach> {
    let provider = factory.fresh().await?;
    let [key, ..] = KEYS;
    let wrapped = provider.wrap(TENANT, &SecretKey::from_bytes(key)).await?;
    let provider = factory.reopen(provider).await?;
    ensure(is(&provider.unwrap(TENANT, &wrapped).await, key), "a wrapped key did not unwrap after reopening")?;
    let later = provider.wrap(TENANT, &SecretKey::from_bytes(key)).await?;
    ensure(is(&provider.unwrap(TENANT, &wrapped).await, key), "wrapping again after reopening replaced the key")?;
    ensure(is(&provider.unwrap(TENANT, &later).await, key), "a key wrapped after reopening did not unwrap")
}

pub(super) async fn tenant_is_bound(factory: &dyn Factory) -> Result<(), Breach> {
    let provider = factory.fresh().await?;
    let [key, ..] = KEYS;
    let wrapped = provider.wrap(TENANT, &SecretKey::from_bytes(key)).await?;
    // The other tenant has a wrapping key too, where the provider keeps one a tenant.
    provider.wrap(OTHER, &SecretKey::from_bytes(key)).await?;
    let answer = provider.unwrap(OTHER, &wrapped).await;
    ensure(answer.is_err(), "what was wrapped for one tenant unwrapped for another")
}

pub(super) async fn unwrapping_makes_no_key(factory: &dyn Factory) -> Result<(), Breach> {
    let (one, other) = (factory.fresh().await?, factory.fresh().await?);
    let reason = match factory.fresh_key() {
        FreshKey::Absent => KeyError::Missing,
        FreshKey::Present => KeyError::Wrong,
    };
    let [key, ..] = KEYS;
    let wrapped = one.wrap(TENANT, &SecretKey::from_bytes(key)).await?;
    let what = "before its first wrap, `unwrap` did not say that the key is missing or another";
    refused(&other.unwrap(TENANT, &wrapped).await, reason, what)?;
    let what = "`unwrap` made a wrapping key where none was";
    refused(&other.unwrap(TENANT, &wrapped).await, reason, what)?;
    let other = factory.reopen(other).await?;
    refused(&other.unwrap(TENANT, &wrapped).await, reason, what)
}

pub(super) async fn another_is_wrong(factory: &dyn Factory) -> Result<(), Breach> {
    let (one, other) = (factory.fresh().await?, factory.fresh().await?);
    let [key, ..] = KEYS;
    let wrapped = one.wrap(TENANT, &SecretKey::from_bytes(key)).await?;
    let own = other.wrap(TENANT, &SecretKey::from_bytes(key)).await?;
    let what = "another wrapping key was not said to be wrong";
    refused(&other.unwrap(TENANT, &wrapped).await, KeyError::Wrong, what)?;
    ensure(is(&other.unwrap(TENANT, &own).await, key), "a refused unwrap replaced the wrapping key")
}

pub(super) async fn altered_is_wrong(factory: &dyn Factory) -> Result<(), Breach> {
    let provider = factory.fresh().await?;
    let [.., key] = KEYS;
    let wrapped = provider.wrap(TENANT, &SecretKey::from_bytes(key)).await?;
    let what = "an altered wrapped key was not said to be wrong";
    for place in 0..wrapped.len() {
        let mut altered = wrapped.clone();
        altered.iter_mut().skip(place).take(1).for_each(|byte| *byte ^= 1);
        refused(&provider.unwrap(TENANT, &altered).await, KeyError::Wrong, what)?;
        altered.truncate(place);
        refused(&provider.unwrap(TENANT, &altered).await, KeyError::Wrong, what)?;
    }
    let mut longer = wrapped.clone();
    longer.push(0);
    refused(&provider.unwrap(TENANT, &longer).await, KeyError::Wrong, what)?;
    ensure(is(&provider.unwrap(TENANT, &wrapped).await, key), "a refused unwrap spoiled the wrapping key")
}

pub(super) async fn wraps_differ(factory: &dyn Factory) -> Result<(), Breach> {
    let provider = factory.fresh().await?;
    for key in KEYS {
        let mut seen = Vec::new();
        for _ in 0..8 {
            seen.push(provider.wrap(TENANT, &SecretKey::from_bytes(key)).await?);
        }
        seen.sort_unstable();
        seen.dedup();
        ensure(seen.len() == 8, "wrapping a key twice gave the same bytes")?;
    }
    Ok(())
}

pub(super) async fn wraps_are_short(factory: &dyn Factory) -> Result<(), Breach> {
    let provider = factory.fresh().await?;
    for key in KEYS {
        let wrapped = provider.wrap(TENANT, &SecretKey::from_bytes(key)).await?;
        ensure(wrapped.len() <= 4096, "a wrapped key is longer than 4 KiB")?;
    }
    Ok(())
}
