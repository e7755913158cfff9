//! The way to storage and keys is closed to everyone outside.

use mychartum_core::ledger::Failure; //~ E0603
//= use mychartum_core::portal::Failure;

pub fn case(failure: Failure) -> bool {
    failure.is_integrity()
}
