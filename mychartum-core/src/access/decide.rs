//! The decision: a pure function of the question and the facts.

use super::decision::Decision;
use super::grant::GrantIndex;
use super::item_facts::ItemFacts;
use super::pack::PolicyPack;
use super::subject::Subject;
use super::viewer::{Question, Viewer};

/// Decides whether something may be done with an item. Total and pure, without an allocation; the default is to deny.
///
/// The order is fixed, and the first step that denies ends it; only the last step of each line permits:
///
/// 1. another tenant, another chart, a chart that was merged away;
/// 2. an item that is not a fact;
/// 3. an app without the scope, or with a token for another patient;
/// 4. an asker of whom one is not sure enough;
/// 5. the own chart: alive, old enough, with assent where it is asked for, within the age's template, released: **permit**;
/// 6. staff: behind glass that was broken for this chart, for a reason, in time, and only to look, and in proceedings no record
///    under 42 CFR Part 2: **permit**;
/// 7. the host: demographics, for operations: **permit**;
/// 8. everyone else: hidden by the patient, a label that is not known, in proceedings a record under 42 CFR Part 2, not released, the
///    other side's messages; then each grant in the order of ids: stands, in time, known basis, age band, scope, written consent
///    to records and to counselling notes under 42 CFR Part 2 (which no label on a grant stands in for), labels, topics, frozen
///    history, and the same for every grant that it was delegated from: **permit** by the first that lets it through.
///
/// The result names the rule, and the grant that permitted or came nearest.
pub fn decide(
    question: &Question<'_>,
    item: &ItemFacts<'_>,
    subject: &Subject,
    grants: &GrantIndex,
    pack: &PolicyPack,
) -> Decision {
    Viewer::decide_once(question, item, subject, grants, pack)
}
