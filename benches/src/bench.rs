//! Measuring ours beside its floor: criterion for each, and a ratio of both measured turn by turn.

use core::time::Duration;
use std::time::Instant;

use criterion::{Criterion, SamplingMode};

use crate::Percentiles;

/// What a ratio line is given in.
#[derive(Debug, Clone, Copy)]
pub enum Unit {
    /// Nanoseconds an operation; less is better.
    Nanoseconds,
    /// Operations a second, of so many operations a call; more is better.
    PerSecond(u64),
    /// Megabytes (10^6 bytes) a second, of so many bytes a call; more is better.
    MegabytesPerSecond(u64),
}

impl Unit {
    const fn suffix(self) -> &'static str {
        match self {
            Self::Nanoseconds => "ns",
            Self::PerSecond(_) => "per_s",
            Self::MegabytesPerSecond(_) => "mb_per_s",
        }
    }

    #[allow(clippy::cast_precision_loss, reason = "counts of a benchmark are far below 2^52")]
    fn of(self, one: Duration) -> f64 {
        match self {
            Self::Nanoseconds => one.as_secs_f64() * 1e9,
            Self::PerSecond(count) => count as f64 / one.as_secs_f64(),
            Self::MegabytesPerSecond(bytes) => bytes as f64 / one.as_secs_f64() / 1e6,
        }
    }
}

/// Does something so many times and says how long that took, without what it needed to get ready.
pub type Timed<'a> = &'a mut dyn FnMut(u64) -> Duration;

/// Times every call of a function that needs nothing to get ready.
pub fn each<T>(mut call: impl FnMut() -> T) -> impl FnMut(u64) -> Duration {
    move |times| {
        let start = Instant::now();
        for _ in 0..times {
            std::hint::black_box(call());
        }
        start.elapsed()
    }
}

/// One benchmark target: it runs pairs and prints their ratios at its end.
pub struct Bench {
    criterion: Criterion,
    quick: bool,
    lines: Vec<String>,
}

impl core::fmt::Debug for Bench {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Bench").field("quick", &self.quick).finish_non_exhaustive()
    }
}

impl Bench {
    /// A target with the arguments that it was called with.
    ///
    /// Without `--bench`, or with `--test`, everything runs once on little data (criterion's test mode).
    #[must_use]
    pub fn of_args() -> Self {
        let given = |wanted: &str| std::env::args().any(|argument| argument == wanted);
        let quick = given("--test") || !given("--bench");
        let criterion = Criterion::default()
            .configure_from_args()
            .sample_size(10)
            .warm_up_time(Duration::from_millis(300))
            .measurement_time(Duration::from_secs(2));
        Self { criterion, quick, lines: Vec::new() }
    }

    /// Whether this is the test mode, where little data will do.
    #[must_use]
    pub const fn is_quick(&self) -> bool {
        self.quick
    }

    /// Measures ours and its floor.
    ///
    /// Criterion measures one after the other. The ratio line is of other measurements: see [`rounds`](Self::rounds).
    pub fn pair(&mut self, name: &str, unit: Unit, (rounds, times): (usize, u64), ours: Timed<'_>, floor: Timed<'_>) {
        let mut group = self.criterion.benchmark_group(name);
        group.sampling_mode(SamplingMode::Flat);
        group.bench_function("ours", |bencher| bencher.iter_custom(&mut *ours));
        group.bench_function("floor", |bencher| bencher.iter_custom(&mut *floor));
        group.finish();
        self.rounds(name, unit, (rounds, times), ours, floor);
    }

    /// The ratio line alone: for what takes too long for criterion.
    ///
    /// `rounds` rounds of `times` calls of each, turn by turn so that the machine's load meets both alike, and the median of
    /// each. A round should be shorter than the system's time slice, or a busy machine holds up the longer one more often.
    pub fn rounds(&mut self, name: &str, unit: Unit, (rounds, times): (usize, u64), ours: Timed<'_>, floor: Timed<'_>) {
        let (rounds, times) = if self.quick { (1, 1) } else { (rounds, times) };
        let (mut of_ours, mut of_floor) = (Vec::new(), Vec::new());
        for round in 0..rounds {
            // Who begins alternates: the second of a round finds the processor's caches as the first left them.
            if round % 2 == 0 {
                of_ours.push(ours(times));
                of_floor.push(floor(times));
            } else {
                of_floor.push(floor(times));
                of_ours.push(ours(times));
            }
        }
        let one =
            |all: Vec<Duration>| unit.of(median(all).div_f64(f64::from(u32::try_from(times).unwrap_or(u32::MAX))));
        let (ours, floor) = (one(of_ours), one(of_floor));
        let suffix = unit.suffix();
        self.line(&format!("{name}_{suffix}"), ours, floor);
    }

    /// Adds a ratio line of something that was not measured here turn by turn; the name ends with the unit.
    pub fn line(&mut self, name: &str, ours: f64, floor: f64) {
        let ratio = ours / floor;
        // Beside a peer that takes a thousand times as long, two places would say nothing.
        let places = if ratio < 0.05 { 5 } else { 2 };
        self.lines.push(format!("ratio {name} {ours:.1} {floor:.1} {ratio:.places$}"));
    }

    /// Adds the ratio lines of two sides' medians and of their slowest hundredths, named `NAME.p50_ns` and `NAME.p99_ns`.
    pub fn percentiles(&mut self, name: &str, ours: &Percentiles, floor: &Percentiles) {
        for per_cent in [50, 99] {
            let of = |all: &Percentiles| all.nanoseconds(per_cent);
            self.line(&format!("{name}.p{per_cent}_ns"), of(ours), of(floor));
        }
    }

    /// Prints the ratios, and how busy the machine was; nothing in test mode, which measures nothing.
    #[allow(clippy::print_stdout, reason = "the ratios are what the target is run for")]
    pub fn finish(self) {
        self.criterion.final_summary();
        if self.quick {
            return;
        }
        self.lines.iter().for_each(|line| println!("{line}"));
        // Runnable tasks over the last 1, 5 and 15 minutes, where the system tells.
        if let Ok(load) = std::fs::read_to_string("/proc/loadavg") {
            println!("load {}", load.split_whitespace().take(3).collect::<Vec<_>>().join(" "));
        }
    }
}

fn median(mut all: Vec<Duration>) -> Duration {
    all.sort_unstable();
    all.get(all.len() / 2).copied().unwrap_or_default()
}
