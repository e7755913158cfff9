//! A permit does not end up in a log.

use mychartum_core::access::Permit;

pub fn case(permit: &Permit) -> String {
    format!("{permit}") //~ E0277
    //= format!("{}", permit.entry())
}
