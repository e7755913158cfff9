//! Growth charts for children: their measurements among those of other children of their age and sex.
//!
//! `growth.toml` says which published reference is for which age, its curves, tables and LOINC codes; the `.tsv` files beside it
//! are the tables as they were published. Ages are counted from birth. The age of a child who was born early is not corrected,
//! since a chart does not say how early; a host that knows should not show these charts before the age its clinics choose.

mod error;
mod growth_chart;
mod lms;
mod percentile;
mod references;
mod table;

pub use error::{GrowthError, GrowthFault};
pub use growth_chart::{Curve, GrowthChart, GrowthPoint};
pub use percentile::Percentile;
pub use references::{GrowthMeasure, GrowthReferences};
pub use table::GrowthSex;
