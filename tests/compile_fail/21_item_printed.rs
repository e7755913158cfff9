//! An item of a chart does not print.

use mychartum_core::chart::{Item, Observation};

pub fn case(item: &Item<Observation>) -> String {
    item.to_string() //~ E0599
    //= item.id.to_string()
}
