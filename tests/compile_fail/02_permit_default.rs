//! There is no permit for nothing in particular.

use mychartum_core::access::Permit;

pub fn case(given: Permit) -> Permit {
    Permit::default() //~ E0599
    //= given
}
