//! One permit, one disclosure: it is gone when it was used.

use mychartum_core::access::Permit;
use mychartum_core::portal::{Portal, ReadError};

pub fn case(portal: &Portal, permit: Permit) -> Result<(), ReadError> {
    portal.disclose(permit)?;
    portal.disclose(permit)?; //~ E0382
    //=
    Ok(())
}
