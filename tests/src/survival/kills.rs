//! Rounds of writing, killing and judging on one database.

use core::fmt;
use std::io;
use std::process::Command;
use std::sync::Arc;

use async_trait::async_trait;
use mychartum_core::port::Storage;
use mychartum_core::port::storage::StorageError;

use super::chance::Chance;
use super::{Processes, Record, Verdict, Workload, judge, repeat};

/// After how many rounds the writers go on to new partitions.
const GENERATION: u32 = 10;

/// How many events a round has at most before something is killed.
const LONGEST: u64 = 240;

/// A storage that can be put into the harness: how to open it, who writes to it, and what is killed.
#[async_trait]
pub trait Subject: Send + Sync {
    /// Opens the storage, as a host does that starts after the crash.
    ///
    /// # Errors
    /// Whatever keeps it from opening: the harness takes that for a loss.
    async fn open(&self) -> Result<Arc<dyn Storage>, StorageError>;

    /// Closes what [`open`](Self::open) gave, as a host does that ends.
    async fn close(&self, storage: Arc<dyn Storage>);

    /// The processes that write in a round: programs that call [`write_until_killed`](super::write_until_killed) on the same
    /// data.
    fn processes(&self, round: u32) -> Vec<Command>;

    /// Kills, at the round's random moment. What is left of the processes is killed afterwards.
    ///
    /// # Errors
    /// When it could not; the round is then no test.
    fn strike(&self, round: u32, processes: &mut Processes) -> io::Result<()>;
}

/// So many kills at random moments, and a judgement after each.
#[derive(Debug, Clone, Copy)]
pub struct Kills {
    rounds: u32,
    seed: u64,
}

/// What came of it.
#[derive(Debug, Clone)]
#[must_use]
pub struct KillReport {
    /// How many rounds were run.
    pub rounds: u32,
    /// In how many rounds nothing was acknowledged before the kill: it struck while the storage was opening.
    pub unopened: u32,
    /// How many change sets were acknowledged.
    pub acknowledged: usize,
    /// How many were refused: conflicts between writers.
    pub refused: usize,
    /// The findings of all rounds together.
    pub verdict: Verdict,
    /// The round after which something was lost first.
    pub first_loss: Option<u32>,
    seed: u64,
}

impl Kills {
    /// So many rounds; the seed decides where the writers go and how long they live.
    #[must_use]
    pub const fn new(rounds: u32, seed: u64) -> Self {
        Self { rounds, seed }
    }

    /// Runs all rounds on one database, until the first in which something is lost. The calling thread waits for the other
    /// processes; run it on a multi-threaded runtime.
    ///
    /// # Errors
    /// When a process could not be started or killed.
    pub async fn run(&self, subject: &dyn Subject) -> io::Result<KillReport> {
        let chance = Chance::new(self.seed, u64::MAX);
        let mut report = KillReport::new(self.seed);
        let mut generations: Vec<(Workload, Record)> = Vec::new();
        let mut author = 0;
        for round in 0..self.rounds {
            if round % GENERATION == 0 {
                let number = round / GENERATION;
                generations.push((Workload::new(self.seed).writers(4).generation(number), Record::default()));
            }
            let Some((workload, record)) = generations.last_mut() else { break };
            let before = record.acknowledged();
            let commands = subject.processes(round);
            let first = author;
            author += u64::try_from(commands.len()).unwrap_or(u64::MAX);
            let mut processes = Processes::start(commands, *workload, first)?;
            // Now and then the kill strikes while the storage is being opened, or soon after.
            let events = if chance.once_in(10) { chance.below(4) } else { chance.below(LONGEST) };
            for _ in 0..=events {
                let Some(event) = processes.next() else { break };
                record.take(event);
            }
            subject.strike(round, &mut processes)?;
            record.extend(processes.end()?);
            report.rounds += 1;
            report.unopened += u32::from(record.acknowledged() == before);
            if let Err(error) = report.after_crash(subject, *workload, record).await {
                report.verdict.losses.push(super::Loss::Unreadable(error));
            }
            if !report.verdict.is_sound() {
                report.first_loss = Some(round);
                break;
            }
        }
        report.at_the_end(subject, &generations).await;
        Ok(report)
    }
}

impl KillReport {
    fn new(seed: u64) -> Self {
        let verdict = Verdict::default();
        Self { rounds: 0, unopened: 0, acknowledged: 0, refused: 0, verdict, first_loss: None, seed }
    }

    async fn after_crash(
        &mut self,
        subject: &dyn Subject,
        workload: Workload,
        record: &mut Record,
    ) -> Result<(), StorageError> {
        let storage = subject.open().await?;
        let verdict = judge(&*storage, workload, record).await;
        self.verdict.unknown_there += verdict.unknown_there;
        self.verdict.unknown_gone += verdict.unknown_gone;
        self.verdict.losses.extend(verdict.losses);
        self.verdict.losses.extend(repeat(&*storage, workload, record).await.losses);
        subject.close(storage).await;
        Ok(())
    }

    /// Judges once more all that was ever written.
    async fn at_the_end(&mut self, subject: &dyn Subject, generations: &[(Workload, Record)]) {
        let storage = match subject.open().await {
            Ok(storage) => storage,
            Err(error) => return self.verdict.losses.push(super::Loss::Unreadable(error)),
        };
        for (workload, record) in generations {
            let verdict = judge(&*storage, *workload, record).await;
            self.verdict.kept += verdict.kept;
            let new = verdict.losses.into_iter().filter(|loss| !self.verdict.losses.contains(loss));
            let new: Vec<_> = new.collect();
            self.verdict.losses.extend(new);
            self.acknowledged += record.acknowledged();
            self.refused += record.refused();
        }
        subject.close(storage).await;
    }

    /// Panics with all that was lost unless nothing was.
    ///
    /// # Panics
    /// When anything was lost.
    #[track_caller]
    pub fn assert_sound(&self) {
        assert!(self.verdict.is_sound(), "{self}");
    }
}

impl fmt::Display for KillReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rounds, unopened, acknowledged, refused, verdict, first_loss, seed } = self;
        write!(f, "{rounds} kills with seed {seed}, {unopened} before anything was acknowledged; ")?;
        write!(f, "{acknowledged} change sets acknowledged, {refused} refused; ")?;
        if let Some(round) = first_loss {
            write!(f, "first loss after round {round}; ")?;
        }
        write!(f, "{verdict}")
    }
}
