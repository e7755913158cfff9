//! Cases of the portal's access policy, and the same policy in Cedar and in casbin.
//!
//! `tests/cedar_differential.rs` compares answers; `src/main.rs` compares speeds. What is measured is in `docs/benchmarks.md`.
#![allow(
    clippy::cast_possible_wrap,
    clippy::cast_possible_truncation,
    reason = "numbers of a benchmark are far from the ends of their types"
)]

pub mod case;
pub mod cases;
pub mod charts;
pub mod dice;
pub mod policies;
pub mod rows;
mod templates;
pub mod translate;
