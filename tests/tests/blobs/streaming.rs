//! A long file goes in and comes out, and nobody holds more than a few chunks of it.
//!
//! `MYCHARTUM_TEST_BLOB_MEGABYTES=1024` makes it a gigabyte, which wants `--release`: unoptimised, a megabyte takes a
//! third of a second.

use std::fs::File;
use std::io::Write as _;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use mychartum_core::attachments::NewAttachment;
use mychartum_core::port::blob_store::{BlobError, BlobErrorKind, BlobName, BlobObject};
use mychartum_core::port::{BlobStore, BlobUpload};
use sha2::{Digest, Sha256};

use crate::house::{House, house, portal, settings};

/// A store of one object in a file without a name, which keeps count of how much it is given and asked for at once.
#[derive(Debug, Clone)]
struct OneFile {
    file: Arc<File>,
    /// The most bytes that one call carried.
    most: Arc<AtomicUsize>,
    read: Arc<AtomicU64>,
}

impl OneFile {
    fn carries(&self, bytes: usize) {
        self.most.fetch_max(bytes, Ordering::SeqCst);
    }
}

#[async_trait]
impl BlobUpload for OneFile {
    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), BlobError> {
        self.carries(bytes.capacity());
        (&*self.file).write_all(&bytes).map_err(|_| BlobError::new(BlobErrorKind::Full, "write"))
    }

    async fn complete(self: Box<Self>) -> Result<(), BlobError> {
        Ok(())
    }
}

#[async_trait]
impl BlobStore for OneFile {
    async fn begin(&self, _name: BlobName) -> Result<Box<dyn BlobUpload>, BlobError> {
        Ok(Box::new(self.clone()))
    }

    async fn read(&self, _name: BlobName, range: Range<u64>) -> Result<Vec<u8>, BlobError> {
        let end = range.end.min(self.file.metadata().unwrap().len());
        let mut bytes = vec![0; usize::try_from(end - range.start).unwrap()];
        self.file.read_exact_at(&mut bytes, range.start).unwrap();
        self.carries(bytes.len());
        self.read.fetch_add(bytes.len() as u64, Ordering::SeqCst);
        Ok(bytes)
    }

    async fn list(&self, _after: Option<BlobName>, _limit: u32) -> Result<Vec<BlobObject>, BlobError> {
        Ok(vec![])
    }

    async fn delete(&self, _name: BlobName) -> Result<(), BlobError> {
        Ok(())
    }

    async fn tidy(&self, _before: DateTime<Utc>) -> Result<u64, BlobError> {
        Ok(0)
    }
}

/// What a generator gives: a megabyte at a time, each unlike the others in every kilobyte.
fn fill(megabyte: &mut [u8], number: u64) {
    for (place, part) in (0u64..).zip(megabyte.chunks_mut(1 << 10)) {
        part[..8].copy_from_slice(&number.to_be_bytes());
        part[8..16].copy_from_slice(&place.to_be_bytes());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_file_streams_through_in_constant_memory() {
    let megabytes = std::env::var("MYCHARTUM_TEST_BLOB_MEGABYTES").map_or(12, |number| number.parse().unwrap());
    let file = OneFile { file: Arc::new(tempfile::tempfile().unwrap()), most: Arc::default(), read: Arc::default() };
    let house = house().await;
    let house = House { portal: portal(house.rows.clone(), file.clone(), &house.clock, settings()).await, ..house };
    let mut upload = house.portal.attach(house.maria, NewAttachment::to(house.letter())).await.unwrap();
    let mut hash = Sha256::new();
    let mut megabyte = vec![0x5a; 1 << 20];
    for number in 0..megabytes {
        fill(&mut megabyte, number);
        hash.update(&megabyte);
        upload.write(&megabyte).await.unwrap();
    }
    let attached = upload.finish().await.unwrap();
    assert_eq!((attached.bytes, attached.sha256), (megabytes << 20, hash.finalize().into()));
    assert_eq!(file.file.metadata().unwrap().len(), 67 + (megabytes << 20) + megabytes * 16 * 16);
    // One sealed chunk at a time, and not a byte of memory more for it.
    assert_eq!(file.most.swap(0, Ordering::SeqCst), (1 << 16) + 16);

    let mut reader = house.reader(&attached).await;
    let (mut number, mut place) = (0, 0);
    fill(&mut megabyte, 0);
    while let Some(chunk) = reader.next().await.unwrap() {
        if place == megabyte.len() {
            (number, place) = (number + 1, 0);
            fill(&mut megabyte, number);
        }
        assert!(*chunk == megabyte[place..place + chunk.len()], "megabyte {number}");
        place += chunk.len();
    }
    assert_eq!((number + 1, place), (megabytes, 1 << 20));
    // Sixteen sealed chunks at a time, as the settings say, and the header before the first.
    assert_eq!(file.most.load(Ordering::SeqCst), 67 + 16 * ((1 << 16) + 16));

    // A range near the end fetches the header and the chunks that have it, and nothing else.
    file.read.store(0, Ordering::SeqCst);
    let end = attached.bytes;
    let mut part = house.reader(&attached).await.range(end - 70_000..end).unwrap();
    let mut bytes = Vec::new();
    while let Some(chunk) = part.next().await.unwrap() {
        bytes.extend_from_slice(&chunk);
    }
    assert!(bytes == megabyte[(1 << 20) - 70_000..]);
    assert_eq!(file.read.load(Ordering::SeqCst), 67 + 2 * ((1 << 16) + 16));
}
