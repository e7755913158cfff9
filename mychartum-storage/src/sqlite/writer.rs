//! The writer: one thread, one connection, a queue, and one sync of the disk for a group of change sets.
//!
//! What is done with whole buckets stands in the same queue, each task in a transaction of its own.

use std::thread::{self, JoinHandle};

use mychartum_core::port::custody::{BucketStatus, Piece, Turn};
use mychartum_core::port::storage::{ChangeSet, Outcome, Receipt, StorageError, StorageErrorKind};
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::apply::apply;
use super::checkpoint::{self, Queue};
use super::custody::{self, Rest};
use super::failure;
use super::standing::Refusal;

/// What the writer answers for one change set.
pub(super) type Answer = Result<Receipt, StorageError>;

/// What stands in the queue. It is owned, so whoever asked may go away.
pub(super) enum Job {
    Commit(Commit),
    Task(Task, oneshot::Sender<Result<Rest, StorageError>>),
}

/// A change set to be applied.
pub(super) struct Commit {
    pub(super) set: ChangeSet,
    pub(super) digest: [u8; 32],
    pub(super) answer: oneshot::Sender<Answer>,
}

/// Something to be done with whole buckets.
pub(super) enum Task {
    Turn(Vec<Turn>),
    /// The limits of the pieces were checked.
    Install(Vec<Piece>),
    /// Removes a slice; what waits meanwhile is not held up by the whole bucket.
    Clear(BucketStatus),
}

impl Task {
    pub(super) const fn operation(&self) -> &'static str {
        match self {
            Self::Turn(_) => "turn",
            Self::Install(_) => "install",
            Self::Clear(_) => "clear",
        }
    }
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
    let mut commits = Vec::with_capacity(group);
    let mut kept = None;
    while let Some(job) = kept.take().or_else(|| queue.blocking_recv()) {
        match job {
            Job::Task(task, answer) => {
                // Whoever asked may have gone away; what was done stays done.
                let _ = answer.send(perform(connection, &task));
            }
            Job::Commit(first) => {
                commits.push(first);
                while commits.len() < group && kept.is_none() {
                    match queue.try_recv() {
                        Ok(Job::Commit(next)) => commits.push(next),
                        Ok(task) => kept = Some(task),
                        Err(_) => break,
                    }
                }
                commit_group(connection, &mut commits);
            }
        }
        let rest = if queue.is_empty() && kept.is_none() { Queue::Empty } else { Queue::Waiting };
        checkpoint::after_group(connection, rest);
    }
}

/// Performs a task in a transaction of its own; what it answers is durable.
fn perform(connection: &Connection, task: &Task) -> Result<Rest, StorageError> {
    let operation = task.operation();
    begin(connection, operation)?;
    let done = match task {
        Task::Turn(turns) => custody::turn(connection, turns).map(|()| Rest::Done),
        Task::Install(pieces) => custody::install(connection, pieces).map(|()| Rest::Done),
        Task::Clear(status) => custody::clear_slice(connection, *status),
    };
    match done {
        Ok(rest) => commit(connection, operation).map(|()| rest),
        Err(refusal) => {
            roll_back(connection);
            Err(refusal.in_operation(operation))
        }
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
fn commit_group(connection: &Connection, jobs: &mut Vec<Commit>) {
    match try_group(connection, jobs) {
        Ok(answers) => jobs.drain(..).zip(answers).for_each(|(job, answer)| tell(job, answer)),
        Err(Failed::AtTheEnds(error)) => jobs.drain(..).for_each(|job| tell(job, Err(error))),
        Err(Failed::OnTheWay(error)) if jobs.len() <= 1 => jobs.drain(..).for_each(|job| tell(job, Err(error))),
        Err(Failed::OnTheWay(_)) => commit_one_by_one(connection, jobs),
    }
}

fn commit_one_by_one(connection: &Connection, jobs: &mut Vec<Commit>) {
    let mut stopped = None;
    for job in jobs.drain(..) {
        let answer = match stopped {
            Some(error) => Err(error),
            None => match try_group(connection, std::slice::from_ref(&job)) {
                Ok(answers) => answers.into_iter().next().unwrap_or(Err(unknown("commit"))),
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
fn tell(job: Commit, answer: Answer) {
    let _ = job.answer.send(answer);
}

/// Applies jobs in one transaction; all answers are durable when this returns.
fn try_group(connection: &Connection, jobs: &[Commit]) -> Result<Vec<Answer>, Failed> {
    begin(connection, "commit").map_err(Failed::AtTheEnds)?;
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
    commit(connection, "commit").map(|()| answers).map_err(Failed::AtTheEnds)
}

/// Begins a transaction that writes.
fn begin(connection: &Connection, operation: &'static str) -> Result<(), StorageError> {
    let begun = connection.prepare_cached("BEGIN IMMEDIATE").and_then(|mut begin| begin.execute([]));
    begun.map(drop).map_err(|error| failure::of(&error, operation))
}

/// Commits; after an error nothing of the transaction is open any more.
fn commit(connection: &Connection, operation: &'static str) -> Result<(), StorageError> {
    let committed = connection.prepare_cached("COMMIT").and_then(|mut commit| commit.execute([]));
    committed.map(drop).map_err(|error| {
        roll_back(connection);
        failure::of_commit(&error, operation)
    })
}

/// Ends the transaction, unless SQLite already did.
fn roll_back(connection: &Connection) {
    if !connection.is_autocommit() {
        // If even this fails, the next BEGIN fails too and says so.
        let _ = connection.execute_batch("ROLLBACK");
    }
}

/// The answer when the writer is gone and took the question with it.
pub(super) const fn unknown(operation: &'static str) -> StorageError {
    StorageError::new(StorageErrorKind::OutcomeUnknown, operation)
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
    fn commit_all(connection: &Connection, sets: &[ChangeSet]) -> Vec<Answer> {
        let (mut jobs, mut answers) = (Vec::new(), Vec::new());
        for set in sets {
            let (answer, answered) = oneshot::channel();
            jobs.push(Commit { set: set.clone(), digest: set.digest(), answer });
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
        let answers = commit_all(&connection, &sets);
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
        assert_eq!(kinds(&commit_all(&connection, &sets)), [None, full, None]);
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
        let answers = commit_all(&connection, &sets);
        assert_eq!(kinds(&answers), [Some(StorageErrorKind::Corrupt); 2]);
        assert_eq!((revision(&connection, 1), revision(&connection, 2)), (0, 0));
        connection.execute_batch("DROP TRIGGER trap").unwrap();
        assert_eq!(kinds(&commit_all(&connection, &sets)), [None, None]);
    }

    #[test]
    fn a_group_costs_one_entry_in_the_log_for_shared_pages() {
        let sets: Vec<ChangeSet> = (1..=50).map(|number| set(number, number, 10)).collect();
        let (_folder, together) = open(1000);
        let (_other, alone) = open(1000);
        for connection in [&together, &alone] {
            connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        }
        commit_all(&together, &sets);
        sets.iter().for_each(|set| drop(commit_all(&alone, std::slice::from_ref(set))));
        let pages = |connection: &Connection| -> i64 {
            connection.query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| row.get(1)).unwrap()
        };
        assert!(pages(&together) * 10 < pages(&alone), "{} {}", pages(&together), pages(&alone));
    }
}
