//! Slowing tries without locking the patient out.
//!
//! A try is counted before it is judged, by compare-and-set, so that no interleaving gives more tries than there are (I18).
//! Strangers, each known device and each source have budgets of their own: an attacker spends his own (I17).

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use crate::access::pack::ThrottlePolicy;
use crate::kernel::id::AccountId;
use crate::ledger::{Change, Draft, Failure, Ledger, Patience, Stored, decode, encode};
use crate::port::storage::{Partition, RowId, StorageErrorKind};
use crate::vault::TagDomain;

/// Tries as they are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tries {
    /// Failures since the last success.
    failures: u32,
    /// When the last try was.
    last: DateTime<Utc>,
    /// When the present window began.
    window: DateTime<Utc>,
    /// Tries in the present window that were not right.
    in_window: u32,
}

/// So many in so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Budget {
    /// How long the window is.
    pub(crate) window: Duration,
    /// How many tries it has.
    pub(crate) most: u32,
    /// Whether failures make the next try wait.
    pub(crate) slows: bool,
}

/// Too many tries: when the next one is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many tries")]
pub struct Wait {
    /// From when on.
    pub until: DateTime<Utc>,
}

impl Tries {
    const fn none(now: DateTime<Utc>) -> Self {
        Self { failures: 0, last: now, window: now, in_window: 0 }
    }

    /// Counts a try in advance as a failure, or says how long to wait. A clock that stepped back makes nobody wait longer than
    /// the longest wait, and gives no try back.
    fn admit(self, now: DateTime<Utc>, policy: &ThrottlePolicy, budget: Budget) -> Result<Self, Wait> {
        let last = self.last.min(now);
        if budget.slows && self.failures >= policy.a_day {
            // So many in a row, over whatever time (NIST SP 800-63B-4, section 3.2.2): a new password, a known device or the clinic
            // begins anew.
            return Err(Wait { until: now + budget.window });
        }
        if budget.slows && self.failures >= policy.free {
            let until = last + wait_after(self.failures - policy.free, policy);
            // The first wait is over at its end, not before.
            if now < until && self.last <= now {
                return Err(Wait { until });
            }
            if self.last > now {
                // The clock stepped back: the wait is counted from now on.
                return Err(Wait { until: now + wait_after(self.failures - policy.free, policy) });
            }
        }
        let is_over = now >= self.window + budget.window;
        let (window, in_window) = if is_over { (now, 0) } else { (self.window.min(now), self.in_window) };
        if in_window >= budget.most {
            return Err(Wait { until: window + budget.window });
        }
        Ok(Self { failures: self.failures.saturating_add(1), last: now, window, in_window: in_window + 1 })
    }

    /// The try was right: it was no failure, and it is not counted.
    const fn forgiven(self) -> Self {
        Self { failures: 0, in_window: self.in_window.saturating_sub(1), ..self }
    }
}

fn wait_after(beyond: u32, policy: &ThrottlePolicy) -> Duration {
    let doubled = 1i32.checked_shl(beyond.min(24)).unwrap_or(i32::MAX);
    policy.first_wait.checked_mul(doubled).unwrap_or(policy.longest_wait).min(policy.longest_wait)
}

/// Whose tries are counted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Budgeted<'a> {
    /// Tries at a name by devices that its account does not know; also where nobody has the name.
    Strangers(&'a str),
    /// Tries at an account by a device that it knows.
    Device(AccountId, [u8; 16]),
    /// Tries at an account's second factor.
    Factor(AccountId),
    /// Tries from one source.
    Source(&'a [u8]),
    /// Requests for one address or name, from anybody.
    Request(&'a str),
    /// Addresses that an account adds, each with a code.
    Contact(AccountId),
}

impl Budgeted<'_> {
    fn budget(self, policy: &ThrottlePolicy) -> Budget {
        let day = Duration::days(1);
        match self {
            Self::Strangers(_) | Self::Device(..) => Budget { window: day, most: policy.a_day, slows: true },
            Self::Factor(_) => Budget { window: day, most: policy.codes_a_day, slows: false },
            Self::Source(_) => Budget { window: Duration::hours(1), most: policy.a_source_an_hour, slows: false },
            Self::Request(_) | Self::Contact(_) => {
                Budget { window: Duration::hours(1), most: policy.free, slows: false }
            }
        }
    }

    fn parts(&self) -> (&'static [u8], Vec<u8>) {
        match self {
            Self::Strangers(name) => (b"strangers", name.as_bytes().to_vec()),
            Self::Device(account, device) => (b"device", [account.to_bytes(), *device].concat()),
            Self::Factor(account) => (b"factor", account.to_bytes().to_vec()),
            Self::Source(source) => (b"source", source.to_vec()),
            Self::Request(name) => (b"request", name.as_bytes().to_vec()),
            Self::Contact(account) => (b"contact", account.to_bytes().to_vec()),
        }
    }
}

/// So many partitions keep tries: enough that sign-ins seldom wait for each other, few enough that strangers cannot make more.
const SHARDS: u8 = 64;

impl Ledger {
    /// Takes a try out of a budget, before anything is judged.
    pub(crate) async fn take_try(
        &self,
        of: Budgeted<'_>,
        policy: &ThrottlePolicy,
    ) -> Result<Result<(), Wait>, Failure> {
        let budget = of.budget(policy);
        self.change_tries(of, |tries, now| tries.unwrap_or(Tries::none(now)).admit(now, policy, budget).map(Some)).await
    }

    /// Gives a try back that was right.
    pub(crate) async fn forgive(&self, of: Budgeted<'_>) -> Result<(), Failure> {
        let given = self.change_tries(of, |tries, _| Ok(tries.map(Tries::forgiven))).await?;
        given.or(Ok(()))
    }

    /// Gives all tries back, as staff do who know who asks.
    pub(crate) async fn forgive_all(&self, of: Budgeted<'_>) -> Result<(), Failure> {
        let given = self.change_tries(of, |tries, now| Ok(tries.map(|_| Tries::none(now)))).await?;
        given.or(Ok(()))
    }

    async fn change_tries(
        &self,
        of: Budgeted<'_>,
        step: impl Fn(Option<Tries>, DateTime<Utc>) -> Result<Option<Tries>, Wait>,
    ) -> Result<Result<(), Wait>, Failure> {
        let (kind, value) = of.parts();
        let index = self.vault.index();
        let row = index.tag(TagDomain::Unique, &[b"tries", kind, &value]).to_bytes();
        let shard = row.first().copied().unwrap_or(0) % SHARDS;
        let partition = Partition::directory(index.tag(TagDomain::Queue, &[b"tries", &[shard]]));
        let row = RowId::from_bytes(row);
        let mut patience = Patience::default();
        loop {
            let known = self.get(partition, Stored::TRIES, &[row]).await?;
            let (tries, version) = match known.first() {
                Some(row) => (Some(decode(&self.open_own(row).await?, "tries")?), row.version),
                None => (None, 0),
            };
            let now = self.now();
            let next = match step(tries, now) {
                Err(wait) => return Ok(Err(wait)),
                Ok(None) => return Ok(Ok(())),
                Ok(Some(next)) => next,
            };
            let put = Draft {
                version: version + 1,
                ..Draft::first(Stored::TRIES, row, next.last.timestamp_micros(), encode(&next)?)
            };
            match self.housekeep(Change::puts(partition, vec![put])).await {
                Ok(()) => return Ok(Ok(())),
                Err(Failure::Storage(error)) if error.kind() == StorageErrorKind::Conflict && patience.is_left() => {}
                Err(failure) => return Err(failure),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const POLICY: ThrottlePolicy = ThrottlePolicy {
        free: 5,
        first_wait: Duration::seconds(30),
        longest_wait: Duration::minutes(15),
        a_day: 100,
        codes_a_day: 20,
        a_source_an_hour: 300,
    };
    const DAY: Budget = Budget { window: Duration::days(1), most: 100, slows: true };

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn five_are_free_then_waits_double_up_to_the_longest() {
        let mut tries = Tries::none(at(0));
        for _ in 0..5 {
            tries = tries.admit(at(0), &POLICY, DAY).unwrap();
        }
        let mut now = 0;
        for expected in [30, 60, 120, 240, 480, 900, 900] {
            let wait = tries.admit(at(now), &POLICY, DAY).unwrap_err();
            assert_eq!(wait.until, at(now + expected));
            assert!(tries.admit(at(now + expected - 1), &POLICY, DAY).is_err());
            now += expected;
            tries = tries.admit(at(now), &POLICY, DAY).unwrap();
        }
        assert!(tries.forgiven().admit(at(now), &POLICY, DAY).is_ok());
    }

    proptest! {
        #[test]
        fn no_pattern_of_tries_and_clock_steps_gives_more_than_a_days(steps in prop::collection::vec((0i64..4_000, any::<bool>()), 1..600)) {
            let (mut tries, mut now, mut taken) = (Tries::none(at(1_000_000)), 1_000_000, Vec::new());
            for (step, back) in steps {
                now = if back && step % 7 == 0 { (now - step).max(1_000_000) } else { now + step };
                if let Ok(next) = tries.admit(at(now), &POLICY, DAY) {
                    tries = next;
                    taken.push(now);
                }
            }
            // Two windows may touch: a day of any kind never has more than both together.
            for start in &taken {
                let day = taken.iter().filter(|at| (*start..*start + 86_400).contains(*at)).count();
                prop_assert!(day <= 200);
            }
        }

        #[test]
        fn nobody_waits_longer_than_the_longest_wait_for_failures(failures in 0u32..100, last in -100_000i64..100_000) {
            let tries = Tries { failures, last: at(1_000_000 + last), window: at(0), in_window: 0 };
            if let Err(wait) = tries.admit(at(1_000_000), &POLICY, DAY) {
                prop_assert!(wait.until <= at(1_000_000) + POLICY.longest_wait);
            }
        }
    }
}
