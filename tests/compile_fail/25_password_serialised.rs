//! A password is not stored, not even by mistake.

use mychartum_core::account::{Password, Username};

pub fn case(password: &Password, _name: &Username) -> String {
    serde_json::to_string(password).unwrap() //~ E0277
    //= { let _ = password; serde_json::to_string(_name).unwrap() }
}
