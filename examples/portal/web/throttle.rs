//! Slowing down those who guess passwords: delay, never lock-out, since a lock-out keeps a patient from their care.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How many names and addresses are remembered; the one that was quiet the longest is forgotten first.
const REMEMBERED: usize = 2_048;

/// The longest delay.
const LONGEST: Duration = Duration::from_secs(60);

/// After so long without a failure, it is forgotten.
const FORGET: Duration = Duration::from_secs(15 * 60);

/// What failures are counted by, as a keyed hash, and how many are free.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counted {
    /// The keyed hash of an account's name or of an address.
    pub(crate) what: [u8; 32],
    /// How many failures bring no delay.
    pub(crate) free: u32,
}

#[derive(Debug, Clone, Copy)]
struct Record {
    failures: u32,
    last: Instant,
}

/// Counts failures.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    records: HashMap<[u8; 32], Record>,
}

impl Throttle {
    /// How long to wait before the next try; `None` where it may be now.
    fn wait(&self, counted: &[Counted], now: Instant) -> Option<Duration> {
        counted.iter().filter_map(|one| self.wait_for(*one, now)).max()
    }

    fn wait_for(&self, counted: Counted, now: Instant) -> Option<Duration> {
        let record = self.records.get(&counted.what)?;
        let over = record.failures.checked_sub(counted.free)?;
        let delay = Duration::from_secs(1u64 << over.min(6)).min(LONGEST);
        let since = now.saturating_duration_since(record.last);
        delay.checked_sub(since).filter(|rest| !rest.is_zero())
    }

    /// Lets a try begin, or says how long it has to wait.
    ///
    /// It counts as failed from the start, until it succeeds: tries that are under way at the same time count against each
    /// other, and one that is given up half-way is not free.
    ///
    /// # Errors
    /// How long to wait.
    pub(crate) fn begin(&mut self, counted: &[Counted], now: Instant) -> Result<(), Duration> {
        match self.wait(counted, now) {
            Some(wait) => Err(wait),
            None => {
                self.failed(counted, now);
                Ok(())
            }
        }
    }

    fn failed(&mut self, counted: &[Counted], now: Instant) {
        for one in counted {
            if self.records.len() >= REMEMBERED && !self.records.contains_key(&one.what) {
                self.forget_one();
            }
            let record = self.records.entry(one.what).or_insert(Record { failures: 0, last: now });
            let is_old = now.saturating_duration_since(record.last) > FORGET;
            *record = Record { failures: if is_old { 1 } else { record.failures.saturating_add(1) }, last: now };
        }
    }

    /// Forgets the failures of an account that was signed in to, and takes back what the try counted against its address.
    pub(crate) fn succeeded(&mut self, account: Counted, source: Counted) {
        self.records.remove(&account.what);
        if let Some(record) = self.records.get_mut(&source.what) {
            record.failures = record.failures.saturating_sub(1);
        }
    }

    fn forget_one(&mut self) {
        let quietest = self.records.iter().min_by_key(|(_, record)| record.last).map(|(what, _)| *what);
        if let Some(what) = quietest {
            self.records.remove(&what);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: Counted = Counted { what: [1; 32], free: 3 };
    const SOURCE: Counted = Counted { what: [2; 32], free: 30 };

    #[test]
    fn delays_grow_and_end() {
        let (mut throttle, start) = (Throttle::default(), Instant::now());
        for _ in 0..2 {
            throttle.failed(&[ACCOUNT], start);
        }
        assert_eq!(throttle.wait(&[ACCOUNT], start), None);
        throttle.failed(&[ACCOUNT], start);
        assert_eq!(throttle.wait(&[ACCOUNT], start), Some(Duration::from_secs(1)));
        throttle.failed(&[ACCOUNT], start);
        assert_eq!(throttle.wait(&[ACCOUNT], start), Some(Duration::from_secs(2)));
        assert_eq!(throttle.wait(&[ACCOUNT], start + Duration::from_secs(2)), None);
        for _ in 0..100 {
            throttle.failed(&[ACCOUNT], start);
        }
        assert_eq!(throttle.wait(&[ACCOUNT], start), Some(LONGEST));
    }

    #[test]
    fn success_and_time_forget() {
        let (mut throttle, start) = (Throttle::default(), Instant::now());
        for _ in 0..9 {
            throttle.failed(&[ACCOUNT], start);
        }
        let later = start + FORGET + Duration::from_secs(1);
        throttle.failed(&[ACCOUNT], later);
        assert_eq!(throttle.wait(&[ACCOUNT], later), None);
        throttle.failed(&[SOURCE], later);
        throttle.succeeded(ACCOUNT, SOURCE);
        assert_eq!(throttle.records.get(&ACCOUNT.what).map(|record| record.failures), None);
        assert_eq!(throttle.records.get(&SOURCE.what).map(|record| record.failures), Some(0));
    }

    #[test]
    fn tries_under_way_count_against_each_other() {
        let (mut throttle, now) = (Throttle::default(), Instant::now());
        let begun = (0..200).filter(|_| throttle.begin(&[ACCOUNT], now).is_ok()).count();
        assert_eq!(begun, 3, "all at once, before any of them was answered");
    }

    #[test]
    fn it_never_remembers_more_than_it_may() {
        let (mut throttle, start) = (Throttle::default(), Instant::now());
        for number in 0..5_000u32 {
            let mut what = [0; 32];
            what[..4].copy_from_slice(&number.to_be_bytes());
            throttle.failed(&[Counted { what, free: 3 }], start + Duration::from_millis(number.into()));
        }
        assert_eq!(throttle.records.len(), REMEMBERED);
    }
}
