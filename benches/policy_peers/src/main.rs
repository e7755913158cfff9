//! Our access decisions beside Cedar's and casbin's.
//!
//! ```sh
//! cargo run --release --manifest-path benches/policy_peers/Cargo.toml -- --bench    # measures
//! cargo run --release --manifest-path benches/policy_peers/Cargo.toml -- --test     # each once on little data
//! ```
//!
//! What is measured is in `docs/benchmarks.md`.

use std::time::Duration;

use casbin::CoreApi;
use cedar_policy::{Authorizer, Decision, PolicySet};
use mychartum_bench_policy_peers::case::Case;
use mychartum_bench_policy_peers::charts::{self, Path};
use mychartum_bench_policy_peers::translate::Translator;
use mychartum_bench_policy_peers::{policies, rows};
use mychartum_benches::{Bench, Unit, each};
use mychartum_core::access::grant::GrantIndex;
use mychartum_core::access::pack::{EXAMPLE_PACK, PolicyPack};
use mychartum_core::access::{Viewer, decide};

/// So many of our calls are measured for one of a peer's: a peer leaves the processor's caches cold, which at a few nanoseconds a
/// call would be all that one sees.
const CALLS: u32 = 2_000;
/// So many proxies ask in turn where not always the same one asks.
const ASKERS: u64 = 32;

fn main() {
    let mut bench = Bench::of_args();
    let pack = PolicyPack::parse(EXAMPLE_PACK).expect("the example pack");
    for (path, name) in [(Path::Permit, "permit"), (Path::Deny, "deny")] {
        for grants in [1, 10, 100] {
            decisions(&mut bench, &pack, grants, path, &format!("access.{name}_{grants}"));
        }
    }
    for items in [100, 2_000] {
        let count = if bench.is_quick() { 50 } else { items };
        filtering(&mut bench, &pack, count, &format!("access.filter_{items}"));
    }
    bench.finish();
}

/// Times many calls for each that is asked for, and says what one of them takes.
fn many<T>(mut call: impl FnMut() -> T) -> impl FnMut(u64) -> Duration {
    move |times| {
        for _ in 0..CALLS / 10 {
            std::hint::black_box(call());
        }
        each(&mut call)(times * u64::from(CALLS)) / CALLS
    }
}

struct Peers {
    cedar: Authorizer,
    translator: Translator,
    policies: PolicySet,
}

impl Peers {
    fn new(pack: &PolicyPack) -> Self {
        // Each proxy has one grant here, so one policy for grants is enough.
        let policies = policies::policies(1, None);
        Self { cedar: Authorizer::new(), translator: Translator::new(pack), policies }
    }
}

fn decisions(bench: &mut Bench, pack: &PolicyPack, grants: u64, path: Path, name: &str) {
    let peers = Peers::new(pack);
    let case = charts::case(pack, grants, grants / 2, path);
    let index = GrantIndex::new(&case.grants, pack);
    let (question, item, subject) = (case.question(), case.item.facts(), &case.subject);
    let ours = || decide(std::hint::black_box(&question), std::hint::black_box(&item), subject, &index, pack);

    let items = std::slice::from_ref(&case.item);
    let entities = peers.translator.entities(&case, items, pack, None);
    let request = peers.translator.request(&case, 0, &case.item, None);
    let permitted = ours().is_permit();
    assert_eq!(permitted, path == Path::Permit);
    let cedar = |answer: &cedar_policy::Response| assert_eq!(answer.decision() == Decision::Allow, permitted);

    let evaluate = || peers.cedar.is_authorized(&request, &peers.policies, &entities);
    cedar(&evaluate());
    bench.rounds(&format!("{name}.cedar"), Unit::Nanoseconds, (200, 5), &mut many(ours), &mut each(evaluate));

    let requested = || {
        let request = peers.translator.request(&case, 0, &case.item, None);
        peers.cedar.is_authorized(&request, &peers.policies, &entities)
    };
    bench.rounds(&format!("{name}.cedar_request"), Unit::Nanoseconds, (200, 5), &mut many(ours), &mut each(requested));

    let built = || {
        let entities = peers.translator.entities(&case, items, pack, None);
        let request = peers.translator.request(&case, 0, &case.item, None);
        peers.cedar.is_authorized(&request, &peers.policies, &entities)
    };
    bench.rounds(&format!("{name}.cedar_entities"), Unit::Nanoseconds, (100, 2), &mut many(ours), &mut each(built));

    let each_grant = policies::policy_a_grant(&case);
    let evaluate = || peers.cedar.is_authorized(&request, &each_grant, &entities);
    cedar(&evaluate());
    bench.rounds(&format!("{name}.cedar_policies"), Unit::Nanoseconds, (200, 5), &mut many(ours), &mut each(evaluate));

    let enforcer = rows::enforcer(&case);
    let asked = rows::asked(&case, &case.item);
    let [who, chart, section, verb, now, age] = asked.each_ref().map(String::as_str);
    let enforce = || enforcer.enforce((who, chart, section, verb, now, age)).expect("casbin decides");
    assert_eq!(enforce(), permitted);
    bench.rounds(&format!("{name}.casbin"), Unit::Nanoseconds, (200, 5), &mut many(ours), &mut each(enforce));

    if grants > 1 {
        turns(bench, pack, grants, path, name);
    }
}

/// The same question by proxies in turn, against the question of one of them: what the processor cannot guess.
fn turns(bench: &mut Bench, pack: &PolicyPack, grants: u64, path: Path, name: &str) {
    let cases: Vec<Case> = (0..ASKERS).map(|turn| charts::case(pack, grants, turn * 37 + 11, path)).collect();
    let [first, ..] = cases.as_slice() else { return };
    let index = GrantIndex::new(&first.grants, pack);
    let questions: Vec<_> = cases.iter().map(Case::question).collect();
    let item = first.item.facts();
    let mut turn = 0;
    let in_turn = || {
        turn = (turn + 1) % questions.len();
        decide(&questions[turn], std::hint::black_box(&item), &first.subject, &index, pack)
    };
    let one = || decide(std::hint::black_box(&questions[0]), std::hint::black_box(&item), &first.subject, &index, pack);
    bench.rounds(&format!("{name}.in_turn"), Unit::Nanoseconds, (200, 1), &mut many(in_turn), &mut many(one));
}

/// A list of items: the question is made ready once, and each item decided about.
fn filtering(bench: &mut Bench, pack: &PolicyPack, count: usize, name: &str) {
    let peers = Peers::new(pack);
    let case = charts::case(pack, 10, 5, Path::Permit);
    let index = GrantIndex::new(&case.grants, pack);
    let items = charts::items(count);
    let facts: Vec<_> = items.iter().map(mychartum_bench_policy_peers::case::Item::facts).collect();
    let question = case.question();
    let viewer = Viewer::new(&question, &case.subject, &index, pack);
    let compiled = || {
        let viewer = std::hint::black_box(&viewer);
        facts.iter().filter(|item| viewer.decide(item).is_permit()).count()
    };
    let ours = || {
        let viewer = Viewer::new(std::hint::black_box(&question), &case.subject, &index, pack);
        facts.iter().filter(|item| viewer.decide(item).is_permit()).count()
    };
    let permitted = ours();
    assert!(permitted > 0 && permitted < count, "{permitted} of {count}");
    let times = if count > 1_000 { 100 } else { CALLS };
    let many = |call: &dyn Fn() -> usize, asked: u64| each(call)(asked * u64::from(times)) / times;

    let single =
        || facts.iter().filter(|item| decide(&question, item, &case.subject, &index, pack).is_permit()).count();
    assert_eq!(single(), permitted);
    let (mut of_ours, mut of_single) = (|asked| many(&ours, asked), |asked| many(&single, asked));
    bench.rounds(&format!("{name}.decide_each"), Unit::Nanoseconds, (200, 1), &mut of_ours, &mut of_single);
    let mut of_compiled = |asked| many(&compiled, asked);
    bench.rounds(&format!("{name}.after_compile"), Unit::Nanoseconds, (200, 1), &mut of_compiled, &mut of_single);

    let entities = peers.translator.entities(&case, &items, pack, None);
    let requests = items.iter().enumerate().map(|(place, item)| peers.translator.request(&case, place, item, None));
    let requests: Vec<_> = requests.collect();
    let cedar = || {
        let allowed =
            |request| peers.cedar.is_authorized(request, &peers.policies, &entities).decision() == Decision::Allow;
        requests.iter().filter(|request| allowed(request)).count()
    };
    assert_eq!(cedar(), permitted);
    bench.rounds(&format!("{name}.cedar"), Unit::Nanoseconds, (20, 1), &mut of_ours, &mut each(cedar));

    // Casbin's rows know sections, verbs and times only, so it lets more through.
    let enforcer = rows::enforcer(&case);
    let asked: Vec<_> = items.iter().map(|item| rows::asked(&case, item)).collect();
    let casbin = || {
        let allowed = |asked: &[String; 6]| {
            let [who, chart, section, verb, now, age] = asked.each_ref().map(String::as_str);
            enforcer.enforce((who, chart, section, verb, now, age)).expect("casbin decides")
        };
        asked.iter().filter(|asked| allowed(asked)).count()
    };
    bench.rounds(&format!("{name}.casbin"), Unit::Nanoseconds, (20, 1), &mut of_ours, &mut each(casbin));
}
