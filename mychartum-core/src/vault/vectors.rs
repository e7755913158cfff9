//! The formats against their golden file, which another implementation wrote (`tests/golden/vectors.py`).

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::test_entropy::{Fixed, hex};
use super::test_provider::{Lost, now};
use super::{DataKey, Founding, KeyId, PartitionKey, Pepper, SealContext, SecretKey, TagDomain, TenantKey};
use crate::kernel::id::{PatientId, TenantId};
use crate::port::storage::{Collection, Partition, PartitionKind, RowId, Tag};

fn golden() -> BTreeMap<&'static str, &'static str> {
    include_str!("../../tests/golden/sealed_row.txt").lines().map(|line| line.split_once(" = ").unwrap()).collect()
}

fn count_from<const N: usize>(first: u8) -> [u8; N] {
    core::array::from_fn(|index| first + u8::try_from(index).unwrap())
}

#[test]
fn every_format_is_the_documented_one() {
    let secret = SecretKey::from_bytes(count_from(0));
    let tenant = TenantKey::new(TenantId::from_bytes([0x11; 16]), &secret);
    let patient = Partition::patient(PatientId::from_bytes([0x22; 16]));
    let data = DataKey::new(KeyId::new(0x0102_0304_0506_0708), SecretKey::from_bytes(count_from(32)));
    let nonce = Fixed(count_from::<24>(64).to_vec());
    let context = SealContext {
        partition: patient,
        collection: Collection::new(7),
        row: RowId::from_bytes([0x33; 16]),
        version: 3,
        order: -5,
        tags: &[Tag::from_bytes([0x55; 16]), Tag::from_bytes([0x44; 16])],
    };
    let entry = SealContext { collection: Collection::new(9), version: 1, order: 1, tags: &[], ..context };
    let key = PartitionKey::new(tenant.tenant(), patient, &data);
    let founding = now(Founding::wrap(&tenant, &secret, &Lost { wrapped: b"wrap".to_vec() })).unwrap();
    let index = tenant.blind_index();

    let golden = golden();
    let made = [
        ("plaintext", hex(b"a plain text")),
        ("sealed", hex(&key.seal(&context, b"a plain text", &nonce).unwrap())),
        ("wrapped data key", hex(&tenant.wrap_data_key(patient, &data, &nonce).unwrap())),
        ("sealed audit row", hex(&tenant.audit_key(patient).seal(&entry, b"an entry", &nonce).unwrap())),
        ("founding", hex(&founding.encode())),
        ("tag", hex(&index.tag(TagDomain::Username, &[b"ada"]).to_bytes())),
        ("item id", hex(&index.item_id(b"riverside", b"Observation", b"17").to_bytes())),
        ("row id", hex(&index.row_id(&[b"one", b"two"]).to_bytes())),
        ("password pepper", hex(tenant.pepper(Pepper::Password).expose())),
        ("token pepper", hex(tenant.pepper(Pepper::Token).expose())),
        ("accumulated", hex(&accumulated())),
    ];
    for (name, value) in &made {
        assert_eq!(golden.get(name), Some(&value.as_str()), "{name}");
    }
    assert_eq!(golden.len(), made.len());
}

/// SHA-256 over 10,000 sealed rows, each with everything different.
fn accumulated() -> [u8; 32] {
    let mut every = Sha256::new();
    for i in 0..10_000u64 {
        let number = i.to_be_bytes();
        let seed = |what: &str| -> [u8; 32] { Sha256::new().chain_update(what).chain_update(number).finalize().into() };
        let half = |what| -> [u8; 16] { core::array::from_fn(|index| seed(what)[index]) };
        let tag = seed("tag");
        let tags = [&tag[..16], &tag[16..]].map(|tag| Tag::from_bytes(tag.try_into().unwrap()));
        let kind = PartitionKind::ALL[usize::try_from(i % 5).unwrap()];
        let context = SealContext {
            partition: Partition::new(kind, half("partition")),
            collection: Collection::new(u16::try_from(i).unwrap()),
            row: RowId::from_bytes(half("row")),
            version: i + 1,
            order: i64::try_from(i).unwrap() - 5_000,
            tags: &tags[..usize::try_from(i % 3).unwrap()],
        };
        let data = DataKey::new(KeyId::new(i * i), SecretKey::from_bytes(seed("secret")));
        let key = PartitionKey::new(TenantId::from_bytes(half("tenant")), context.partition, &data);
        let text = number.repeat(usize::try_from(i % 32).unwrap());
        every.update(key.seal(&context, &text, &Fixed(seed("nonce").to_vec())).unwrap());
    }
    every.finalize().into()
}
