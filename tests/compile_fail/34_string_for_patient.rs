//! A text is no patient's id.

use mychartum_core::kernel::id::{InvalidId, PatientId};
use mychartum_core::port::storage::Partition;

pub fn case(text: String) -> Result<Partition, InvalidId> {
    let patient: PatientId = text; //~ E0308
    //= let patient: PatientId = text.parse()?;
    Ok(Partition::patient(patient))
}
