//! A permit does not leave the program.

use mychartum_core::access::Permit;

pub fn case(permit: &Permit) -> String {
    serde_json::to_string(permit).unwrap() //~ E0277
    //= serde_json::to_string(&permit.entry()).unwrap()
}
