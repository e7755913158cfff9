//! Dates that overlap are neither earlier nor later.

use std::cmp::Ordering;

use mychartum_core::kernel::PartialDate;

pub fn case(a: &PartialDate, b: &PartialDate) -> bool {
    let _ = Ordering::Less;
    *a < *b //~ E0369
    //= a.relation(b) == Some(Ordering::Less)
}
