//! A permit is used up, not shown.

use mychartum_core::access::Permit;
use mychartum_core::portal::{Portal, ReadError};

pub fn case(portal: &Portal, permit: Permit) -> Result<(), ReadError> {
    portal.disclose(&permit)?; //~ E0308
    //= portal.disclose(permit)?;
    Ok(())
}
