//! Promise 8: everything comes back as it was put.

use mychartum_core::port::Storage;
use mychartum_core::port::storage::{Due, Put, Scan, Tag};

use super::Factory;
use super::patient::{NOTES, Patient, next, note, row, row_number, tag};
use super::view::stored;
use crate::conformance::Breach;
use crate::conformance::case::ensure;

/// Reads a row in all ways and compares it with what was put.
async fn comes_back(storage: &dyn Storage, patient: &Patient, put: &Put) -> Result<(), Breach> {
    let wanted = stored(patient, put);
    let got = storage.get(patient.partition, put.collection, &[put.row]).await?;
    ensure(got.as_slice() == std::slice::from_ref(&wanted), "`get` gave a row other than it was put")?;
    let scan = Scan::new(patient.partition, put.collection, 1000);
    let scanned = storage.scan(&scan).await?;
    ensure(scanned.contains(&wanted), "`scan` gave a row other than it was put")?;
    for tag in &put.tags {
        let tagged = storage.scan(&Scan { tag: Some(*tag), ..scan.clone() }).await?;
        ensure(tagged.contains(&wanted), "`scan` with a tag gave a row other than it was put")?;
    }
    if put.collection.is_due() {
        let due = Due { bucket: patient.bucket(), collection: put.collection, before: i64::MAX, limit: 1000 };
        ensure(storage.due(&due).await?.contains(&wanted), "`due` gave a row other than it was put")?;
    }
    Ok(())
}

/// Empty bodies, each byte, zeros at the ends, text that is no text, and a mebibyte.
pub(super) async fn bodies(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    let bodies = [
        Vec::new(),
        vec![0],
        vec![0; 33],
        (0..=255).collect(),
        b"\0ends in zero\0".to_vec(),
        b"'; DROP TABLE head; --".to_vec(),
        vec![0xff, 0xfe, 0xc0],
        vec![0x20; 8192],
        (0..1 << 20).map(|place: u32| place.to_le_bytes().iter().fold(7, |sum, byte| sum ^ byte)).collect(),
    ];
    for collection in [NOTES, patient.tasks] {
        let put = |body: &Vec<u8>| Put { collection, body: body.clone(), ..note(row(), 1) };
        let puts: Vec<Put> = bodies.iter().map(put).collect();
        patient.put(&*storage, puts.clone()).await?;
        for put in &puts {
            comes_back(&*storage, &patient, put).await?;
        }
    }
    Ok(())
}

/// The ends of the orders, the ends of the ids, no tag and the most tags in any sequence, and many versions.
pub(super) async fn orders_tags_and_versions(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    let mut puts: Vec<Put> = [i64::MIN, -1, 0, 1, i64::MAX - 1, i64::MAX].map(|order| note(row(), order)).into();
    let tags: Vec<Tag> = (0..14).map(|_| tag()).chain([[0xff; 16], [0; 16]].map(Tag::from_bytes)).collect();
    puts.push(Put { tags, ..note(row_number(0), 7) });
    let due = [i64::MIN, -1, i64::MAX - 1].map(|order| Put { collection: patient.tasks, ..note(row(), order) });
    puts.extend(due);
    for _ in 0..5 {
        patient.put(&*storage, puts.clone()).await?;
        for put in &puts {
            comes_back(&*storage, &patient, put).await?;
        }
        puts = puts.iter().map(next).collect();
        for put in &mut puts {
            put.tags.reverse();
        }
    }
    Ok(())
}
