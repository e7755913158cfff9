//! Several storages as one: each bucket is kept by one cell, and a router finds it.

mod cells_storage;
mod end;
mod error;
mod fleet_snapshot;
mod map;
mod moving;
mod standing;
mod waiting;

pub use cells_storage::{Cells, CellsOptions};
pub use error::CellsError;
pub use moving::{MoveProgress, Moved};
