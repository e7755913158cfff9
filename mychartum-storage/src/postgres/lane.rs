//! A lane: one task and one connection that commit groups of change sets, one after another.

use std::sync::Arc;

use core::time::Duration;

use deadpool_postgres::Pool;
use mychartum_core::port::storage::{ChangeSet, Outcome, Partition, Receipt, StorageError, StorageErrorKind as Kind};
use tokio::time::{Instant, sleep};

use super::failure::{self, Remedy};
use super::options::StatementMode;
use super::queue::{Answer, Job, Queue};
use super::session::Session;
use super::transaction::{Ended, Failed, Settings};

/// The first and the longest pause before a transaction is tried again.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// How often a change set is tried alone at least, however long its neighbours took.
const LEAST_TRIES: u32 = 2;

/// Takes groups from the queue, commits them, and answers.
pub(super) struct Lane {
    pub(super) queue: Arc<Queue>,
    pub(super) pool: Pool,
    pub(super) mode: StatementMode,
    pub(super) settings: Arc<Settings>,
    /// How long passing faults and lost connections are made good before the caller is told.
    pub(super) patience: Duration,
    /// The connection that the last transaction left in good order.
    pub(super) session: Option<Session>,
}

/// Whether an earlier try of a change set may have been carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doubt {
    None,
    MayBeApplied,
}

impl Lane {
    /// Works until the queue is closed and empty.
    pub(super) async fn run(mut self) {
        while let Some(jobs) = self.queue.take().await {
            let partitions: Vec<Partition> = jobs.iter().map(|job| job.set.partition).collect();
            let answers = self.commit(&jobs).await;
            self.queue.done(&partitions);
            for (job, answer) in jobs.into_iter().zip(answers) {
                // Whoever asked may have gone away; the change set stays as it is (promise 17).
                let _ = job.answer.send(answer);
                drop(job.place);
            }
        }
    }

    /// Commits a group and gives the answers in its order.
    ///
    /// If anything goes wrong, each change set is tried alone: none fails because of its neighbours.
    async fn commit(&mut self, jobs: &[Job]) -> Vec<Answer> {
        let deadline = Instant::now() + self.patience;
        let doubt = match self.attempt(jobs).await {
            Ok(answers) => return answers.into_iter().map(|(answer, _)| answer).collect(),
            Err(Trouble::Failed(failed)) if jobs.len() == 1 && failed.remedy == Remedy::None => {
                return vec![Err(failed.error)];
            }
            Err(Trouble::Failed(_) | Trouble::NoConnection(_)) => Doubt::None,
            Err(Trouble::Unknown(_)) => Doubt::MayBeApplied,
        };
        let mut answers = Vec::with_capacity(jobs.len());
        let mut stopped = None;
        for job in jobs {
            let answer = match stopped {
                Some(error) => Err(told(error, doubt)),
                None => self.commit_one(job, doubt, deadline, &mut stopped).await,
            };
            answers.push(answer);
        }
        answers
    }

    /// Commits one change set, again and again while that may help and there is time.
    async fn commit_one(
        &mut self,
        job: &Job,
        mut doubt: Doubt,
        deadline: Instant,
        stopped: &mut Option<StorageError>,
    ) -> Answer {
        let mut pause = FIRST_PAUSE;
        let mut tries = 0;
        loop {
            tries += 1;
            let last = tries >= LEAST_TRIES && Instant::now() >= deadline;
            match self.attempt(core::slice::from_ref(job)).await {
                Ok(answers) => {
                    let answer = answers.into_iter().next();
                    return answer.map_or(Err(unknown()), |(answer, before)| settled(&job.set, answer, before, doubt));
                }
                Err(Trouble::Failed(failed)) if last || failed.remedy == Remedy::None => {
                    return Err(told(failed.error, doubt));
                }
                Err(Trouble::NoConnection(failed)) if failed.remedy == Remedy::None || Instant::now() >= deadline => {
                    // It is the same for all that wait.
                    *stopped = Some(failed.error);
                    return Err(told(failed.error, doubt));
                }
                Err(Trouble::Unknown(error)) if last => return Err(told(error, Doubt::MayBeApplied)),
                Err(Trouble::Unknown(_)) => doubt = Doubt::MayBeApplied,
                Err(Trouble::Failed(_) | Trouble::NoConnection(_)) => {}
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// One transaction, on the connection at hand or on a new one.
    async fn attempt(&mut self, jobs: &[Job]) -> Result<Vec<(Answer, u64)>, Trouble> {
        let session = match self.session.take().filter(|session| !session.is_closed()) {
            Some(session) => session,
            None => match self.pool.get().await {
                Ok(connection) => Session::new(connection, self.mode),
                Err(error) => {
                    let remedy = failure::remedy_of_pool(&error);
                    return Err(Trouble::NoConnection(Failed { error: failure::of_pool(&error, "commit"), remedy }));
                }
            },
        };
        match self.settings.commit(session, jobs).await {
            Ended::Answered(answers, session) => {
                self.session = Some(session);
                Ok(answers)
            }
            Ended::Failed(failed, session) => {
                self.session = session;
                Err(Trouble::Failed(failed))
            }
            Ended::Unknown(error) => Err(Trouble::Unknown(error)),
        }
    }
}

/// Why an attempt gave no answers.
enum Trouble {
    /// There is no connection; nothing was tried.
    NoConnection(Failed),
    /// Nothing was written.
    Failed(Failed),
    /// The outcome is unknown.
    Unknown(StorageError),
}

/// The answer after an earlier try whose outcome was unknown: now it is known.
fn settled(set: &ChangeSet, answer: Answer, before: u64, doubt: Doubt) -> Answer {
    match (doubt, answer) {
        (Doubt::None, answer) => answer,
        // It was not there before the first try, so it was this call that applied it.
        (_, Ok(Receipt { revision, outcome: Outcome::Repeated })) => {
            Ok(Receipt { revision, outcome: Outcome::Applied })
        }
        // So many came after it that it may be forgotten.
        (_, Err(error)) if error.kind() == Kind::Conflict && forgotten(set, before) => Err(unknown()),
        // The bucket was turned in the meantime: the change set may be in it or not.
        (_, Err(error)) if matches!(error.kind(), Kind::Busy | Kind::Elsewhere) => Err(unknown()),
        (_, answer) => answer,
    }
}

/// Whether a change set that was applied would no longer be among the remembered ones.
const fn forgotten(set: &ChangeSet, revision: u64) -> bool {
    revision > set.expect.revision.saturating_add(ChangeSet::REMEMBERED)
}

/// What the caller is told when trying ends.
const fn told(error: StorageError, doubt: Doubt) -> StorageError {
    match (doubt, error.code()) {
        (Doubt::None, _) => error,
        (Doubt::MayBeApplied, Some(code)) => unknown().with_code(code),
        (Doubt::MayBeApplied, None) => unknown(),
    }
}

/// The answer when it is not known whether a change set was applied.
pub(super) const fn unknown() -> StorageError {
    StorageError::new(Kind::OutcomeUnknown, "commit")
}

#[cfg(test)]
mod tests {
    use super::*;
    use mychartum_core::kernel::id::ChangeSetId;
    use mychartum_core::port::storage::{AuditHead, Expect};

    fn set() -> ChangeSet {
        ChangeSet {
            id: ChangeSetId::from_bytes([1; 16]),
            partition: Partition::SYSTEM,
            expect: Expect { revision: 3, epoch: 0 },
            puts: Vec::new(),
            deletes: Vec::new(),
            audit: AuditHead::EMPTY,
        }
    }

    fn refused(kind: Kind) -> Answer {
        Err(StorageError::new(kind, "commit"))
    }

    fn receipt(outcome: Outcome) -> Answer {
        Ok(Receipt { revision: 4, outcome })
    }

    #[test]
    fn after_a_doubt_a_repeat_is_the_call_that_applied_it() {
        let settle = |answer, doubt| settled(&set(), answer, 4, doubt);
        assert_eq!(settle(receipt(Outcome::Repeated), Doubt::MayBeApplied), receipt(Outcome::Applied));
        assert_eq!(settle(receipt(Outcome::Repeated), Doubt::None), receipt(Outcome::Repeated));
        assert_eq!(settle(receipt(Outcome::Applied), Doubt::MayBeApplied), receipt(Outcome::Applied));
    }

    #[test]
    fn after_a_doubt_a_conflict_counts_only_while_the_change_set_would_be_remembered() {
        let settle = |before, doubt| settled(&set(), refused(Kind::Conflict), before, doubt);
        assert_eq!(settle(67, Doubt::MayBeApplied), refused(Kind::Conflict));
        assert_eq!(settle(68, Doubt::MayBeApplied), Err(unknown()));
        assert_eq!(settle(68, Doubt::None), refused(Kind::Conflict));
    }

    #[test]
    fn after_a_doubt_a_turned_bucket_does_not_tell() {
        for kind in [Kind::Busy, Kind::Elsewhere] {
            assert_eq!(settled(&set(), refused(kind), 0, Doubt::MayBeApplied), Err(unknown()));
            assert_eq!(settled(&set(), refused(kind), 0, Doubt::None), refused(kind));
        }
    }

    #[test]
    fn a_doubt_keeps_the_code_and_hides_the_kind() {
        let error = StorageError::new(Kind::Unavailable, "commit").with_code(7);
        assert_eq!(told(error, Doubt::None), error);
        assert_eq!(told(error, Doubt::MayBeApplied), unknown().with_code(7));
    }
}
