//! What people wrote does not print by accident.

use mychartum_core::kernel::text::Label;

pub fn case(text: &Label) -> String {
    format!("{text}") //~ E0277
    //= text.as_str().to_owned()
}
