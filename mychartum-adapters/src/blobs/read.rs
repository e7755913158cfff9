//! Reading ranges, and listing.

use core::ops::Range;
use std::collections::BTreeMap;

use futures_util::StreamExt as _;
use mychartum_core::port::blob_store::{BlobError, BlobErrorKind, BlobName, BlobObject};
use object_store::ObjectStoreExt as _;
use object_store::path::Path;

use super::error::blob_error;
use super::layout::{name_at, object_path, shard_of, shard_path, shards};
use super::{Listing, ObjectBlobs};

impl ObjectBlobs {
    pub(super) async fn read_range(&self, name: BlobName, range: Range<u64>) -> Result<Vec<u8>, BlobError> {
        if range.start > range.end {
            return Err(BlobError::new(BlobErrorKind::Invalid, "read"));
        }
        let place = object_path(&self.prefix, name);
        let error = if range.is_empty() {
            None
        } else {
            match self.store.get_range(&place, range.clone()).await {
                Ok(bytes) => return Ok(bytes.into()),
                Err(error) => Some(blob_error(&error, "read")),
            }
        };
        // Stores refuse a range that begins at the end or beyond, each with an error of its own; the port gives no
        // bytes for it.
        let size = self.store.head(&place).await.map_err(|error| blob_error(&error, "read"))?.size;
        match error {
            Some(error) if range.start < size => Err(error),
            _ => Ok(Vec::new()),
        }
    }

    pub(super) async fn list_page(&self, after: Option<BlobName>, limit: u32) -> Result<Vec<BlobObject>, BlobError> {
        if limit == 0 {
            return Err(BlobError::new(BlobErrorKind::Invalid, "list"));
        }
        let limit = limit as usize;
        match self.listing {
            Listing::Sorted => self.list_part(&self.prefix, after, limit).await,
            Listing::Unsorted => {
                let mut page = Vec::new();
                for shard in shards(after.map_or(0, shard_of)) {
                    page.extend(self.list_part(&shard_path(&self.prefix, shard), after, limit - page.len()).await?);
                    if page.len() >= limit {
                        break;
                    }
                }
                Ok(page)
            }
        }
    }

    /// The first objects under a path after a name, at most so many.
    async fn list_part(
        &self,
        part: &Path,
        after: Option<BlobName>,
        limit: usize,
    ) -> Result<Vec<BlobObject>, BlobError> {
        let mut listing = match after {
            Some(name) => self.store.list_with_offset(Some(part), &object_path(&self.prefix, name)),
            None => self.store.list(Some(part)),
        };
        let mut first: BTreeMap<BlobName, BlobObject> = BTreeMap::new();
        while let Some(meta) = listing.next().await {
            let meta = meta.map_err(|error| blob_error(&error, "list"))?;
            let Some(name) = name_at(&self.prefix, &meta.location).filter(|name| Some(*name) > after) else { continue };
            first.insert(name, BlobObject { name, bytes: meta.size, written_at: meta.last_modified });
            match self.listing {
                Listing::Sorted if first.len() >= limit => break,
                Listing::Sorted => {}
                // Of what comes in no order, only the first ones are kept.
                Listing::Unsorted if first.len() > limit => drop(first.pop_last()),
                Listing::Unsorted => {}
            }
        }
        Ok(first.into_values().collect())
    }
}
