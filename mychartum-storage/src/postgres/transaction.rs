//! One transaction that commits a group of change sets in two round trips.

use core::time::Duration;

use mychartum_core::port::storage::{Outcome, Receipt, StorageError, StorageErrorKind as Kind};
use tokio::time::timeout;

use super::changes::{Changes, Written};
use super::columns::Damaged;
use super::failure::{self, Remedy};
use super::lookup::{Found, NotFound, look_up};
use super::queue::{Answer, Job};
use super::session::Session;
use super::verdict::{Verdict, verdict};
use super::writing_sql::Writing;

/// How a transaction ended.
pub(super) enum Ended {
    /// Each change set has its answer, and the revision that its partition had before. The session is as good as new.
    Answered(Vec<(Answer, u64)>, Session),
    /// Nothing was written.
    Failed(Failed, Option<Session>),
    /// The connection ended, or the time was up, after the commit was sent.
    Unknown(StorageError),
}

/// Why nothing was written, and what can be done about it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Failed {
    pub(super) error: StorageError,
    pub(super) remedy: Remedy,
}

/// How a transaction begins and how long a round trip may take.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) sql: Writing,
    pub(super) begin: String,
    pub(super) limit: Duration,
}

impl Settings {
    /// Settings of the session hold for this transaction alone, so that they also hold behind a pooler.
    ///
    /// - Whatever the server, the database or the role say, a commit is on the disk before it is acknowledged; settings that
    ///   ask for more, such as `remote_apply`, stay.
    /// - A lock is waited for only so long; a program that dies in mid-transaction does not keep its locks for ever.
    /// - A time limit of the server must not end the wait for a standby: the commit would be acknowledged without it.
    pub(super) fn new(sql: Writing, limit: Duration, busy: Duration) -> Self {
        let begin = format!(
            "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
            SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off';
            SET LOCAL lock_timeout = {};
            SET LOCAL idle_in_transaction_session_timeout = {};
            SET LOCAL statement_timeout = 0",
            milliseconds(busy),
            milliseconds(limit),
        );
        Self { sql, begin, limit }
    }

    /// Commits jobs together. Each partition must occur once, and in the single form all must be of one bucket.
    pub(super) async fn commit(&self, session: Session, jobs: &[Job]) -> Ended {
        let found = match timeout(self.limit, look_up(&session, &self.sql, &self.begin, jobs)).await {
            Ok(Ok(found)) => found,
            Ok(Err(NotFound::Failed(error))) => return self.failed(session, &failed(&error)).await,
            Ok(Err(NotFound::Damaged)) => return self.failed(session, &damaged()).await,
            Err(_) => return too_late(session),
        };
        if found.iter().any(Found::is_mixed) {
            // If it stays so, there are rows without a head.
            return self.failed(session, &raced(Kind::Corrupt)).await;
        }
        let mut changes = Changes::new();
        let mut answers = Vec::with_capacity(jobs.len());
        for (job, found) in jobs.iter().zip(&found) {
            let before = found.head.map_or(0, |(revision, _)| revision);
            let answer = match verdict(&job.set, &job.digest, found) {
                Verdict::Apply { revision, epoch } => {
                    changes.add(&job.set, &job.digest, found, revision, epoch);
                    Ok(Receipt { revision, outcome: Outcome::Applied })
                }
                Verdict::Repeated(receipt) => Ok(receipt),
                Verdict::Refused(kind) => Err(StorageError::new(kind, "commit")),
            };
            answers.push((answer, before));
        }
        if changes.is_empty() {
            return match self.roll_back(session).await {
                Some(session) => Ended::Answered(answers, session),
                // Nothing was to be written, but a repeated change set is only known to be durable after a good answer.
                None => Ended::Failed(lost(), None),
            };
        }
        match timeout(self.limit, changes.write(&session, &self.sql)).await {
            Ok(Written::Committed) => Ended::Answered(answers, session),
            Ok(Written::Failed(error) | Written::NotCommitted(error)) => self.failed(session, &failed(&error)).await,
            Ok(Written::Raced) => self.failed(session, &raced(Kind::Busy)).await,
            Ok(Written::Damaged) => self.failed(session, &damaged()).await,
            Ok(Written::Unknown(error)) => {
                session.discard();
                Ended::Unknown(failure::of(&error, "commit"))
            }
            Err(_) => {
                session.discard();
                Ended::Unknown(StorageError::new(Kind::Busy, "commit"))
            }
        }
    }

    async fn failed(&self, session: Session, failed: &Failed) -> Ended {
        let session = match failed.remedy {
            Remedy::Reconnect => {
                session.discard();
                None
            }
            Remedy::Again | Remedy::None => self.roll_back(session).await,
        };
        Ended::Failed(*failed, session)
    }

    /// Ends the transaction, if it is not ended already, and gives the session back if it is sound.
    async fn roll_back(&self, session: Session) -> Option<Session> {
        match timeout(self.limit, session.run("ROLLBACK")).await {
            Ok(Ok(())) => Some(session),
            _ => {
                session.discard();
                None
            }
        }
    }
}

fn failed(error: &tokio_postgres::Error) -> Failed {
    Failed { error: failure::of(error, "commit"), remedy: failure::remedy(error) }
}

const fn damaged() -> Failed {
    Failed { error: Damaged::in_operation("commit"), remedy: Remedy::None }
}

/// Another program made a partition in the midst of this transaction. The next one finds its head and locks it.
const fn raced(otherwise: Kind) -> Failed {
    Failed { error: StorageError::new(otherwise, "commit"), remedy: Remedy::Again }
}

const fn lost() -> Failed {
    Failed { error: StorageError::new(Kind::Unavailable, "commit"), remedy: Remedy::Reconnect }
}

/// The time was up before anything was written. The server notices by its own limits.
fn too_late(session: Session) -> Ended {
    session.discard();
    Ended::Failed(Failed { error: StorageError::new(Kind::Busy, "commit"), remedy: Remedy::None }, None)
}

/// A time for a setting of the server, where 0 would mean for ever.
fn milliseconds(time: Duration) -> i32 {
    i32::try_from(time.as_millis()).unwrap_or(i32::MAX).max(1)
}
