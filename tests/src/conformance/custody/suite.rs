//! The list of cases.

use super::{Factory, fence, install, move_house, serving, snapshot, turns};
use crate::conformance::case::case;
use crate::conformance::{Case, Report};

/// Every case, in the order of the promises.
pub const CASES: &[Case<dyn Factory>] = &[
    case!(1, "a new storage serves every bucket", serving::a_new_storage_serves_all),
    case!(1, "a bucket that was given back is served again", serving::given_back),
    case!(2, "a leaving bucket is read and takes no commits", serving::leaving),
    case!(3, "a bucket elsewhere refuses everything", serving::elsewhere),
    case!(3, "an arriving bucket is busy", serving::arriving),
    case!(4, "a turn needs the expected state", turns::expected_states),
    case!(4, "a step that is ruled out is invalid", turns::ruled_out_steps),
    case!(4, "turns are all or none", turns::all_or_none),
    case!(4, "a repeated turn changes nothing", turns::repeated),
    case!(4, "turns outlive reopening", turns::durable),
    case!(5, "an earlier epoch is a conflict", fence::earlier_epochs_conflict),
    case!(5, "installed heads get the bucket's epoch", fence::installed_heads_follow),
    case!(5, "no commit slips past a turn", fence::none_slips_past),
    case!(6, "a snapshot stands still", snapshot::stands_still),
    case!(7, "a snapshot lists every partition", snapshot::lists_partitions),
    case!(7, "a snapshot gives every row once, in order", snapshot::gives_rows),
    case!(7, "long pages end early and lose nothing", snapshot::long_rows),
    case!(8, "a moved bucket is the same, verbatim", move_house::verbatim),
    case!(8, "also after reopening", move_house::verbatim_after_reopening),
    case!(8, "a first piece replaces, a repeated one changes nothing", install::replaces),
    case!(9, "pieces go only into arriving buckets", install::only_arriving),
    case!(9, "broken pieces are invalid and change nothing", install::broken_pieces),
    case!(10, "a cleared bucket holds nothing", install::cleared),
];

/// Runs every case against the factory's storages.
pub async fn run_all(factory: &(dyn Factory + 'static)) -> Report {
    Report::run("custody", CASES, factory).await
}
