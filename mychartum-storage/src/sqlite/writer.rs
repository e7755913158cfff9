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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::{SqliteOptions, connect, read};
    use mychartum_core::kernel::id::ChangeSetId;
    use mychartum_core::port::storage::{AuditHead, Collection, Expect, Partition, PartitionKind, Put, RowId};
    use tempfile::TempDir;

    fn partition(number: u8) -> Partition {
        Partition::new(PartitionKind::Patient, [number; 16])
    }

    /// A change set that expects revision 0 and puts one row with a body of `size` bytes.
    fn set(number: u8, id: u8, size: usize) -> ChangeSet {
        ChangeSet {
            id: ChangeSetId::from_bytes([id; 16]),
            partition: partition(number),
            expect: Expect { revision: 0, epoch: 0 },
            puts: vec![Put {
                collection: Collection::new(1),
                row: RowId::from_bytes([id; 16]),
                version: 1,
                order: 0,
                tags: Vec::new(),
                body: vec![1; size],
            }],
            deletes: Vec::new(),
            audit: AuditHead { count: 1, link: [id; 32] },
        }
    }

    fn open(max_pages: u32) -> (TempDir, Connection) {
        let folder = tempfile::tempdir().unwrap();
        let options = SqliteOptions::DEFAULT.max_pages(max_pages);
        let connection = connect::writer(&folder.path().join("portal.db"), &options).unwrap();
        (folder, connection)
    }

    /// Commits sets as one group and gives the answers in order.
    fn commit(connection: &Connection, sets: &[ChangeSet]) -> Vec<Answer> {
        let (mut jobs, mut answers) = (Vec::new(), Vec::new());
        for set in sets {
            let (answer, answered) = oneshot::channel();
            jobs.push(Job { set: set.clone(), digest: set.digest(), answer });
            answers.push(answered);
        }
        commit_group(connection, &mut jobs);
        assert!(jobs.is_empty() && connection.is_autocommit());
        answers.into_iter().map(|answered| answered.blocking_recv().unwrap()).collect()
    }

    fn revision(connection: &Connection, number: u8) -> u64 {
        read::head(connection, partition(number)).unwrap().revision
    }

    fn kinds(answers: &[Answer]) -> Vec<Option<StorageErrorKind>> {
        answers.iter().map(|answer| answer.err().map(|error| error.kind())).collect()
    }

    #[test]
    fn refused_sets_leave_their_group_alone() {
        let (_folder, connection) = open(1000);
        let sets = [set(1, 1, 10), set(1, 2, 10), set(2, 3, 10), set(1, 1, 10), set(2, 3, 11)];
        let answers = commit(&connection, &sets);
        let (conflict, invalid) = (Some(StorageErrorKind::Conflict), Some(StorageErrorKind::Invalid));
        assert_eq!(kinds(&answers), [None, conflict, None, None, invalid]);
        assert_eq!(answers[0].unwrap().outcome, Outcome::Applied);
        assert_eq!(answers[3].unwrap().outcome, Outcome::Repeated);
        assert_eq!((revision(&connection, 1), revision(&connection, 2)), (1, 1));
    }

    #[test]
    fn a_set_that_does_not_fit_fails_alone() {
        let (_folder, connection) = open(100);
        let sets = [set(1, 1, 10), set(2, 2, 2 << 20), set(3, 3, 10)];
        let full = Some(StorageErrorKind::Full);
        assert_eq!(kinds(&commit(&connection, &sets)), [None, full, None]);
        assert_eq!([1, 2, 3].map(|number| revision(&connection, number)), [1, 0, 1]);
    }

    #[test]
    fn a_failing_commit_fails_the_whole_group_and_leaves_nothing() {
        let (_folder, connection) = open(1000);
        // A deferred reference that nothing meets lets every statement pass and the commit fail.
        let trap = "CREATE TABLE parent (a INTEGER PRIMARY KEY);
            CREATE TABLE child (a INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
            CREATE TRIGGER trap AFTER INSERT ON head BEGIN INSERT INTO child VALUES (1); END;";
        connection.execute_batch(trap).unwrap();
        let sets = [set(1, 1, 10), set(2, 2, 10)];
        let answers = commit(&connection, &sets);
        assert_eq!(kinds(&answers), [Some(StorageErrorKind::Corrupt); 2]);
        assert_eq!((revision(&connection, 1), revision(&connection, 2)), (0, 0));
        connection.execute_batch("DROP TRIGGER trap").unwrap();
        assert_eq!(kinds(&commit(&connection, &sets)), [None, None]);
    }

    #[test]
    fn a_group_costs_one_entry_in_the_log_for_shared_pages() {
        let sets: Vec<ChangeSet> = (1..=50).map(|number| set(number, number, 10)).collect();
        let (_folder, together) = open(1000);
        let (_other, alone) = open(1000);
        for connection in [&together, &alone] {
            connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        }
        commit(&together, &sets);
        sets.iter().for_each(|set| drop(commit(&alone, std::slice::from_ref(set))));
        let pages = |connection: &Connection| -> i64 {
            connection.query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| row.get(1)).unwrap()
        };
        assert!(pages(&together) * 10 < pages(&alone), "{} {}", pages(&together), pages(&alone));
    }
}
