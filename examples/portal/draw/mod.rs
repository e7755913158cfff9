//! Pictures of numbers: drawn on the server as SVG, with a sentence and a table that say the same.

pub(crate) mod number_line;
pub(crate) mod plot;
pub(crate) mod scale;
pub(crate) mod spark;
pub(crate) mod table;
pub(crate) mod trend;
