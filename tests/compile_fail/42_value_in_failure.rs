//! An engine's error names a place; it cannot carry a value.

use mychartum_core::portal::Failure;

pub fn case(name: String) -> Failure {
    Failure::Damaged(name) //~ E0308
    //= { drop(name); Failure::Damaged("item") }
}
