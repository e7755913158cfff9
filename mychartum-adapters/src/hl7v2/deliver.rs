//! Handing a delivery over to an intake.

use mychartum_core::portal::Failure;
use mychartum_core::sync::Intake;

use crate::delivery::{FileError, Progress, offer_all};

use super::map::Hl7v2Delivery;

/// Offers every parcel of a delivery to an intake, in batches, and returns when all of it is durable.
///
/// Reading the files blocks for as long as the disk does; a host with other work to do runs this on a thread that may block.
/// `progress` is told after each batch.
///
/// Returns the files that could not be read any more, because they changed or went away since the delivery was opened.
///
/// # Errors
/// [`Failure`]: storage or keys failed. Delivering again is safe: nothing is filed twice.
pub async fn deliver(
    intake: &mut Intake,
    delivery: &Hl7v2Delivery,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Vec<FileError>, Failure> {
    offer_all(intake, delivery.parcels(), progress).await
}
