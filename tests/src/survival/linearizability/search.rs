//! The search for an order that explains every answer.

use std::collections::HashSet;

use mychartum_core::port::storage::Partition;

use super::model::{Fit, Model};
use super::operation::{CommitAnswer, Operation, Seen};
use super::violation::Violation;

/// A place in the search: which calls have their place in the order, and what they led to.
#[derive(Clone)]
struct Node {
    placed: Placed,
    model: Model,
}

/// A set of calls by their number.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
struct Placed {
    /// All numbers below this are in.
    below: usize,
    /// Those above it that are in, in order.
    above: Vec<usize>,
}

impl Placed {
    fn has(&self, number: usize) -> bool {
        number < self.below || self.above.binary_search(&number).is_ok()
    }

    fn add(&mut self, number: usize) {
        if let Err(place) = self.above.binary_search(&number) {
            self.above.insert(place, number);
        }
        let joined = self.above.iter().zip(self.below..).take_while(|(number, next)| **number == *next).count();
        self.above.drain(..joined);
        self.below += joined;
    }

    fn count(&self) -> usize {
        self.below + self.above.len()
    }
}

/// Looks for an order of a partition's calls that explains all answers, and gives the state at its end.
pub(super) fn search(partition: Partition, operations: &[Operation]) -> Result<Model, Violation> {
    let mut operations: Vec<&Operation> = operations.iter().collect();
    operations.sort_by_key(|operation| operation.began);
    let mut furthest = Node { placed: Placed::default(), model: Model::new() };
    let mut open = vec![furthest.clone()];
    let mut tried = HashSet::new();
    while let Some(mut node) = open.pop() {
        node.place_what_changes_nothing(&operations);
        if node.is_complete(&operations) {
            return Ok(node.model);
        }
        if node.placed.count() > furthest.placed.count() {
            furthest = node.clone();
        }
        if tried.insert((node.placed.clone(), node.model.trace())) {
            open.extend(node.next(&operations));
        }
    }
    let stuck = furthest.candidates(&operations).into_iter();
    let stuck = stuck.map(|(_, operation)| {
        let ended = operation.ended.map_or_else(|| "never".to_owned(), |ended| ended.to_string());
        format!("{} to {ended}: {}", operation.began, operation.seen.describe())
    });
    Err(Violation {
        partition,
        explained: furthest.placed.count(),
        operations: operations.len(),
        head: furthest.model.head(),
        stuck: stuck.collect(),
    })
}

impl Node {
    /// Calls without a place yet that may come next: no other such call ended before they began.
    fn candidates<'a>(&self, operations: &[&'a Operation]) -> Vec<(usize, &'a Operation)> {
        let mut candidates = Vec::new();
        let mut first_end = u64::MAX;
        for (number, operation) in operations.iter().enumerate().skip(self.placed.below) {
            // In the order of their beginnings: whatever comes now began later still.
            if operation.began > first_end {
                break;
            }
            if !self.placed.has(number) {
                first_end = first_end.min(operation.ended.unwrap_or(u64::MAX));
                candidates.push((number, *operation));
            }
        }
        candidates
    }

    /// Gives a place to all calls that fit now and leave the state as it is.
    ///
    /// That never rules an order out: where such a call has its place later, it fits here as well.
    fn place_what_changes_nothing(&mut self, operations: &[&Operation]) {
        loop {
            let before = self.placed.count();
            for (number, operation) in self.candidates(operations) {
                if matches!(self.model.fit(&operation.seen), Fit::Same) {
                    self.placed.add(number);
                }
            }
            if self.placed.count() == before {
                return;
            }
        }
    }

    /// Where the calls that may come next and change the state lead to; the most promising last.
    fn next(&self, operations: &[&Operation]) -> Vec<Self> {
        let mut next: Vec<(u64, Self)> = Vec::new();
        for (number, operation) in self.candidates(operations) {
            if let Fit::Next(model) = self.model.fit(&operation.seen) {
                let mut placed = self.placed.clone();
                placed.add(number);
                next.push((operation.ended.unwrap_or(u64::MAX), Self { placed, model }));
            }
        }
        next.sort_by_key(|(ended, _)| core::cmp::Reverse(*ended));
        next.into_iter().map(|(_, node)| node).collect()
    }

    /// Whether every call that had an answer has its place; one without may never have happened.
    fn is_complete(&self, operations: &[&Operation]) -> bool {
        let rest = operations.iter().enumerate().skip(self.placed.below);
        rest.filter(|(number, _)| !self.placed.has(*number)).all(|(_, operation)| may_never_happen(operation))
    }
}

/// Also a commit whose outcome was reported as unknown may never happen, or later than the report.
const fn may_never_happen(operation: &Operation) -> bool {
    operation.ended.is_none() || matches!(operation.seen, Seen::Commit { answer: CommitAnswer::Unknown, .. })
}
