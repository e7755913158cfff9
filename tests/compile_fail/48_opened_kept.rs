//! What was opened lives no longer than its owner wants: no copy by clone.

use mychartum_core::vault::Opened;

pub fn case(opened: Opened) -> Opened {
    opened.clone() //~ E0599
    //= opened
}
