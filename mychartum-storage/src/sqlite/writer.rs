//! The writer: one thread, one connection, a queue, and one sync of the disk for a group of change sets.

use std::thread::{self, JoinHandle};

use mychartum_core::port::storage::{ChangeSet, Outcome, Receipt, StorageError, StorageErrorKind};
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::apply::{Refusal, apply};
use super::checkpoint::{self, Queue};
use super::failure;

/// What the writer answers for one change set.
pub(super) type Answer = Result<Receipt, StorageError>;

/// A change set in the queue. It is owned, so whoever asked may go away.
pub(super) struct Job {
    pub(super) set: ChangeSet,
    pub(super) digest: [u8; 32],
    pub(super) answer: oneshot::Sender<Answer>,
}

/// Starts the writer. It ends, and closes its connection, when all senders are gone and the queue is empty.
///
/// # Errors
/// `Unavailable` when the system gives no thread.
pub(super) fn start(connection: Connection, group: usize) -> Result<(mpsc::Sender<Job>, JoinHandle<()>), StorageError> {
    let (sender, queue) = mpsc::channel(group);
    let thread = thread::Builder::new()
        .name("mychartum-writer".to_owned())
        .spawn(move || run(&connection, queue, group))
        .map_err(|error| failure::of_io(&error, "open"))?;
    Ok((sender, thread))
}

fn run(connection: &Connection, mut queue: mpsc::Receiver<Job>, group: usize) {
    let mut jobs = Vec::with_capacity(group);
    while let Some(first) = queue.blocking_recv() {
        jobs.push(first);
        while jobs.len() < group {
            let Ok(next) = queue.try_recv() else { break };
            jobs.push(next);
        }
        commit_group(connection, &mut jobs);
        let rest = if queue.is_empty() { Queue::Empty } else { Queue::Waiting };
        checkpoint::after_group(connection, rest);
    }
}

/// Why a group was rolled back.
enum Failed {
    /// One of its change sets met an error of SQLite; alone, the others may pass.
    OnTheWay(StorageError),
    /// The transaction could not begin or commit: this holds for all.
    AtTheEnds(StorageError),
}

/// Commits all jobs together and answers each.
///
/// If one of them meets an error of SQLite, such as a full disk, nothing of the group stays and each is tried alone: a
/// change set never fails because of its neighbours.
fn commit_group(connection: &Connection, jobs: &mut Vec<Job>) {
    match try_group(connection, jobs) {
        Ok(answers) => jobs.drain(..).zip(answers).for_each(|(job, answer)| tell(job, answer)),
        Err(Failed::AtTheEnds(error)) => jobs.drain(..).for_each(|job| tell(job, Err(error))),
        Err(Failed::OnTheWay(error)) if jobs.len() <= 1 => jobs.drain(..).for_each(|job| tell(job, Err(error))),
        Err(Failed::OnTheWay(_)) => commit_one_by_one(connection, jobs),
    }
}

fn commit_one_by_one(connection: &Connection, jobs: &mut Vec<Job>) {
    let mut stopped = None;
    for job in jobs.drain(..) {
        let answer = match stopped {
            Some(error) => Err(error),
            None => match try_group(connection, std::slice::from_ref(&job)) {
                Ok(answers) => answers.into_iter().next().unwrap_or(Err(unknown())),
                Err(Failed::OnTheWay(error)) => Err(error),
                Err(Failed::AtTheEnds(error)) => {
                    stopped = Some(error);
                    Err(error)
                }
            },
        };
        tell(job, answer);
    }
}

/// Whoever asked may have gone away; the change set stays as it is (promise 17).
fn tell(job: Job, answer: Answer) {
    let _ = job.answer.send(answer);
}

/// Applies jobs in one transaction; all answers are durable when this returns.
fn try_group(connection: &Connection, jobs: &[Job]) -> Result<Vec<Answer>, Failed> {
    let at_begin = |error| Failed::AtTheEnds(failure::of(&error, "commit"));
    connection.prepare_cached("BEGIN IMMEDIATE").and_then(|mut begin| begin.execute([])).map_err(at_begin)?;
    let mut answers = Vec::with_capacity(jobs.len());
    for job in jobs {
        match apply(connection, &job.set, job.digest) {
            Ok(receipt) => answers.push(Ok(receipt)),
            Err(Refusal::Answer(kind)) => answers.push(Err(StorageError::new(kind, "commit"))),
            Err(Refusal::Engine(error)) => {
                roll_back(connection);
                return Err(Failed::OnTheWay(failure::of(&error, "commit")));
            }
        }
    }
    let wrote = |answer: &Answer| answer.is_ok_and(|receipt| receipt.outcome == Outcome::Applied);
    if !answers.iter().any(wrote) {
        roll_back(connection);
        return Ok(answers);
    }
    match connection.prepare_cached("COMMIT").and_then(|mut commit| commit.execute([])) {
        Ok(_) => Ok(answers),
        Err(error) => {
            roll_back(connection);
            Err(Failed::AtTheEnds(failure::of_commit(&error)))
        }
    }
}

/// Ends the transaction, unless SQLite already did.
fn roll_back(connection: &Connection) {
    if !connection.is_autocommit() {
        // If even this fails, the next BEGIN fails too and says so.
        let _ = connection.execute_batch("ROLLBACK");
    }
}

/// The answer when the writer is gone and took the question with it.
pub(super) const fn unknown() -> StorageError {
    StorageError::new(StorageErrorKind::OutcomeUnknown, "commit")
}
