//! Sealing and opening a row, beside the bare cipher with a key that is ready.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a benchmark that cannot run fails by panicking, and a program has no readers of its items"
)]

use aes_gcm::aead::AeadInOut as _;
use aes_gcm::{Aes256Gcm, KeyInit as _};
use mychartum_adapters::system::SystemEntropy;
use mychartum_benches::{Bench, Unit, each};
use mychartum_core::kernel::id::{PatientId, TenantId};
use mychartum_core::port::storage::{Collection, Partition, RowId, Tag};
use mychartum_core::vault::{DataKey, PartitionKey, SealContext};

const SIZES: [(&str, usize, u64); 3] = [("200_b", 200, 200), ("2_kib", 2 << 10, 100), ("64_kib", 64 << 10, 10)];

fn main() {
    let mut bench = Bench::of_args();
    let partition = Partition::patient(PatientId::from_bytes([1; 16]));
    let data = DataKey::generate(&SystemEntropy).unwrap();
    let key = PartitionKey::new(TenantId::from_bytes([2; 16]), partition, &data);
    let context = SealContext {
        partition,
        collection: Collection::new(0x101),
        row: RowId::from_bytes([3; 16]),
        version: 1,
        order: 1_700_000_000_000_000,
        tags: &[Tag::from_bytes([4; 16])],
    };
    let cipher = Aes256Gcm::new(&[5; 32].into());
    let nonce = [6; 12].into();
    let associated = [7; 123];

    for (name, size, times) in SIZES {
        let text: Vec<u8> = (0..size).map(|n| u8::try_from(n % 251).unwrap_or_default()).collect();
        let sealed = key.seal(&context, &text, &SystemEntropy).unwrap();
        bench.pair(
            &format!("seal.{name}"),
            Unit::Nanoseconds,
            (1_000, times),
            &mut each(|| key.seal(&context, &text, &SystemEntropy).unwrap()),
            &mut each(|| {
                let mut body = text.clone();
                let tag = cipher.encrypt_inout_detached(&nonce, &associated, body.as_mut_slice().into()).unwrap();
                (body, tag)
            }),
        );
        let mut body = text.clone();
        let tag = cipher.encrypt_inout_detached(&nonce, &associated, body.as_mut_slice().into()).unwrap();
        bench.pair(
            &format!("open.{name}"),
            Unit::Nanoseconds,
            (1_000, times),
            &mut each(|| key.open(&context, &sealed).unwrap()),
            &mut each(|| {
                let mut text = body.clone();
                cipher.decrypt_inout_detached(&nonce, &associated, text.as_mut_slice().into(), &tag).unwrap();
                text
            }),
        );
    }
    bench.finish();
}
