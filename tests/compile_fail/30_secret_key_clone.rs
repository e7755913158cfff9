//! A key that was wiped has no copy.

use mychartum_core::vault::SecretKey;

pub fn case(key: SecretKey) -> SecretKey {
    key.clone() //~ E0599
    //= key
}
