//! One permit, one disclosure: it cannot be copied.

use mychartum_core::access::Permit;

pub fn case(permit: Permit) -> Permit {
    permit.clone() //~ E0599
    //= permit
}
