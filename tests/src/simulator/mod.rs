//! The clinic's side for tests: a laboratory that sends, the faults of the way, and a storage that fails now and then.

mod unsteady_storage;

pub use unsteady_storage::{Failing, UnsteadyStorage};
