//! An audit entry is appended to its chain, never written.

use mychartum_core::audit::Entry;

pub fn case(entry: Entry) -> Entry {
    Entry { position: 1, ..entry } //~ E0451
    //= entry
}
