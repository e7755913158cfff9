//! The list of cases.

use super::{Harness, cases};
use crate::conformance::case::case;
use crate::conformance::{Case, Report};

/// Every case, in the order of the promises.
pub const CASES: &[Case<dyn Harness>] = &[
    case!(1, "what is Ok was taken, once, whatever the notice", cases::taken_is_carried_on),
    case!(1, "what was not taken is not Ok", cases::refused_is_not_taken),
    case!(2, "a message goes to its address and to no other", cases::one_address),
    case!(3, "what it says arrives, in its language", cases::what_it_says_arrives),
    case!(4, "busy, bad address and refusal are told apart", cases::kinds_are_told_apart),
    case!(5, "a repetition has the same id", cases::a_repetition_has_the_same_id),
    case!(6, "other channels are refused", cases::only_its_channels),
    case!(7, "a silent far side does not hold it for ever", cases::it_ends_by_itself),
    case!(8, "neither address nor code is shown", cases::nothing_is_shown),
];

/// Runs every case against the harness's notifiers.
///
/// Promise 5 needs a channel with an id: a text gateway without an idempotency header fails it, as it should.
pub async fn run_all(harness: &(dyn Harness + 'static)) -> Report {
    Report::run("notifier", CASES, harness).await
}
