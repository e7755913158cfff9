//! Nobody can teach a chart's type to print.

use std::fmt;

use mychartum_core::chart::Patient;

pub struct Own(pub Patient);

impl fmt::Display for Patient { //~ E0117
//= impl fmt::Display for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a patient")
    }
}
