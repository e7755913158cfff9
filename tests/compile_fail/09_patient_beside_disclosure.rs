//! A disclosure is of one chart; another cannot be asked of it.

use mychartum_core::kernel::id::PatientId;
use mychartum_core::portal::{Disclosure, Page, ReadError};

pub async fn case(chart: &Disclosure, _other: PatientId) -> Result<(), ReadError> {
    chart.results(_other, Page::ALL).await?; //~ E0061
    //= chart.results(Page::ALL).await?;
    Ok(())
}
