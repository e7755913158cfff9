//! Several storages as one: each bucket is kept by one cell, and a router finds it.

mod carry;
mod cells_storage;
mod error;
mod fleet_snapshot;
mod map;
mod moving;
mod waiting;

pub use cells_storage::{Cells, CellsOptions};
pub use error::CellsError;
pub use moving::{MoveProgress, Moved};
