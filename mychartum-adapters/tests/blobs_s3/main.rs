//! The blob store suite against the S3 client of the adapter, over real sockets, and what it does when the store does
//! not answer.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod server;

use std::sync::Arc;

use async_trait::async_trait;
use chrono::Utc;
use mychartum_adapters::blobs::ObjectBlobs;
use mychartum_adapters::blobs::object_store::RetryConfig;
use mychartum_adapters::blobs::object_store::aws::AmazonS3Builder;
use mychartum_core::port::BlobStore;
use mychartum_core::port::blob_store::{BlobError, BlobErrorKind, BlobName};
use mychartum_testkit::conformance::blob_store::{Factory, run_all};

use server::Server;

const SECRET: &str = "a-secret-that-stands-nowhere";

fn bucket(port: u16) -> AmazonS3Builder {
    AmazonS3Builder::new()
        .with_endpoint(format!("http://127.0.0.1:{port}"))
        .with_allow_http(true)
        .with_bucket_name("bucket")
        .with_region("nowhere")
        .with_access_key_id("key")
        .with_secret_access_key(SECRET)
}

/// One bucket for all cases.
struct S3(Server);

const FOREIGN: [&str; 4] = ["readme.txt", "files/readme.txt", "files/00/notes", "other/files"];

#[async_trait]
impl Factory for S3 {
    async fn fresh(&self) -> Result<Arc<dyn BlobStore>, BlobError> {
        Ok(Arc::new(ObjectBlobs::s3(bucket(self.0.port), "files")?.part_bytes(5 << 20)))
    }

    async fn reopen(&self, store: Arc<dyn BlobStore>) -> Result<Arc<dyn BlobStore>, BlobError> {
        drop(store);
        self.fresh().await
    }

    async fn litter(&self, _store: &dyn BlobStore) -> Result<(), BlobError> {
        let mut state = self.0.state.lock().unwrap();
        state.objects.extend(FOREIGN.map(|key| (key.to_owned(), (b"somebody else's".to_vec(), Utc::now()))));
        Ok(())
    }

    async fn litter_is_left(&self, _store: &dyn BlobStore) -> Result<bool, BlobError> {
        let state = self.0.state.lock().unwrap();
        Ok(FOREIGN.iter().all(|key| state.objects.contains_key(*key)))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_s3_compatible_store_keeps_all_promises() {
    let s3 = S3(Server::start().await);
    run_all(&s3).await.assert_passed();
    let state = s3.0.state.lock().unwrap();
    assert_eq!(state.longest, 5 << 20, "nothing longer than a part is ever sent");
    // What was dropped was aborted; the one that the suite's killed process left is for the operator's rule.
    assert!(state.uploads.len() <= 1 + MAY_BE_UNDER_WAY, "{}", state.uploads.len());
}

/// An upload that was dropped while the request that begins it was under way has no number yet that it could be aborted
/// by.
const MAY_BE_UNDER_WAY: usize = 6;

#[tokio::test]
async fn a_passing_fault_passes_and_a_lasting_one_is_told() {
    let server = Server::start().await;
    let name = BlobName::from_bytes([1; 65]);
    let patient = ObjectBlobs::s3(bucket(server.port), "").unwrap();
    server.state.lock().unwrap().failing = 1;
    let mut upload = patient.begin(name).await.unwrap();
    upload.write(b"bytes".to_vec()).await.unwrap();
    upload.complete().await.unwrap();
    server.state.lock().unwrap().failing = 1;
    assert_eq!(patient.read(name, 1..3).await.unwrap(), b"yt");
    let listed = patient.list(None, 5).await.unwrap();
    assert_eq!(listed.iter().map(|object| (object.name, object.bytes)).collect::<Vec<_>>(), [(name, 5)]);
    assert!(patient.list(Some(name), 5).await.unwrap().is_empty());

    let once = RetryConfig { max_retries: 0, ..RetryConfig::default() };
    let hasty = ObjectBlobs::s3(bucket(server.port).with_retry(once.clone()), "").unwrap();
    server.state.lock().unwrap().failing = 2;
    assert_eq!(hasty.read(name, 1..3).await.unwrap_err().kind(), BlobErrorKind::Unavailable);
    // A port on which nobody listens.
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let nobody = ObjectBlobs::s3(bucket(closed).with_retry(once), "").unwrap();
    for error in [
        nobody.read(name, 0..1).await.unwrap_err(),
        nobody.list(None, 1).await.unwrap_err(),
        nobody.delete(name).await.unwrap_err(),
        nobody.begin(name).await.unwrap().complete().await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), BlobErrorKind::Unavailable);
        assert!(!format!("{error} {error:?}").contains("127.0.0.1"), "an error names no place");
    }
}

#[tokio::test]
async fn debug_shows_no_credentials() {
    let blobs = ObjectBlobs::s3(bucket(1), "").unwrap();
    let upload = blobs.begin(BlobName::from_bytes([1; 65])).await.unwrap();
    let shown = format!("{blobs:?} {upload:?}");
    assert!(!shown.contains(SECRET) && !shown.contains("127.0.0.1"), "{shown}");
}

#[test]
fn an_incomplete_configuration_is_refused() {
    assert_eq!(ObjectBlobs::s3(AmazonS3Builder::new(), "").unwrap_err().kind(), BlobErrorKind::Invalid);
}
