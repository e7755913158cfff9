//! Propagation: how far a label reaches.

use std::collections::{HashMap, HashSet};

use crate::access::SensitivitySet;
use crate::chart::ItemKind;
use crate::kernel::id::ItemId;

use super::tie::Tie;

/// The labels of items, their own and those that reach them; in the order of the ties.
///
/// A label hides an item for what the item *is*, and reaches two ways from there.
///
/// - **Down to the parts.** What is part of a labelled thing is labelled: what names a visit has the visit's labels, and
///   what an item refers to has the item's.
/// - **Up to what tells of it.** What refers to a labelled item has its labels, because it tells of it. A visit tells of
///   everything that names it; its documents, its reports and its appointment tell what the visit tells.
///
/// What only tells does not pass down: the visit of an HIV test carries the label, and so do the visit's note and its
/// report, but the glucose of the same visit or the same report does not.
///
/// INVARIANT (what tells, carries): no item refers to an item that has a label which it has not.
///
/// A visit and its appointment are one thing, whichever of them refers to the other. Ties may form cycles and may lead
/// nowhere; a visit that is not there still joins what names it. Labels are only ever added. The work grows with the number
/// of items and references.
///
/// Feature S02 (labels propagate to derived items).
#[must_use]
pub fn propagate(ties: &[Tie]) -> Vec<SensitivitySet> {
    let graph = Graph::of(ties);
    let reached = graph.spread(ties);
    ties.iter().map(|tie| graph.labels_of(tie.item, &reached)).collect()
}

/// Two places an item: what it is, and what it tells. What it is, it tells.
#[derive(Clone, Copy)]
enum Place {
    Is,
    Tells,
}

/// Where labels flow. An item's two places stand at twice its number, and one further.
struct Graph {
    numbers: HashMap<ItemId, usize>,
    flows: Vec<Vec<usize>>,
}

impl Graph {
    fn of(ties: &[Tie]) -> Self {
        let mut graph = Self { numbers: HashMap::with_capacity(ties.len()), flows: Vec::with_capacity(2 * ties.len()) };
        let mut visits = HashSet::new();
        for tie in ties {
            graph.number(tie.item);
            if tie.kind == ItemKind::Encounter {
                visits.insert(tie.item);
            }
            if let Some(visit) = tie.visit {
                graph.number(visit);
                visits.insert(visit);
            }
        }
        let appointments: HashSet<ItemId> =
            ties.iter().filter(|tie| tie.kind == ItemKind::Appointment).map(|tie| tie.item).collect();
        for tie in ties {
            let item = graph.number(tie.item);
            if let Some(visit) = tie.visit {
                let visit = graph.number(visit);
                graph.flow((visit, Place::Is), (item, Place::Is));
                graph.flow((item, Place::Tells), (visit, Place::Tells));
                if matches!(tie.kind, ItemKind::DocumentReference | ItemKind::DiagnosticReport | ItemKind::Appointment)
                {
                    graph.flow((visit, Place::Tells), (item, Place::Tells));
                }
                if tie.kind == ItemKind::Appointment {
                    graph.flow((item, Place::Is), (visit, Place::Is));
                }
            }
            for named in &tie.refers_to {
                let Some(other) = graph.numbers.get(named).copied() else { continue };
                graph.flow((other, Place::Tells), (item, Place::Tells));
                graph.flow((item, Place::Is), (other, Place::Is));
                let one_thing =
                    |visit: &ItemId, appointment: &ItemId| visits.contains(visit) && appointments.contains(appointment);
                if one_thing(named, &tie.item) || one_thing(&tie.item, named) {
                    graph.flow((item, Place::Tells), (other, Place::Tells));
                    graph.flow((other, Place::Is), (item, Place::Is));
                }
            }
        }
        graph
    }

    /// The number of an item; a new one where it has none yet.
    fn number(&mut self, item: ItemId) -> usize {
        let next = self.numbers.len();
        let number = *self.numbers.entry(item).or_insert(next);
        if number == next {
            self.flows.push(vec![place(number, Place::Tells)]);
            self.flows.push(Vec::new());
        }
        number
    }

    fn flow(&mut self, from: (usize, Place), to: (usize, Place)) {
        if let Some(flows) = self.flows.get_mut(place(from.0, from.1)) {
            flows.push(place(to.0, to.1));
        }
    }

    /// The least labels that all flows leave as they are. Every step adds a label somewhere, so it ends.
    fn spread(&self, ties: &[Tie]) -> Vec<SensitivitySet> {
        let mut reached = vec![SensitivitySet::NONE; self.flows.len()];
        let mut due = Vec::new();
        for tie in ties {
            let at = self.numbers.get(&tie.item).map(|number| place(*number, Place::Is));
            if let Some((at, labels)) = at.and_then(|at| Some((at, reached.get_mut(at)?))) {
                *labels = labels.or(tie.own);
                due.push(at);
            }
        }
        while let Some(from) = due.pop() {
            let labels = reached.get(from).copied().unwrap_or_default();
            for to in self.flows.get(from).into_iter().flatten() {
                if let Some(there) = reached.get_mut(*to)
                    && !labels.within(*there)
                {
                    *there = there.or(labels);
                    due.push(*to);
                }
            }
        }
        reached
    }

    fn labels_of(&self, item: ItemId, reached: &[SensitivitySet]) -> SensitivitySet {
        let at = self.numbers.get(&item).map(|number| place(*number, Place::Tells));
        at.and_then(|at| reached.get(at)).copied().unwrap_or_default()
    }
}

const fn place(number: usize, place: Place) -> usize {
    match place {
        Place::Is => 2 * number,
        Place::Tells => 2 * number + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Sensitivity::{Hiv, Psy, Sex};
    use proptest::prelude::*;

    use ItemKind::{
        Appointment, Condition, DiagnosticReport, DocumentReference, Encounter, MedicationRequest, Observation,
    };

    const NONE: SensitivitySet = SensitivitySet::NONE;
    const HIV: SensitivitySet = NONE.with(Hiv);
    const PSY: SensitivitySet = NONE.with(Psy);
    const SEX: SensitivitySet = NONE.with(Sex);

    fn id(number: u8) -> ItemId {
        ItemId::from_bytes([number; 16])
    }

    fn tie(number: u8, kind: ItemKind, own: SensitivitySet, visit: Option<u8>, refers_to: &[u8]) -> Tie {
        Tie {
            item: id(number),
            kind,
            own,
            visit: visit.map(id),
            refers_to: refers_to.iter().copied().map(id).collect(),
        }
    }

    #[test]
    fn a_visit_labels_everything_that_names_it() {
        let ties = [
            tie(1, Encounter, PSY, None, &[]),
            tie(2, Observation, NONE, Some(1), &[]),
            tie(3, MedicationRequest, NONE, Some(1), &[]),
            tie(4, Observation, NONE, Some(9), &[]),
        ];
        assert_eq!(propagate(&ties), [PSY, PSY, PSY, NONE]);
    }

    #[test]
    fn a_result_labels_what_tells_of_it_and_not_its_neighbour() {
        let ties = [
            tie(1, Encounter, NONE, None, &[]),
            tie(2, Observation, HIV, Some(1), &[]),
            tie(3, Observation, NONE, Some(1), &[]),
            tie(4, DocumentReference, NONE, Some(1), &[]),
            tie(5, DiagnosticReport, NONE, Some(1), &[3]),
            tie(6, Appointment, NONE, None, &[1]),
        ];
        // The report of the neighbour carries the label of the visit, but does not hand it to its result.
        assert_eq!(propagate(&ties), [HIV, HIV, NONE, HIV, HIV, HIV]);
    }

    #[test]
    fn results_of_one_report_do_not_label_each_other() {
        let ties = [
            tie(1, DiagnosticReport, NONE, None, &[2, 3]),
            tie(2, Observation, HIV, None, &[]),
            tie(3, Observation, NONE, None, &[]),
        ];
        assert_eq!(propagate(&ties), [HIV, HIV, NONE]);
        let labelled = [tie(1, DiagnosticReport, PSY, None, &[2, 3]), ties[1].clone(), ties[2].clone()];
        assert_eq!(propagate(&labelled), [PSY.or(HIV), PSY.or(HIV), PSY]);
    }

    #[test]
    fn a_prescription_and_its_reason_label_each_other() {
        let by_reason = [tie(1, MedicationRequest, NONE, None, &[2]), tie(2, Condition, HIV, None, &[])];
        assert_eq!(propagate(&by_reason), [HIV, HIV]);
        let by_medication = [tie(1, MedicationRequest, HIV, None, &[2]), tie(2, Condition, NONE, None, &[])];
        assert_eq!(propagate(&by_medication), [HIV, HIV]);
    }

    #[test]
    fn a_visit_and_its_appointment_are_one_thing() {
        let written_either_way = [
            [
                tie(1, Encounter, NONE, None, &[]),
                tie(2, Appointment, SEX, None, &[1]),
                tie(3, Observation, HIV, Some(1), &[]),
            ],
            [
                tie(1, Encounter, NONE, None, &[2]),
                tie(2, Appointment, SEX, None, &[]),
                tie(3, Observation, HIV, Some(1), &[]),
            ],
            [
                tie(1, Encounter, NONE, None, &[]),
                tie(2, Appointment, SEX, Some(1), &[]),
                tie(3, Observation, HIV, Some(1), &[]),
            ],
        ];
        for ties in written_either_way {
            let both = SEX.or(HIV);
            assert_eq!(propagate(&ties), [both, both, both]);
        }
    }

    #[test]
    fn a_label_passes_along_a_chain_both_ways() {
        let chain = |first, last| {
            [
                tie(1, DocumentReference, first, None, &[2]),
                tie(2, DiagnosticReport, NONE, None, &[3]),
                tie(3, Observation, last, None, &[]),
            ]
        };
        assert_eq!(propagate(&chain(PSY, NONE)), [PSY, PSY, PSY]);
        assert_eq!(propagate(&chain(NONE, HIV)), [HIV, HIV, HIV]);
    }

    #[test]
    fn a_visit_that_is_not_there_joins_what_names_it() {
        let ties = [
            tie(1, Observation, HIV, Some(9), &[8]),
            tie(2, DocumentReference, NONE, Some(9), &[]),
            tie(3, Observation, NONE, Some(9), &[8]),
            tie(4, Appointment, NONE, None, &[9]),
        ];
        assert_eq!(propagate(&ties), [HIV, HIV, NONE, HIV]);
        assert_eq!(propagate(&[]), []);
    }

    fn kinds() -> impl Strategy<Value = ItemKind> {
        proptest::sample::select(vec![
            Encounter,
            Appointment,
            DocumentReference,
            DiagnosticReport,
            Observation,
            MedicationRequest,
            Condition,
        ])
    }

    /// Ties among a few ids, so that cycles, the same item twice and ties that lead nowhere are common.
    fn some_ties() -> impl Strategy<Value = Vec<Tie>> {
        let bits = prop_oneof![3 => Just(0u16), 1 => any::<u16>()];
        let one = (0u8..10, kinds(), bits, proptest::option::of(0u8..10), proptest::collection::vec(0u8..12, 0..3));
        proptest::collection::vec(
            one.prop_map(|(item, kind, bits, visit, refers_to)| {
                tie(item, kind, SensitivitySet::from_bits(bits), visit, &refers_to)
            }),
            0..14,
        )
    }

    /// What an item is and what it tells, by the rules of the documentation, read in turn until nothing changes.
    fn by_the_book(ties: &[Tie]) -> Vec<SensitivitySet> {
        let is_visit = |item: &ItemId| {
            ties.iter().any(|tie| (tie.item == *item && tie.kind == Encounter) || tie.visit == Some(*item))
        };
        let is_appointment = |item: &ItemId| ties.iter().any(|tie| tie.item == *item && tie.kind == Appointment);
        let there = |item: &ItemId| ties.iter().any(|tie| tie.item == *item || tie.visit == Some(*item));
        let mut is: HashMap<ItemId, SensitivitySet> = HashMap::new();
        let mut tells: HashMap<ItemId, SensitivitySet> = HashMap::new();
        fn take(into: &mut HashMap<ItemId, SensitivitySet>, item: ItemId, labels: SensitivitySet) {
            let known = into.entry(item).or_default();
            *known = known.or(labels);
        }
        loop {
            let before = (is.clone(), tells.clone());
            for tie in ties {
                take(&mut is, tie.item, tie.own);
                if let Some(visit) = tie.visit {
                    let of_visit = is.get(&visit).copied().unwrap_or_default();
                    take(&mut is, tie.item, of_visit);
                    let told = tells.get(&tie.item).copied().unwrap_or_default();
                    take(&mut tells, visit, told);
                    if matches!(tie.kind, DocumentReference | DiagnosticReport | Appointment) {
                        let told = tells.get(&visit).copied().unwrap_or_default();
                        take(&mut tells, tie.item, told);
                    }
                    if tie.kind == Appointment {
                        let of_appointment = is.get(&tie.item).copied().unwrap_or_default();
                        take(&mut is, visit, of_appointment);
                    }
                }
                for other in tie.refers_to.iter().filter(|other| there(other)) {
                    let told = tells.get(other).copied().unwrap_or_default();
                    take(&mut tells, tie.item, told);
                    let whole = is.get(&tie.item).copied().unwrap_or_default();
                    take(&mut is, *other, whole);
                    if (is_visit(other) && is_appointment(&tie.item)) || (is_visit(&tie.item) && is_appointment(other))
                    {
                        let told = tells.get(&tie.item).copied().unwrap_or_default();
                        take(&mut tells, *other, told);
                        let whole = is.get(other).copied().unwrap_or_default();
                        take(&mut is, tie.item, whole);
                    }
                }
            }
            for (item, labels) in &is {
                take(&mut tells, *item, *labels);
            }
            if before == (is.clone(), tells.clone()) {
                return ties.iter().map(|tie| tells.get(&tie.item).copied().unwrap_or_default()).collect();
            }
        }
    }

    proptest! {
        #[test]
        fn the_labels_are_those_of_the_rules(ties in some_ties()) {
            prop_assert_eq!(propagate(&ties), by_the_book(&ties));
        }

        #[test]
        fn a_flow_more_changes_nothing(ties in some_ties()) {
            let graph = Graph::of(&ties);
            let reached = graph.spread(&ties);
            for (from, flows) in graph.flows.iter().enumerate() {
                for to in flows {
                    prop_assert!(reached[from].within(reached[*to]));
                }
            }
        }

        #[test]
        fn what_tells_carries(ties in some_ties()) {
            let reached = propagate(&ties);
            let of = |item: &ItemId| ties.iter().position(|tie| tie.item == *item).map(|at| reached[at]);
            for (tie, labels) in ties.iter().zip(&reached) {
                prop_assert!(tie.own.within(*labels));
                for told in tie.refers_to.iter().filter_map(&of) {
                    prop_assert!(told.within(*labels));
                }
                if let Some(visit) = tie.visit.as_ref().and_then(&of) {
                    prop_assert!(labels.within(visit));
                }
            }
        }

        #[test]
        fn one_label_more_takes_none_away(ties in some_ties(), at: proptest::sample::Index, bits: u16) {
            prop_assume!(!ties.is_empty());
            let before = propagate(&ties);
            let mut more = ties;
            let chosen = at.index(more.len());
            more[chosen].own = more[chosen].own.or(SensitivitySet::from_bits(bits));
            for (before, after) in before.iter().zip(propagate(&more)) {
                prop_assert!(before.within(after));
            }
        }

        #[test]
        fn the_order_of_the_ties_does_not_matter(ties in some_ties(), seed: u64) {
            let mut order: Vec<usize> = (0..ties.len()).collect();
            order.sort_by_key(|at| (*at as u64 + 1).wrapping_mul(seed | 1).rotate_left(17));
            let other: Vec<Tie> = order.iter().map(|at| ties[*at].clone()).collect();
            let straight = propagate(&ties);
            for (at, labels) in order.iter().zip(propagate(&other)) {
                prop_assert_eq!(straight[*at], labels);
            }
        }

        #[test]
        fn no_label_comes_from_nowhere(ties in some_ties()) {
            let all = ties.iter().fold(SensitivitySet::NONE, |all, tie| all.or(tie.own));
            for labels in propagate(&ties) {
                prop_assert!(labels.within(all));
            }
        }
    }
}
