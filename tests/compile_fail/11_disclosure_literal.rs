//! A disclosure is opened with a permit, never written.

use mychartum_core::access::Permit;
use mychartum_core::portal::Disclosure;

pub fn case(chart: Disclosure, permit: Permit) -> Disclosure {
    Disclosure { permit, ..chart } //~ E0451
    //= drop(permit); chart
}
