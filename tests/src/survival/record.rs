//! What the writers said: what must be there, what must not, and what may.

use std::collections::{BTreeMap, BTreeSet};

use super::{Event, Step};

/// All that was said about one workload, over any number of crashes.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// By partition and revision.
    acknowledged: BTreeMap<(u32, u64), BTreeSet<Step>>,
    refused: BTreeSet<Step>,
    /// Tried, and not heard of again.
    open: BTreeSet<Step>,
    /// Everything that was ever tried.
    tried: BTreeSet<Step>,
}

impl Record {
    /// Takes note of an event.
    pub fn take(&mut self, event: Event) {
        match event {
            Event::Opening => {}
            Event::Trying(step) => {
                self.tried.insert(step);
                self.open.insert(step);
            }
            Event::Unknown(step) => {
                self.open.insert(step);
            }
            Event::Acknowledged(step) => {
                self.close(step);
                self.acknowledged.entry((step.partition, step.revision)).or_default().insert(step);
            }
            Event::Refused(step) => {
                self.close(step);
                self.refused.insert(step);
            }
        }
    }

    /// A receipt may name another revision than was tried for, so a step is known by its author's number.
    fn close(&mut self, step: Step) {
        self.open.retain(|open| (open.author, open.number) != (step.author, step.number));
    }

    /// How many steps were acknowledged.
    #[must_use]
    pub fn acknowledged(&self) -> usize {
        self.acknowledged.values().map(BTreeSet::len).sum()
    }

    /// How many steps were refused.
    #[must_use]
    pub fn refused(&self) -> usize {
        self.refused.len()
    }

    /// The steps whose outcome nobody heard, in order.
    #[must_use]
    pub fn unknown(&self) -> Vec<Step> {
        self.open.iter().copied().collect()
    }

    /// Steps that were acknowledged on a partition, in the order of their revisions.
    pub(super) fn acknowledged_on(&self, partition: u32) -> impl DoubleEndedIterator<Item = Step> {
        self.acknowledged.range((partition, 0)..=(partition, u64::MAX)).flat_map(|(_, steps)| steps.iter().copied())
    }

    pub(super) fn was_refused(&self, step: Step) -> bool {
        self.refused.contains(&step)
    }

    pub(super) fn was_tried(&self, step: Step) -> bool {
        self.tried.contains(&step)
    }
}

impl Extend<Event> for Record {
    fn extend<T: IntoIterator<Item = Event>>(&mut self, events: T) {
        events.into_iter().for_each(|event| self.take(event));
    }
}
