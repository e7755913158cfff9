//! What the benchmarks share: a portal on a real SQLite file, charts filled in bulk, the bare floor, and ratios.
//!
//! Every benchmark measures ours beside a floor in the same run, turn by turn, and ends with lines of the form
//! `ratio NAME OURS FLOOR OURS/FLOOR`. The name ends with the unit: `_ns` is nanoseconds an operation, `_per_s` operations a
//! second, `_mb_per_s` megabytes (10^6 bytes) a second. What each one means is in `docs/benchmarks.md`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark that cannot run fails by panicking"
)]

mod bench;
mod clock;
mod extract;
mod fill;
mod floor;
mod house;
mod oru;
mod percentiles;
mod postgres_floor;
mod rows;
mod writer;

pub use bench::{Bench, Timed, Unit, each};
pub use clock::{cpu, each_cpu};
pub use extract::extract;
pub use fill::{Chart, Filler};
pub use floor::{BareRow, Floor};
pub use house::{House, runtime};
pub use oru::oru;
pub use percentiles::Percentiles;
pub use postgres_floor::{PostgresFloor, PostgresRow};
pub use rows::{Body, Sent, Written, bodies, items};
pub use writer::Writer;
