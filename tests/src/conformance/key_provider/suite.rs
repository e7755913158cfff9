//! The list of cases.

use super::{Factory, cases};
use crate::conformance::case::case;
use crate::conformance::{Case, Report};

/// Every case, in the order of the promises.
pub const CASES: &[Case<dyn Factory>] = &[
    case!(1, "what was wrapped unwraps", cases::unwraps),
    case!(1, "also after reopening", cases::unwraps_after_reopening),
    case!(2, "the tenant is bound to it", cases::tenant_is_bound),
    case!(3, "no wrapping key is made or replaced by unwrapping", cases::unwrapping_makes_no_key),
    case!(3, "another wrapping key is said to be wrong", cases::another_is_wrong),
    case!(3, "an altered wrapped key is said to be wrong", cases::altered_is_wrong),
    case!(4, "wrapping twice gives different bytes", cases::wraps_differ),
    case!(5, "a wrapped key is at most 4 KiB", cases::wraps_are_short),
];

/// Runs every case against the factory's providers.
pub async fn run_all(factory: &(dyn Factory + 'static)) -> Report {
    Report::run("key provider", CASES, factory).await
}
