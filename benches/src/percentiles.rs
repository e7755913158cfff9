//! How long calls take: the middle one, and the slowest of a hundred.

use core::time::Duration;

/// Durations of single calls.
#[derive(Debug, Clone, Default)]
pub struct Percentiles(Vec<Duration>);

impl Percentiles {
    /// Takes one in.
    pub fn push(&mut self, one: Duration) {
        self.0.push(one);
    }

    /// The shortest that is not beaten by so many per cent of all, in nanoseconds; 50 is the median.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "a benchmark's nanoseconds are far below 2^52")]
    pub fn nanoseconds(&self, per_cent: usize) -> f64 {
        let mut all = self.0.clone();
        all.sort_unstable();
        let place = all.len() * per_cent / 100;
        all.get(place.min(all.len().saturating_sub(1))).copied().unwrap_or_default().as_nanos() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_and_the_slowest_hundredth_are_found() {
        let mut all = Percentiles::default();
        (0..200).rev().for_each(|n| all.push(Duration::from_nanos(n)));
        let [middle, slow, slowest] = [50, 99, 100].map(|per_cent| all.nanoseconds(per_cent));
        assert!((middle - 100.0).abs() < 0.1 && (slow - 198.0).abs() < 0.1 && (slowest - 199.0).abs() < 0.1);
        assert!(Percentiles::default().nanoseconds(50).abs() < 0.1);
    }
}
