//! A key does not leave the program unwrapped.

use mychartum_core::vault::{KeyId, SecretKey};

pub fn case(key: &SecretKey) -> String {
    serde_json::to_string(key).unwrap() //~ E0277
    //= { let _ = key; format!("{:?}", KeyId::AUDIT) }
}
