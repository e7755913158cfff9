//! A recording of all that happened in a folder, and what a client knew at each place of it.

use std::collections::BTreeSet;

use crate::dice::Dice;
use crate::event::{Event, FileId, Mark};

/// All that happened in a watched folder, in order. It can be cut before each event, and after the last.
#[derive(Debug, Clone)]
pub struct Recording {
    events: Vec<Event>,
}

/// What a client knew when the power went, for each partition of its script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The last revision with a receipt.
    pub acknowledged: Vec<u64>,
    /// The last revision that was handed over, and may be there.
    pub attempted: Vec<u64>,
}

/// The length of the log's own header, which SQLite syncs apart from commits.
const LOG_HEADER: usize = 32;

impl Recording {
    pub(crate) const fn new(events: Vec<Event>) -> Self {
        Self { events }
    }

    /// All events.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// What the client knew before the event with this number, beginning with what it knew when the recording began.
    #[must_use]
    pub fn known(&self, at: usize, mut known: Known) -> Known {
        let mut set = |list: fn(&mut Known) -> &mut Vec<u64>, partition: usize, revision: u64| {
            if let Some(place) = list(&mut known).get_mut(partition) {
                *place = revision;
            }
        };
        for event in self.events.iter().take(at) {
            match event {
                Event::Mark(Mark::Attempted(partition, revision)) => {
                    set(|known| &mut known.attempted, *partition, *revision);
                }
                Event::Mark(Mark::Acknowledged(partition, revision)) => {
                    set(|known| &mut known.acknowledged, *partition, *revision);
                }
                // Refused for good: as if it had not been handed over.
                Event::Mark(Mark::Refused(partition, revision)) => {
                    set(|known| &mut known.attempted, *partition, revision.saturating_sub(1));
                }
                _ => {}
            }
        }
        known
    }

    /// Places to cut: one part anywhere, one part inside of checkpoints, one part next to a receipt. In order.
    #[must_use]
    pub fn places(&self, count: usize, dice: &mut Dice) -> Vec<usize> {
        let (checkpoints, receipts) = (self.inside_checkpoints(), self.at_receipts());
        let mut places = Vec::with_capacity(count);
        for number in 0..count {
            let chosen = match number % 4 {
                0 => dice.pick(&checkpoints).copied(),
                1 => dice.pick(&receipts).copied(),
                _ => None,
            };
            places.push(chosen.unwrap_or_else(|| dice.below(self.events.len() + 1)));
        }
        places.sort_unstable();
        places
    }

    /// The places inside of checkpoints: also the sync and the cutting off after the last page.
    #[must_use]
    pub fn inside_checkpoints(&self) -> Vec<usize> {
        let mut places = Vec::new();
        let (mut inside, mut left) = (false, 0);
        for (number, event) in self.events.iter().enumerate() {
            match event {
                Event::CheckpointBegins => inside = true,
                Event::CheckpointEnds => (inside, left) = (false, 4),
                _ => {}
            }
            if inside || left > 0 {
                places.push(number + 1);
            }
            if !inside {
                left = usize::saturating_sub(left, 1);
            }
        }
        places
    }

    /// The places right before and right after a receipt.
    fn at_receipts(&self) -> Vec<usize> {
        let receipt = |event: &Event| matches!(event, Event::Mark(Mark::Acknowledged(..)));
        let all = self.events.iter().enumerate().filter(|(_, event)| receipt(event));
        all.flat_map(|(number, _)| [number, number + 1]).collect()
    }

    /// The syncs of logs that end a commit: neither of the log's header nor at the beginning of a checkpoint.
    pub(crate) fn syncs_of_commits(&self) -> BTreeSet<usize> {
        let mut commits = BTreeSet::new();
        let mut logs: BTreeSet<FileId> = BTreeSet::new();
        let mut last_write_was_header = false;
        for (number, event) in self.events.iter().enumerate() {
            match event {
                Event::Found { name, file, .. } | Event::Appear { name, file } if name.ends_with("-wal") => {
                    logs.insert(*file);
                }
                Event::Write { file, offset, data } if logs.contains(file) => {
                    last_write_was_header = *offset == 0 && data.len() == LOG_HEADER;
                }
                Event::Sync { file } if logs.contains(file) => {
                    let next = self.events.iter().skip(number + 1).find(|event| !matches!(event, Event::Mark(_)));
                    if !last_write_was_header && next != Some(&Event::CheckpointBegins) {
                        commits.insert(number);
                    }
                }
                _ => {}
            }
        }
        commits
    }

    /// The syncs of database files, not of logs or journals.
    pub(crate) fn syncs_of_files(&self) -> BTreeSet<usize> {
        let mut files: BTreeSet<FileId> = BTreeSet::new();
        let mut syncs = BTreeSet::new();
        for (number, event) in self.events.iter().enumerate() {
            match event {
                Event::Found { name, file, .. } | Event::Appear { name, file } if name.ends_with(".db") => {
                    files.insert(*file);
                }
                Event::Sync { file } if files.contains(file) => drop(syncs.insert(number)),
                _ => {}
            }
        }
        syncs
    }

    /// Some events around a place, to be printed.
    #[must_use]
    pub fn around(&self, at: usize) -> String {
        let from = at.saturating_sub(6);
        let mut text = String::new();
        for (number, event) in self.events.iter().enumerate().skip(from).take(12) {
            let cut = if number == at { "-- cut --\n" } else { "" };
            text.push_str(&format!("{cut}{number}: {}\n", brief(event)));
        }
        text
    }
}

/// An event without its bytes.
fn brief(event: &Event) -> String {
    match event {
        Event::Found { name, file, content } => format!("found {name} as {file:?}, {} bytes", content.len()),
        Event::Write { file, offset, data } => format!("write {file:?} at {offset}, {} bytes", data.len()),
        other => format!("{other:?}"),
    }
}

impl Known {
    /// A client that knows of nothing in so many partitions.
    #[must_use]
    pub fn nothing(partitions: usize) -> Self {
        Self::exactly(vec![0; partitions])
    }

    /// A client that knows that these revisions are there.
    #[must_use]
    pub fn exactly(revisions: Vec<u64>) -> Self {
        Self { acknowledged: revisions.clone(), attempted: revisions }
    }
}
