//! A permit is given, never written.

use mychartum_core::access::Permit;

pub fn case(permit: Permit) -> Permit {
    Permit { entry: 7, ..permit } //~ E0451
    //= permit
}
