//! Short phrases that sources use, read and said in one way: censored numbers, moments of the day.

mod censored;
mod moment;

pub(crate) use censored::censored;
#[cfg(feature = "fhir")]
pub(crate) use censored::number_and_unit;
pub(crate) use moment::moment;
