//! The list of cases.

use super::{Factory, cases};
use crate::conformance::case::case;
use crate::conformance::{Case, Report};

/// Every case, in the order of the promises.
pub const CASES: &[Case<dyn Factory>] = &[
    case!(1, "a browser's enrolment is taken, and only where it belongs", cases::enrols),
    case!(2, "a browser's sign-in is taken, and only where it belongs", cases::verifies),
    case!(2, "every bit that is signed counts", cases::signatures_count),
    case!(3, "a counter that does not rise is refused", cases::counters_rise),
    case!(4, "what the authenticator said is told", cases::tells_what_was_signed),
    case!(5, "whatever the text, there is an answer", cases::answers_always),
    case!(6, "the same question has the same answer", cases::answers_alike),
    case!(7, "options say what they must", cases::options_are_whole),
];

/// Runs every case against the factory's verifiers.
pub async fn run_all(factory: &(dyn Factory + 'static)) -> Report {
    Report::run("passkeys", CASES, factory).await
}
