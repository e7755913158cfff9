//! A decision that was not written down opens nothing.

use mychartum_core::access::{Ask, Facts, Permit, decide};
use mychartum_core::portal::{Portal, ReadError};

pub fn case(portal: &Portal, ask: &Ask, permit: Permit) -> Result<(), ReadError> {
    let decision = decide(ask, &Facts { own: &[ask.patient] });
    portal.disclose(decision)?; //~ E0308
    //= portal.disclose(permit)?;
    Ok(())
}
