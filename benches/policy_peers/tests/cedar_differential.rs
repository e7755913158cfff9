//! Our decisions and Cedar's, case by case: two implementations of one policy, written apart.

use std::thread;

use cedar_policy::{Authorizer, Decision, PolicySet};
use mychartum_bench_policy_peers::case::Case;
use mychartum_bench_policy_peers::cases;
use mychartum_bench_policy_peers::dice::Dice;
use mychartum_bench_policy_peers::policies::{self, Mistake, PLACES};
use mychartum_bench_policy_peers::translate::Translator;
use mychartum_core::access::Rule;
use mychartum_core::access::pack::{EXAMPLE_PACK, PolicyPack};

/// A debug build is for trying things out: there Cedar takes thirty times as long.
const CASES: u64 = if cfg!(debug_assertions) { 4_000 } else { 120_000 };
const THREADS: u64 = 2;
/// So many cases of each thread are compared with the schema, entity by entity.
const CHECKED: u64 = 1_000;

/// What a run of cases came to.
#[derive(Default)]
struct Tally {
    cases: u64,
    permits: u64,
    /// How often each rule decided, by its number.
    rules: Vec<(Rule, u64)>,
    mismatches: Vec<String>,
}

struct Comparison {
    pack: PolicyPack,
    policies: PolicySet,
    cedar: Authorizer,
    translator: Translator,
}

impl Comparison {
    fn new(mistake: Option<Mistake>) -> Self {
        let pack = PolicyPack::parse(EXAMPLE_PACK).unwrap();
        let translator = Translator::new(&pack);
        Self { policies: policies::policies(PLACES.len(), mistake), cedar: Authorizer::new(), translator, pack }
    }

    /// What Cedar decides.
    fn cedar(&self, case: &Case, checked: bool) -> bool {
        let schema = checked.then(policies::schema);
        let items = std::slice::from_ref(&case.item);
        let entities = self.translator.entities(case, items, &self.pack, schema.as_ref());
        let request = self.translator.request(case, 0, &case.item, schema.as_ref());
        let response = self.cedar.is_authorized(&request, &self.policies, &entities);
        let errors: Vec<_> = response.diagnostics().errors().map(ToString::to_string).collect();
        assert!(errors.is_empty(), "Cedar skips what it cannot evaluate: {errors:?}");
        response.decision() == Decision::Allow
    }

    fn run(&self, seed: u64, cases: u64, stop: bool) -> Tally {
        let mut tally = Tally::default();
        let mut dice = Dice::new(seed);
        for number in 0..cases {
            let case = cases::random(&mut dice, &self.pack);
            let ours = case.decide(&self.pack);
            let theirs = self.cedar(&case, number < CHECKED && !stop);
            tally.cases += 1;
            tally.permits += u64::from(theirs);
            match tally.rules.iter_mut().find(|(rule, _)| *rule == ours.rule) {
                Some((_, count)) => *count += 1,
                None => tally.rules.push((ours.rule, 1)),
            }
            if ours.is_permit() != theirs {
                tally.mismatches.push(format!("seed {seed} case {number}: ours {ours:?}, Cedar {theirs}: {case:#?}"));
                if stop {
                    break;
                }
            }
        }
        tally
    }
}

#[test]
fn cedar_decides_every_case_as_we_do() {
    let comparison = Comparison::new(None);
    let tallies: Vec<Tally> = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let comparison = &comparison;
                scope.spawn(move || comparison.run(0x6d79_6368 + thread, CASES / THREADS, false))
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let total = |of: fn(&Tally) -> u64| tallies.iter().map(of).sum::<u64>();
    let mismatches: Vec<_> = tallies.iter().flat_map(|tally| &tally.mismatches).collect();
    let (cases, permits) = (total(|tally| tally.cases), total(|tally| tally.permits));
    println!("cases {cases} mismatches {} permits {permits}", mismatches.len());
    for rule in Rule::ALL {
        let count: u64 =
            tallies.iter().flat_map(|tally| &tally.rules).filter(|(one, _)| one == rule).map(|(_, n)| n).sum();
        println!("rule {rule:?} {count}");
    }
    assert!(mismatches.is_empty(), "{} mismatches, the first: {}", mismatches.len(), mismatches[0]);
    // Cases that are all denied would compare nothing.
    assert!(permits * 10 > cases && permits * 10 < cases * 9, "{permits} permits of {cases}");
}

#[test]
fn mistakes_in_the_policies_are_found() {
    for mistake in Mistake::ALL {
        let tally = Comparison::new(Some(mistake)).run(0x6572_7272, 20_000, true);
        println!("mistake {mistake:?} found after {} cases", tally.cases);
        assert!(!tally.mismatches.is_empty(), "{mistake:?} was not found");
    }
}
