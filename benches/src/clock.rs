//! CPU time: what work costs, however busy the machine is.

use core::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// The CPU time of this process until now, over all of its threads.
///
/// # Panics
/// Never: a process has not used a negative time.
#[must_use]
pub fn cpu() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap()
}

/// Takes the CPU time of every call of a function that needs nothing to get ready.
///
/// It counts all threads of the process, so nothing else may be under way in it.
pub fn each_cpu<T>(mut call: impl FnMut() -> T) -> impl FnMut(u64) -> Duration {
    move |times| {
        let start = cpu();
        for _ in 0..times {
            std::hint::black_box(call());
        }
        cpu() - start
    }
}
