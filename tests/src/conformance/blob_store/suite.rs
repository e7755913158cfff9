//! The list of cases.

use super::{Factory, apart, exact, finding, whole};
use crate::conformance::case::case;
use crate::conformance::{Case, Report};

/// Every case, in the order of the promises.
pub const CASES: &[Case<dyn Factory>] = &[
    case!(1, "what is complete is there after reopening", exact::outlive_reopening),
    case!(2, "nothing is there before it is complete", whole::nothing_before_it_is_complete),
    case!(2, "nothing is there of what was dropped", whole::nothing_of_what_was_dropped),
    case!(2, "completing is all or nothing", whole::completing_is_all_or_nothing),
    case!(3, "bytes are the same however they are cut", exact::however_they_are_cut),
    case!(4, "a range gives its bytes as far as there are any", exact::ranges),
    case!(5, "others see an object and its deletion at once", finding::others_see_it_at_once),
    case!(6, "deleting is for one object and may be repeated", finding::deleting),
    case!(7, "the list has every object once, in order", finding::listing),
    case!(7, "times go forward", finding::times_go_forward),
    case!(8, "what belongs to others is left alone", finding::others_are_left_alone),
    case!(9, "names do not mix", apart::names_do_not_mix),
    case!(10, "nonsense is invalid", exact::nonsense_is_invalid),
    case!(11, "only remnants are tidied away", whole::only_remnants_are_tidied),
];

/// Runs every case against the factory's stores.
pub async fn run_all(factory: &(dyn Factory + 'static)) -> Report {
    Report::run("blob store", CASES, factory).await
}
