//! Short phrases that sources use, read and said in one way: censored numbers, moments of the day.

mod censored;
#[cfg(any(feature = "ccda", feature = "hl7v2"))]
mod decimal;
#[cfg(any(feature = "ccda", feature = "fhir"))]
mod moment;

pub(crate) use censored::censored;
#[cfg(any(feature = "fhir", feature = "hl7v2"))]
pub(crate) use censored::number_and_unit;
#[cfg(any(feature = "ccda", feature = "hl7v2"))]
pub(crate) use decimal::decimal;
#[cfg(any(feature = "ccda", feature = "fhir"))]
pub(crate) use moment::moment;
