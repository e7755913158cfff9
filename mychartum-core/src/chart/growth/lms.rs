//! The LMS method: a measurement among those of a population, by three numbers (Cole and Green, Stat Med 1992;11:1305-19).

/// The three numbers at one age: L, the power that takes the skew away; M, the median; S, the coefficient of variation.
///
/// Floating point is used here and nowhere else: what goes in are decimals, and what comes out is rounded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Lms {
    pub(super) l: f64,
    pub(super) m: f64,
    pub(super) s: f64,
}

impl Lms {
    /// How many standard deviations a measurement is above the median: `((x / M)^L - 1) / (L S)`, or `ln(x / M) / S` where L is 0.
    pub(super) fn z_score(self, measured: f64) -> f64 {
        let ratio = measured / self.m;
        // Near L = 0 the two forms are the same to more digits than the tables have, and the first one divides by almost nothing.
        if self.l.abs() < 1e-7 { ratio.ln() / self.s } else { (ratio.powf(self.l) - 1.0) / (self.l * self.s) }
    }

    /// The measurement that is so many standard deviations above the median: `M (1 + L S z)^(1 / L)`, or `M e^(S z)` where L is 0.
    pub(super) fn measurement(self, z_score: f64) -> f64 {
        if self.l.abs() < 1e-7 {
            self.m * (self.s * z_score).exp()
        } else {
            self.m * (1.0 + self.l * self.s * z_score).powf(1.0 / self.l)
        }
    }

    /// The numbers part of the way from these to others.
    pub(super) fn towards(self, other: Self, part: f64) -> Self {
        let between = |from: f64, to: f64| from + (to - from) * part;
        Self { l: between(self.l, other.l), m: between(self.m, other.m), s: between(self.s, other.s) }
    }
}

/// What part of a standard normal population lies below a z-score, by the series of Marsaglia (J Stat Softw 2004;11(4)).
pub(super) fn part_below(z_score: f64) -> f64 {
    if z_score.abs() > 7.0 {
        return if z_score > 0.0 { 1.0 } else { 0.0 };
    }
    let (mut term, mut sum, mut odd) = (z_score, z_score, 1.0);
    while term.abs() > 1e-16 {
        odd += 2.0;
        term *= z_score * z_score / odd;
        sum += term;
    }
    let density = (-z_score * z_score / 2.0).exp() / (2.0 * core::f64::consts::PI).sqrt();
    0.5 + sum * density
}

/// The z-score below which a part of a standard normal population lies, found by halving.
pub(super) fn z_score_of(part: f64) -> f64 {
    let (mut low, mut high) = (-7.0, 7.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if part_below(middle) < part {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_normal_distribution_is_the_published_one() {
        for (z, part) in
            [(0.0, 0.5), (1.0, 0.841_344_746), (-1.0, 0.158_655_254), (1.959_963_985, 0.975), (3.0, 0.998_650_102)]
        {
            assert!((part_below(z) - part).abs() < 1e-9);
            assert!((z_score_of(part) - z).abs() < 1e-7);
        }
        // CDC, data files of the growth charts: the z-scores of the 3rd and the 5th percentile.
        assert!((z_score_of(0.03) + 1.880_793_608).abs() < 1e-8);
        assert!((z_score_of(0.05) + 1.644_853_627).abs() < 1e-8);
    }

    proptest! {
        #[test]
        fn there_and_back(l in -3.5f64..2.0, m in 2.0f64..180.0, s in 0.02f64..0.25, z in -1.0f64..1.0) {
            let lms = Lms { l, m, s };
            prop_assert!((lms.z_score(lms.measurement(z)) - z).abs() < 1e-6);
            prop_assert!(lms.z_score(m).abs() < 1e-9);
            prop_assert!(lms.z_score(m * 1.01) > 0.0 && lms.z_score(m * 0.99) < 0.0);
        }

        #[test]
        fn more_is_never_less(a in -8.0f64..8.0, b in -8.0f64..8.0) {
            prop_assert!(a > b || part_below(a) <= part_below(b) + 1e-15);
        }
    }
}
