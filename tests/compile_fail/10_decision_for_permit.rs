//! A decision that was not written down opens nothing.

use mychartum_core::access::{Ask, Chart, Facts, Permit, decide};
use mychartum_core::portal::{Portal, ReadError};

pub fn case(portal: &Portal, ask: &Ask, permit: Permit) -> Result<(), ReadError> {
    let decision = decide(ask, &Facts { own: &[ask.patient], chart: Chart::Exists });
    portal.disclose(decision)?; //~ E0308
    //= portal.disclose(permit)?;
    Ok(())
}
