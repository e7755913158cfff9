//! How many slow hashes are computed at once.

use std::sync::{Condvar, Mutex, PoisonError};

/// Lets a bounded number of slow hashes be computed at once; the others wait their turn.
///
/// A hash takes 19 MiB, so that a rush of sign-ins without a bound would take all memory. One gate a portal, shared as
/// `Arc<HashGate>`. Waiting blocks the thread, as hashing does; nothing is held across a wait, so it always ends.
#[derive(Debug)]
pub struct HashGate {
    free: Mutex<usize>,
    freed: Condvar,
}

/// A place inside, given back when dropped.
struct Place<'a>(&'a HashGate);

impl HashGate {
    /// A gate that lets so many in at once, at least one.
    #[must_use]
    pub fn new(at_once: u16) -> Self {
        Self { free: Mutex::new(usize::from(at_once.max(1))), freed: Condvar::new() }
    }

    /// Computes when there is a place, and waits until then.
    pub(super) fn run<T>(&self, compute: impl FnOnce() -> T) -> T {
        let _place = self.enter();
        compute()
    }

    fn enter(&self) -> Place<'_> {
        // A number is never half written, so a poisoned lock is as good as another.
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = self.freed.wait_while(free, |free| *free == 0).unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        Place(self)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "core starts no threads, and its tests show that hosts may")]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Barrier};
    use std::thread;

    use super::*;

    #[test]
    fn never_more_than_allowed_are_inside_and_all_come_through() {
        let gate = Arc::new(HashGate::new(3));
        let (inside, most, done) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..12 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        gate.run(|| {
                            most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                            thread::yield_now();
                            inside.fetch_sub(1, Ordering::SeqCst);
                            done.fetch_add(1, Ordering::SeqCst);
                        });
                    }
                });
            }
        });
        assert!(most.into_inner() <= 3);
        assert_eq!(done.into_inner(), 600);
        assert_eq!(*gate.free.lock().unwrap(), 3);
    }

    #[test]
    fn as_many_as_allowed_are_inside_together() {
        // Each waits inside for the other: with one place this would never end.
        let (gate, both) = (HashGate::new(2), Barrier::new(2));
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| gate.run(|| both.wait()));
            }
        });
        assert_eq!(*gate.free.lock().unwrap(), 2);
    }

    #[test]
    fn a_panic_inside_gives_the_place_back() {
        let gate = Arc::new(HashGate::new(0));
        let inner = Arc::clone(&gate);
        assert!(thread::spawn(move || inner.run(|| panic!("inside"))).join().is_err());
        assert_eq!(gate.run(|| 7), 7);
    }
}
