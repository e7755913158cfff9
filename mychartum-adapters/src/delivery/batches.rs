//! Handing the parcels of a delivery over to an intake, in batches.

use mychartum_core::portal::Failure;
use mychartum_core::sync::{Intake, Parcel};

use super::error::FileError;
use super::progress::Progress;

/// How many parcels are offered at once, and of how many bytes together.
const PARCELS: usize = 2_000;
const BYTES: usize = 4 << 20;

/// The parcels of a delivery while they are handed out, whatever language they came in.
pub(crate) trait Handout: Iterator<Item = Parcel> {
    /// How many parcels have been handed out, and of how many.
    fn progress(&self) -> Progress;

    /// The documents that could not be read to their end any more, so far.
    fn failures(&self) -> &[FileError];
}

/// Offers every parcel to an intake, and returns when all of it is durable.
///
/// # Errors
/// [`Failure`]: storage or keys failed. Delivering again is safe: nothing is filed twice.
pub(crate) async fn offer_all<H: Handout + Send>(
    intake: &mut Intake,
    mut parcels: H,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Vec<FileError>, Failure> {
    loop {
        let mut batch: Vec<Parcel> = Vec::new();
        let mut bytes = 0;
        while batch.len() < PARCELS && bytes < BYTES {
            let Some(parcel) = parcels.next() else { break };
            bytes += parcel.original.len();
            batch.push(parcel);
        }
        if batch.is_empty() {
            return Ok(parcels.failures().to_vec());
        }
        intake.offer(batch).await?;
        progress(parcels.progress());
    }
}
