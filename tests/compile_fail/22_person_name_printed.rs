//! A person's name does not print by accident.

use mychartum_core::chart::PersonName;

pub fn case(name: &PersonName) -> String {
    format!("{name}") //~ E0277
    //= name.shown()
}
