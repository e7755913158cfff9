//! S3-compatible stores.

use std::sync::Arc;

use mychartum_core::port::blob_store::{BlobError, BlobErrorKind};
use object_store::aws::AmazonS3Builder;

use super::{Listing, ObjectBlobs};

impl ObjectBlobs {
    /// Files in an S3-compatible store, under a prefix that nothing else uses (`""` for the whole bucket).
    ///
    /// The host configures endpoint, bucket, region and credentials in the builder; `AmazonS3Builder::from_env` reads
    /// the usual variables. TLS is rustls with ring. Where the process has not chosen its TLS provider yet, this
    /// chooses ring for it.
    ///
    /// ```no_run
    /// use mychartum_adapters::blobs::ObjectBlobs;
    /// use mychartum_adapters::blobs::object_store::aws::AmazonS3Builder;
    ///
    /// # fn open() -> Result<(), Box<dyn std::error::Error>> {
    /// let bucket = AmazonS3Builder::from_env().with_bucket_name("portal-files");
    /// let blobs = ObjectBlobs::s3(bucket, "files")?;
    /// # let _ = blobs;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `Invalid` when the configuration is incomplete.
    pub fn s3(bucket: AmazonS3Builder, prefix: &str) -> Result<Self, BlobError> {
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // Fails only if another thread was first, and then there is one.
            rustls::crypto::ring::default_provider().install_default().ok();
        }
        // One object is deleted at a time, and some compatible stores do not know the request for many.
        let store = bucket.with_disable_bulk_delete(true).build();
        let store = store.map_err(|_| BlobError::new(BlobErrorKind::Invalid, "open"))?;
        Ok(Self::over(Arc::new(store), prefix, Listing::Sorted))
    }
}
