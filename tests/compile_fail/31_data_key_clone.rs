//! A data key that was destroyed has no copy.

use mychartum_core::vault::DataKey;

pub fn case(key: DataKey) -> DataKey {
    key.clone() //~ E0599
    //= key
}
