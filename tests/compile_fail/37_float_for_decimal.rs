//! A number of a chart is never a float.

use mychartum_core::kernel::Decimal;

pub fn case() -> Decimal {
    Decimal::from(6.1) //~ E0277
    //= Decimal::from(6)
}
