//! The list of cases.

use super::{
    Factory, apart, cancelled, counted, durable, exact, head, idempotent, limited, ordered, own_rows, paged, rows,
    tagged, time, visible, whole,
};
use crate::conformance::case::case;
use crate::conformance::{Case, Report};

/// Every case, in the order of the promises.
pub const CASES: &[Case<dyn Factory>] = &[
    case!(1, "what was acknowledged is there after reopening", durable::everything_outlives_reopening),
    case!(1, "also the very last commit before closing", durable::the_last_commit_outlives_reopening),
    case!(2, "an accepted change set is applied completely", whole::an_accepted_set_is_complete),
    case!(2, "a refused change set changes nothing", whole::a_refused_set_changes_nothing),
    case!(2, "no reader sees a part", whole::readers_see_no_part),
    case!(3, "every later read sees a commit", visible::reads_see_the_commit),
    case!(3, "so do reads of other tasks", visible::other_tasks_see_the_commit),
    case!(4, "an unknown partition has an empty head", head::unknown_partitions_are_empty),
    case!(4, "another revision or epoch is a conflict", head::other_heads_conflict),
    case!(4, "of many with the same expectation one wins", head::one_of_many_wins),
    case!(5, "a put needs the version before it", rows::puts_need_their_version),
    case!(5, "a delete needs the present version", rows::deletes_need_their_version),
    case!(5, "a deleted row begins again at version 1", rows::deleted_rows_begin_again),
    case!(6, "the head follows each commit", head::the_head_follows),
    case!(7, "a repeated change set changes nothing", idempotent::repeating_changes_nothing),
    case!(7, "the last 64 are remembered", idempotent::sixty_four_are_remembered),
    case!(7, "also after reopening", idempotent::remembered_after_reopening),
    case!(7, "the same id with other content is invalid", idempotent::other_content_is_invalid),
    case!(7, "a refused id may be used again", idempotent::a_refused_id_is_free),
    case!(7, "of two repeats at once one applies", idempotent::concurrent_repeats_apply_once),
    case!(8, "bodies come back byte for byte", exact::bodies),
    case!(8, "orders, tags and versions come back", exact::orders_tags_and_versions),
    case!(9, "get and scan keep partitions apart", own_rows::partitions_are_apart),
    case!(9, "get and scan keep collections apart", own_rows::collections_are_apart),
    case!(9, "get answers in the order of the ids", own_rows::get_follows_the_ids),
    case!(10, "orders are signed and ids unsigned", ordered::signed_orders_unsigned_ids),
    case!(10, "a range includes its start and not its end", ordered::ranges),
    case!(10, "a row moves with its order", ordered::rows_move),
    case!(11, "a page has the limit's rows or is the last", paged::limits),
    case!(11, "pages miss none and repeat none", paged::pages_join),
    case!(11, "a position without a row is a place too", paged::positions_without_rows),
    case!(12, "a tag finds exactly its rows", tagged::exactly_its_rows),
    case!(12, "a tag follows updates and deletes", tagged::follows_changes),
    case!(12, "tagged scans are ordered and paged", tagged::ordered_and_paged),
    case!(13, "due rows come across partitions in order", time::across_partitions),
    case!(13, "rows are due only before the given order", time::only_before),
    case!(13, "due rows go when deleted or moved", time::follows_changes),
    case!(14, "every committed partition is listed in order", counted::all_are_listed),
    case!(14, "refused partitions are not listed", counted::refused_are_not),
    case!(15, "change sets over the limits are invalid", limited::oversized_sets),
    case!(15, "change sets at the limits are taken", limited::greatest_sets),
    case!(15, "a limit of 0 is invalid", limited::limits_of_zero),
    case!(16, "partitions never conflict with each other", apart::never_conflict),
    case!(17, "a dropped commit is whole or not at all", cancelled::whole_or_not_at_all),
];

/// Runs every case against the factory's storages.
pub async fn run_all(factory: &(dyn Factory + 'static)) -> Report {
    Report::run("storage", CASES, factory).await
}
