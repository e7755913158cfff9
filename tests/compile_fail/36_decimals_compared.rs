//! `1.0` and `1.00` are not the same text, so `<` would lie.

use std::cmp::Ordering;

use mychartum_core::kernel::Decimal;

pub fn case(a: &Decimal, b: &Decimal) -> bool {
    let _ = Ordering::Less;
    *a < *b //~ E0369
    //= a.compare(b) == Ordering::Less
}
