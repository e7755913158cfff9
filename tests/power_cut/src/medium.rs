//! What a disk holds when the power goes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use crate::dice::Dice;
use crate::event::{Event, FileId};
use crate::recording::Recording;

/// Which syncs a disk obeys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obedience {
    /// All of them: an honest disk.
    Honest,
    /// Not those of the log that end a commit. This is what SQLite does with `synchronous = NORMAL`.
    NotAtCommit,
    /// Not those of the database file, which end a checkpoint.
    NotOfTheFile,
    /// Not those of the folder: names of new files are not safe.
    NotOfTheFolder,
    /// None: a disk that lies, or `synchronous = OFF`.
    Never,
}

/// A disk on the way through a recording: what is safely on it, and what may get lost.
#[derive(Debug)]
pub struct Medium<'a> {
    events: &'a [Event],
    reached: usize,
    obedience: Obedience,
    ignored: BTreeSet<usize>,
    seed: u64,
    names: BTreeMap<&'a str, FileId>,
    /// Names given and taken since the folder was synced, each with its file.
    unsynced_names: Vec<(&'a str, Option<FileId>)>,
    files: BTreeMap<FileId, Stored<'a>>,
}

#[derive(Debug, Default)]
struct Stored<'a> {
    durable: Vec<u8>,
    unsynced: Vec<Change<'a>>,
}

#[derive(Debug, Clone, Copy)]
enum Change<'a> {
    Write { offset: usize, data: &'a [u8] },
    Truncate { size: usize },
}

/// The files that are found when the power is back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remains {
    files: BTreeMap<String, Vec<u8>>,
}

impl<'a> Medium<'a> {
    /// The disk when the watch began, with what was there. The seed decides what a failed sync leaves behind.
    #[must_use]
    pub fn new(recording: &'a Recording, obedience: Obedience, seed: u64) -> Self {
        let ignored = match obedience {
            Obedience::NotAtCommit => recording.syncs_of_commits(),
            Obedience::NotOfTheFile => recording.syncs_of_files(),
            Obedience::Honest | Obedience::NotOfTheFolder | Obedience::Never => BTreeSet::new(),
        };
        let mut medium = Self {
            events: recording.events(),
            reached: 0,
            obedience,
            ignored,
            seed,
            names: BTreeMap::new(),
            unsynced_names: Vec::new(),
            files: BTreeMap::new(),
        };
        medium.advance(medium.events.iter().take_while(|event| matches!(event, Event::Found { .. })).count());
        medium
    }

    /// Lets happen what was recorded before the event with this number. There is no way back.
    pub fn advance(&mut self, until: usize) {
        let events = self.events;
        for (number, event) in events.iter().enumerate().take(until).skip(self.reached) {
            self.happen(number, event);
        }
        self.reached = self.reached.max(until);
    }

    fn happen(&mut self, number: usize, event: &'a Event) {
        match event {
            Event::Found { name, file, content } => {
                self.names.insert(name, *file);
                self.files.insert(*file, Stored { durable: content.clone(), unsynced: Vec::new() });
            }
            Event::Appear { name, file } => {
                self.unsynced_names.push((name, Some(*file)));
                self.files.insert(*file, Stored::default());
            }
            Event::Vanish { name } => self.unsynced_names.push((name, None)),
            Event::Write { file, offset, data } => self.change(*file, Change::Write { offset: *offset, data }),
            Event::Truncate { file, size } => self.change(*file, Change::Truncate { size: *size }),
            Event::Sync { file } if self.obeys(number) => {
                if let Some(stored) = self.files.get_mut(file) {
                    let whole = Settle::All;
                    stored.settle(whole, &mut Dice::new(0));
                }
            }
            Event::SyncFailed { file } => {
                let dice = &mut Dice::apart(self.seed, number as u64);
                if let Some(stored) = self.files.get_mut(file) {
                    stored.settle(Settle::throw(dice), dice);
                }
            }
            Event::SyncFolder if !matches!(self.obedience, Obedience::NotOfTheFolder | Obedience::Never) => {
                for (name, file) in self.unsynced_names.drain(..) {
                    rename(&mut self.names, name, file);
                }
            }
            Event::Sync { .. }
            | Event::SyncFolder
            | Event::CheckpointBegins
            | Event::CheckpointEnds
            | Event::Mark(_) => {}
        }
    }

    fn obeys(&self, number: usize) -> bool {
        self.obedience != Obedience::Never && !self.ignored.contains(&number)
    }

    fn change(&mut self, file: FileId, change: Change<'a>) {
        if let Some(stored) = self.files.get_mut(&file) {
            stored.unsynced.push(change);
        }
    }

    /// What programs see now, as long as the power stays: all that was written.
    #[must_use]
    pub fn written(&self) -> Remains {
        let mut names = self.names.clone();
        self.unsynced_names.iter().for_each(|(name, file)| rename(&mut names, name, *file));
        let files = names.into_iter().map(|(name, file)| {
            let all = |stored: &Stored<'_>| stored.found(Settle::All, &mut Dice::new(0));
            (name.to_owned(), self.files.get(&file).map_or_else(Vec::new, all))
        });
        Remains { files: files.collect() }
    }

    /// What is found if the power goes now: all that was synced, and of the rest whatever the dice say.
    #[must_use]
    pub fn cut(&self, dice: &mut Dice) -> Remains {
        let mut names = self.names.clone();
        // What happened to one name happens in order; different names are independent of each other.
        let touched: BTreeSet<&str> = self.unsynced_names.iter().map(|(name, _)| *name).collect();
        for name in touched {
            let steps: Vec<_> = self.unsynced_names.iter().filter(|(other, _)| *other == name).collect();
            let kept = dice.below(steps.len() + 1);
            steps.iter().take(kept).for_each(|(_, file)| rename(&mut names, name, *file));
        }
        let files = names.into_iter().map(|(name, file)| {
            let found = self.files.get(&file).map_or_else(Vec::new, |stored| stored.found(Settle::throw(dice), dice));
            (name.to_owned(), found)
        });
        Remains { files: files.collect() }
    }
}

fn rename<'a>(names: &mut BTreeMap<&'a str, FileId>, name: &'a str, file: Option<FileId>) {
    match file {
        Some(file) => names.insert(name, file),
        None => names.remove(name),
    };
}

/// How much of what was not synced is there nevertheless.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Settle {
    Nothing,
    All,
    /// The first so many hundredths of the changes, the next one torn at any byte.
    Beginning(usize),
    /// Each change with a chance in hundredths, whole or not at all.
    Changes(usize),
    /// Each piece of so many bytes (a sector, a page of the system) with a chance in hundredths.
    Pieces(usize, usize),
}

impl Settle {
    fn throw(dice: &mut Dice) -> Self {
        let chance = [5, 50, 95].get(dice.below(3)).copied().unwrap_or(50);
        match dice.below(8) {
            0 => Self::Nothing,
            1 => Self::All,
            2 | 3 => Self::Beginning(dice.below(101)),
            4 => Self::Changes(chance),
            5 | 6 => Self::Pieces(512, chance),
            _ => Self::Pieces(4096, chance),
        }
    }
}

impl Stored<'_> {
    /// The file with some of what was not synced.
    fn found(&self, settle: Settle, dice: &mut Dice) -> Vec<u8> {
        let mut bytes = self.durable.clone();
        // Where a file grew and nothing was written yet, some file systems show what lay there before.
        let mut gap = if dice.chance(1, 2) { Gap::Zeros } else { Gap::Rubbish(Dice::new(dice.next())) };
        let first = match settle {
            Settle::Nothing => 0,
            Settle::All => self.unsynced.len(),
            Settle::Beginning(hundredths) => self.unsynced.len() * hundredths / 100,
            Settle::Changes(_) | Settle::Pieces(..) => 0,
        };
        for change in self.unsynced.iter().take(first) {
            change.apply(&mut bytes, &mut gap);
        }
        match settle {
            Settle::Nothing | Settle::All => {}
            Settle::Beginning(_) => {
                if let Some(Change::Write { offset, data }) = self.unsynced.get(first) {
                    let torn = data.get(..dice.below(data.len() + 1)).unwrap_or(data);
                    Change::Write { offset: *offset, data: torn }.apply(&mut bytes, &mut gap);
                }
            }
            Settle::Changes(chance) => {
                for change in &self.unsynced {
                    if dice.chance(chance, 100) {
                        change.apply(&mut bytes, &mut gap);
                    }
                }
            }
            Settle::Pieces(size, chance) => self.pieces(&mut bytes, &mut gap, size, |_| dice.chance(chance, 100)),
        }
        bytes
    }

    /// Applies the pieces that are kept. Cuts off and grows the file as it was, or not: its size is a piece too.
    fn pieces(&self, bytes: &mut Vec<u8>, gap: &mut Gap, size: usize, mut keep: impl FnMut(usize) -> bool) {
        for change in &self.unsynced {
            match change {
                Change::Truncate { .. } if keep(0) => change.apply(bytes, gap),
                Change::Truncate { .. } => {}
                Change::Write { offset, data } => {
                    let (mut at, mut rest) = (*offset, *data);
                    while !rest.is_empty() {
                        let (piece, later) = rest.split_at(rest.len().min(size - at % size));
                        if keep(at) {
                            Change::Write { offset: at, data: piece }.apply(bytes, gap);
                        }
                        at += piece.len();
                        rest = later;
                    }
                }
            }
        }
        let longest = self.unsynced.iter().map(Change::end).max().unwrap_or(0);
        if longest > bytes.len() && keep(longest) {
            gap.fill(bytes, longest);
        }
    }

    /// Makes some of the changes durable, and forgets the rest for ever.
    fn settle(&mut self, settle: Settle, dice: &mut Dice) {
        self.durable = self.found(settle, dice);
        self.unsynced.clear();
    }
}

impl Change<'_> {
    fn apply(&self, bytes: &mut Vec<u8>, gap: &mut Gap) {
        match *self {
            Change::Write { offset, data } => {
                if bytes.len() < offset {
                    gap.fill(bytes, offset);
                }
                let over = data.len().min(bytes.len() - offset);
                let (inside, beyond) = data.split_at(over);
                if let Some(there) = bytes.get_mut(offset..offset + over) {
                    there.copy_from_slice(inside);
                }
                bytes.extend_from_slice(beyond);
            }
            Change::Truncate { size } if size > bytes.len() => bytes.resize(size, 0),
            Change::Truncate { size } => bytes.truncate(size),
        }
    }

    const fn end(&self) -> usize {
        match *self {
            Change::Write { offset, data } => offset + data.len(),
            Change::Truncate { .. } => 0,
        }
    }
}

/// What is read where nothing was written.
enum Gap {
    Zeros,
    Rubbish(Dice),
}

impl Gap {
    fn fill(&mut self, bytes: &mut Vec<u8>, until: usize) {
        match self {
            Self::Zeros => bytes.resize(until, 0),
            Self::Rubbish(dice) => bytes.extend(dice.bytes(until - bytes.len())),
        }
    }
}

impl Remains {
    /// Lays the files out in a folder. The shared index of a log may be left over with anything in it.
    ///
    /// # Errors
    /// Where a file cannot be written.
    pub fn lay_out(&self, folder: &Path, dice: &mut Dice) -> io::Result<()> {
        for (name, bytes) in &self.files {
            fs::write(folder.join(name), bytes)?;
            if let Some(main) = name.strip_suffix("-wal").filter(|_| dice.chance(1, 2)) {
                fs::write(folder.join(format!("{main}-shm")), dice.bytes(32 * 1024))?;
            }
        }
        Ok(())
    }

    /// The bytes of a file, if it is there.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<&[u8]> {
        self.files.get(name).map(Vec::as_slice)
    }

    /// Names and lengths, to be printed.
    #[must_use]
    pub fn listing(&self) -> String {
        let line = |(name, bytes): (&String, &Vec<u8>)| format!("{name}: {} bytes", bytes.len());
        self.files.iter().map(line).collect::<Vec<_>>().join(", ")
    }
}
