//! The list of cases.

use super::{Harness, cases};
use crate::conformance::case::case;
use crate::conformance::{Case, Report};

/// Every case, in the order of the promises.
pub const CASES: &[Case<dyn Harness>] = &[
    case!(1, "who asks on from the beginning is given everything", cases::everything_is_given),
    case!(1, "what is missing is said", cases::what_is_missing_is_said),
    case!(2, "a change after a pass comes with the next", cases::a_change_comes),
    case!(2, "what an incomplete pass left out comes later", cases::an_incomplete_pass_is_made_good),
    case!(3, "what is somebody else's is set aside", cases::nobody_elses_is_handed_over),
    case!(4, "a list without end and a far side that is not there end", cases::it_ends),
    case!(5, "a cursor works after a restart, and again", cases::a_cursor_is_a_value),
    case!(5, "a cursor of anything else is gone", cases::a_foreign_cursor_is_gone),
    case!(6, "errors are told apart", cases::kinds_are_told_apart),
    case!(6, "a failure in the middle loses nothing", cases::a_failure_loses_nothing),
    case!(7, "categories stand each for itself", cases::categories_stand_alone),
    case!(8, "neither ids nor addresses nor tokens are shown", cases::nothing_is_shown),
];

/// Runs every case against the harness's sources.
pub async fn run_all(harness: &(dyn Harness + 'static)) -> Report {
    Report::run("record source", CASES, harness).await
}
