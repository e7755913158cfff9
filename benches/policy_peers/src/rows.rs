//! The grants as casbin's rows: who, which chart, sections, verbs, from, until, below which age.

use casbin::function_map::{OperatorFunction, dynamic_to_str};
use casbin::{CoreApi, DefaultModel, Enforcer, MemoryAdapter, MgmtApi};

use crate::case::{Asker, Case, Item};

/// A row a grant. Texts are padded with zeros so that times can be compared.
const MODEL: &str = "
[request_definition]
r = who, chart, section, verb, now, age

[policy_definition]
p = who, chart, sections, verbs, from, until, below

[policy_effect]
e = some(where (p.eft == allow))

[matchers]
m = r.who == p.who && r.chart == p.chart && p.from <= r.now && r.now < p.until && r.age < p.below && has(p.sections, r.section) && has(p.verbs, r.verb)
";

/// An enforcer with the grants of a chart. It knows less than ours: no labels, no release, no hiding, no tenants.
///
/// # Panics
/// If casbin refuses the model or a row.
#[must_use]
pub fn enforcer(case: &Case) -> Enforcer {
    let rows = case.grants.iter().map(|terms| {
        let sections = Vec::from_iter(terms.scope.sections(case.verb).iter().map(|section| section.name())).join(" ");
        let verbs = terms.scope.pairs().map(|(_, verb)| verb.name());
        let mut verbs: Vec<&str> = verbs.collect();
        verbs.sort_unstable();
        verbs.dedup();
        let until = terms.until.map_or(i64::MAX, |until| until.timestamp_micros());
        vec![
            format!("{:?}", terms.proxy),
            format!("{:?}", terms.patient),
            sections,
            verbs.join(" "),
            padded(terms.from.timestamp_micros()),
            padded(until),
            "013".to_owned(),
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let model = DefaultModel::from_str(MODEL).await.expect("the model");
        let mut enforcer = Enforcer::new(model, MemoryAdapter::default()).await.expect("an enforcer");
        // Its scripts have no search in a text.
        let has =
            OperatorFunction::Arg2(|all, one| dynamic_to_str(&all).contains(dynamic_to_str(&one).as_ref()).into());
        enforcer.add_function("has", has);
        assert!(enforcer.add_policies(rows).await.expect("the rows"), "the rows are new");
        enforcer
    })
}

/// What casbin is asked about an item.
#[must_use]
pub fn asked(case: &Case, item: &Item) -> [String; 6] {
    let who = match &case.asker {
        Asker::Account { account, .. } => format!("{account:?}"),
        _ => String::new(),
    };
    let section = item.section.name().to_owned();
    [who, format!("{:?}", item.patient), section, case.verb.name().to_owned(), padded(case.now), "008".to_owned()]
}

fn padded(micros: i64) -> String {
    format!("{micros:020}")
}
