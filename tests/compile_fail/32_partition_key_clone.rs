//! A partition's key is shared, never copied.

use mychartum_core::vault::PartitionKey;

pub fn case(key: PartitionKey) -> PartitionKey {
    key.clone() //~ E0599
    //= key
}
