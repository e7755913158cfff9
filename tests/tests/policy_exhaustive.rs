//! The policy engine against its specification, case by case.
//!
//! `decide` is compared with an independent specification (`policy_exhaustive/spec.rs`): answer, rule, grant and obligations.
//! In a release build every case of the space below is compared, more than a thousand million; a debug build compares a seeded
//! sample of two million of the same space:
//!
//! ```text
//! cargo test -p mychartum-testkit --release --test policy_exhaustive -- --nocapture
//! ```
//!
//! # The space, and how it is factored
//!
//! The product of all dimensions (`space.rs` lists them and their values) is too large for any machine. It is cut where steps
//! of the decision do not read each other's facts, into six blocks. Each block is a full product; a dimension that a block
//! does not name has its plainest value there.
//!
//! | block | every combination of |
//! |---|---|
//! | gates | every kind of asker and state of the glass, tenant, token, assurance, verb, life, with items of either tenant and chart, fact or not, labels, hidden, released, shown after a tap, author |
//! | ages | five policies, twenty dates of birth, seven bases, majority, assent, widening, rights, narrowing, consents, verbs, with sections, labels, topics and times of recording |
//! | grants | policies, ages, bases, life, rights, consents, six positions in time, standing, tenant and chart of the grant, thirteen delegations, with sections, labels, hidden, released, author |
//! | delegations | policies, dates of birth, bases, widening of the last grant of a chain, consents, delegations, with sections, labels, topics, times of recording |
//! | written consents | policies, ages, every kind of asker, purpose, bases, life, written consents and labels on the grant, delegations, with every section, labels, topics, released, hidden |
//! | owners | the five policies and that of own records, dates of birth, life, majority, assent, verbs, tokens, assurance, with every section, labels, four times of release, shown after a tap, topics, fact or not |
//!
//! One grant of the asker, and the grants that it was delegated from: several grants of one proxy are the union law's affair
//! (`policy_properties.rs`). The specification is asked once for each value of what each of its rules reads (`memo.rs`), and
//! the tables are combined in the specification's own order; that they say what the specification says without tables is a
//! test of its own. That the space is not blind is shown by mistakes made on purpose, each of which must be found.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, and prints what it measured"
)]

#[path = "policy_exhaustive/calendar.rs"]
mod calendar;
#[path = "policy_exhaustive/compare.rs"]
mod compare;
#[path = "policy_exhaustive/memo.rs"]
mod memo;
#[path = "policy_exhaustive/mistakes.rs"]
mod mistakes;
#[path = "policy_exhaustive/policies.rs"]
mod policies;
#[path = "policy_exhaustive/space.rs"]
mod space;
#[path = "policy_exhaustive/spec.rs"]
mod spec;
#[path = "policy_exhaustive/stage.rs"]
mod stage;
#[path = "policy_exhaustive/world.rs"]
mod world;

use compare::Block;
use memo::{Memo, words};
use mistakes::{Bug, Law};
use space::Dim;
use stage::Stage;

const SEED: u64 = 20_260_228;

/// Whether this build compares everything.
const EVERYTHING: bool = !cfg!(debug_assertions);

const EVERY: &[u8] = &[];

fn blocks() -> [Block; 6] {
    let gates = Block::new(
        "gates",
        &[
            (Dim::Pack, &[0, 4]),
            (Dim::Birth, &[2, 8]),
            (Dim::Life, EVERY),
            (Dim::Asker, EVERY),
            (Dim::AskerTenant, EVERY),
            (Dim::Assurance, EVERY),
            (Dim::App, EVERY),
            (Dim::Verb, &[0, 2, 3, 7]),
        ],
        &[
            (Dim::ItemTenant, EVERY),
            (Dim::ItemChart, &[0, 1]),
            (Dim::Truth, EVERY),
            (Dim::Section, &[0, 1, 6, 14]),
            (Dim::Labels, &[0, 1, 3, 5]),
            (Dim::Released, &[0, 3, 5, 7, 8]),
            (Dim::Shows, EVERY),
            (Dim::Hidden, EVERY),
            (Dim::Author, EVERY),
        ],
    );
    let ages = Block::new(
        "ages",
        &[
            (Dim::Pack, &[0, 1, 2, 3, 4]),
            (Dim::Birth, EVERY),
            (Dim::Basis, EVERY),
            (Dim::Majority, EVERY),
            (Dim::Assent, &[0, 2]),
            (Dim::Widened, EVERY),
            (Dim::Rights, &[0, 1]),
            (Dim::Left, &[0, 1]),
            (Dim::Consents, EVERY),
            (Dim::Verb, &[0, 3, 5]),
        ],
        &[(Dim::Section, &[0, 1, 5, 6, 8, 10, 14]), (Dim::Labels, EVERY), (Dim::Topics, EVERY), (Dim::Recorded, EVERY)],
    );
    let grants = Block::new(
        "grants",
        &[
            (Dim::Pack, &[0, 1, 2, 3, 4]),
            (Dim::Birth, &[2, 5, 12, 18]),
            (Dim::Basis, &[0, 1, 3, 6]),
            (Dim::Life, &[0, 1]),
            (Dim::Rights, EVERY),
            (Dim::Consents, &[0, 2]),
            (Dim::Time, EVERY),
            (Dim::Standing, EVERY),
            (Dim::Place, EVERY),
            (Dim::Delegation, EVERY),
            (Dim::Verb, &[0, 4]),
        ],
        &[
            (Dim::Section, &[1, 12, 14]),
            (Dim::Labels, &[0, 1, 3, 5]),
            (Dim::Recorded, &[0, 4]),
            (Dim::Released, &[0, 5]),
            (Dim::Hidden, &[0, 1, 2]),
            (Dim::Author, &[0, 1]),
        ],
    );
    let delegations = Block::new(
        "delegations",
        &[
            (Dim::Pack, &[0, 1, 2, 3, 4]),
            (Dim::Birth, EVERY),
            (Dim::Basis, EVERY),
            (Dim::Widened, EVERY),
            (Dim::Consents, &[0, 2]),
            (Dim::Delegation, EVERY),
            (Dim::Verb, &[0, 3]),
        ],
        &[(Dim::Section, &[1, 5, 6, 14]), (Dim::Labels, EVERY), (Dim::Topics, EVERY), (Dim::Recorded, EVERY)],
    );
    let owners = Block::new(
        "owners",
        &[
            (Dim::Asker, &[1]),
            (Dim::Pack, EVERY),
            (Dim::Birth, EVERY),
            (Dim::Life, EVERY),
            (Dim::Majority, EVERY),
            (Dim::Assent, EVERY),
            (Dim::App, EVERY),
            (Dim::Assurance, &[0, 1, 2]),
            (Dim::Verb, EVERY),
        ],
        &[
            (Dim::Truth, EVERY),
            (Dim::Section, EVERY),
            (Dim::Labels, &[0, 1, 3, 5]),
            (Dim::Topics, &[0, 1]),
            (Dim::Released, &[0, 1, 2, 3]),
            (Dim::Shows, EVERY),
        ],
    );
    let part2 = Block::new(
        "written consents",
        &[
            (Dim::Pack, &[0, 1, 4]),
            (Dim::Birth, &[2, 5, 8]),
            (Dim::Asker, EVERY),
            (Dim::Purpose, EVERY),
            (Dim::Basis, &[0, 1, 2, 6]),
            (Dim::Life, EVERY),
            (Dim::Consents, EVERY),
            (Dim::Delegation, &[0, 1, 4, 6, 9]),
            (Dim::Verb, &[0, 1]),
        ],
        &[
            (Dim::Section, EVERY),
            (Dim::Labels, EVERY),
            (Dim::Topics, &[0, 1]),
            (Dim::Released, &[0, 5]),
            (Dim::Hidden, &[0, 1]),
        ],
    );
    [gates, ages, grants, delegations, owners, part2]
}

#[test]
fn the_engine_is_its_specification() {
    let stage = Stage::new();
    let blocks = blocks();
    for block in &blocks {
        println!("block {}: {} cases", block.name, block.cases());
    }
    let found = if EVERYTHING {
        compare::everything(&stage, &blocks)
    } else {
        compare::sampled(&stage, &blocks, SEED, 2_000_000)
    };
    let kind = if EVERYTHING { "every case" } else { "a seeded sample; a release build compares every case" };
    println!("cases {} mismatches {} ({kind})", found.cases, found.mismatches);
    println!("in {} of them one side permits what the other denies", found.answers);
    println!("cpu {:.1} s", found.cpu);
    if EVERYTHING {
        assert!(found.cases >= 1_000_000_000, "the space has at least a thousand million cases");
    }
    assert!(found.mismatches == 0, "{}", found.report());
}

#[test]
fn the_tables_say_what_the_specification_says() {
    let stage = Stage::new();
    let mut laws = vec![Law::SOUND];
    laws.extend(Bug::ALL.map(|bug| Law { bug: Some(bug) }));
    for law in laws {
        let mut memo = Memo::new(&stage, law);
        compare::sample(&stage, &blocks(), SEED + 1, 4_000, |case, _| {
            let (by_table, direct) = (memo.answer(case), compare::direct(&stage, law, case));
            assert_eq!(by_table, direct, "{law:?} {case:?}: {} or {}", words(by_table), words(direct));
        });
    }
}

#[test]
fn every_mistake_made_on_purpose_is_found() {
    let stage = Stage::new();
    let cases = if EVERYTHING { 5_000_000 } else { 600_000 };
    let mut sound = Memo::new(&stage, Law::SOUND);
    let mut wrong: Vec<_> = Bug::ALL.map(|bug| (bug, Memo::new(&stage, Law { bug: Some(bug) }), 0u64)).into();
    let mut seen = 0u64;
    compare::sample(&stage, &blocks(), SEED + 2, cases, |case, got| {
        seen += 1;
        let right = sound.answer(case);
        for (_, memo, shown) in &mut wrong {
            let mistaken = memo.answer(case);
            // Where the engine and the sound specification give different reasons, only the answer can show a mistake, and
            // where they give different answers nothing can.
            let (same, permits) = (right == got, |code| code & memo::PERMIT != 0);
            let seen = if same {
                mistaken != got
            } else {
                permits(right) == permits(got) && permits(mistaken) != permits(got)
            };
            *shown += u64::from(seen);
        }
    });
    for (bug, _, shown) in &wrong {
        println!("{bug:?}: shown by {shown} of {seen} cases, a share of {:.1e}", *shown as f64 / seen as f64);
    }
    let missed: Vec<Bug> = wrong.iter().filter(|(_, _, shown)| *shown == 0).map(|(bug, _, _)| *bug).collect();
    assert!(missed.is_empty(), "not found: {missed:?}");
}
