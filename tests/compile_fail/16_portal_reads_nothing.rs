//! The host has no road to a chart without a permit.

use mychartum_core::portal::{Disclosure, Page, Portal, ReadError};

pub async fn case(_portal: &Portal, _chart: &Disclosure) -> Result<(), ReadError> {
    _portal.results(Page::ALL).await?; //~ E0599
    //= _chart.results(Page::ALL).await?;
    Ok(())
}
