//! A permit is its own address: no second argument can disagree with it.

use mychartum_core::access::Permit;
use mychartum_core::kernel::id::PatientId;
use mychartum_core::portal::{Portal, ReadError};

pub fn case(portal: &Portal, permit: Permit, _other: PatientId) -> Result<(), ReadError> {
    portal.disclose(permit, _other)?; //~ E0061
    //= portal.disclose(permit)?;
    Ok(())
}
