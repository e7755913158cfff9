//! A session asks; it never reads.

use mychartum_core::portal::{Disclosure, Page, ReadError, Session};

pub async fn case(_session: &Session, _chart: &Disclosure) -> Result<(), ReadError> {
    _session.results(Page::ALL).await?; //~ E0599
    //= _chart.results(Page::ALL).await?;
    Ok(())
}
