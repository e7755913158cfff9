//! Handing a delivery over to an intake.

use mychartum_core::portal::Failure;
use mychartum_core::sync::{Intake, Parcel};

use super::error::FileError;
use super::read::{FhirDelivery, Progress};

/// How many parcels are offered at once, and of how many bytes together.
const PARCELS: usize = 2_000;
const BYTES: usize = 4 << 20;

/// Offers every parcel of a delivery to an intake, in batches, and returns when all of it is durable.
///
/// Reading the documents blocks for as long as the disk does; a host with other work to do runs this on a thread that may
/// block. `progress` is told after each batch.
///
/// Returns the documents that could not be read to their end any more, because they changed or went away since the delivery
/// was opened; what was read of them is filed.
///
/// # Errors
/// [`Failure`]: storage or keys failed. Delivering again is safe: nothing is filed twice.
pub async fn deliver(
    intake: &mut Intake,
    delivery: &FhirDelivery,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Vec<FileError>, Failure> {
    let mut parcels = delivery.parcels();
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
