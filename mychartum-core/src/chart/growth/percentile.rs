//! Percentiles: how many of a hundred children are below.

use core::cmp::Ordering;

use crate::kernel::{Decimal, hidden};

use super::lms::part_below;

/// How many of a hundred children of the same age and sex measure less.
#[derive(Clone, PartialEq, Eq)]
pub enum Percentile {
    /// Below the 0.1st: the tables say no more than that.
    Below,
    /// The percentile: whole from 1 to 99, to a tenth outside of that.
    At(Decimal),
    /// Above the 99.9th: the tables say no more than that.
    Above,
}

hidden!(Percentile);

impl Percentile {
    /// The percentile of a z-score. `None` for what is no number.
    pub(super) fn of(z_score: f64) -> Option<Self> {
        let percent = part_below(z_score) * 100.0;
        if !percent.is_finite() {
            None
        } else if percent < 0.1 {
            Some(Self::Below)
        } else if percent > 99.9 {
            Some(Self::Above)
        } else {
            let is_middle = (1.0..=99.0).contains(&percent);
            let text = if is_middle { format!("{percent:.0}") } else { format!("{percent:.1}") };
            text.parse().ok().map(Self::At)
        }
    }

    /// Which of two is higher.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::At(a), Self::At(b)) => a.compare(b),
            (Self::Below, Self::Below) | (Self::Above, Self::Above) => Ordering::Equal,
            (Self::Below, _) | (_, Self::Above) => Ordering::Less,
            (Self::Above, _) | (_, Self::Below) => Ordering::Greater,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(z: f64) -> String {
        match Percentile::of(z).unwrap() {
            Percentile::Below => "below".to_owned(),
            Percentile::At(percentile) => percentile.as_str().to_owned(),
            Percentile::Above => "above".to_owned(),
        }
    }

    #[test]
    fn the_ends_are_said_and_not_numbered() {
        for (z, expected) in [
            (0.0, "50"),
            (1.0, "84"),
            (-1.880_793_608, "3"),
            (2.5, "99.4"),
            (-2.5, "0.6"),
            (3.1, "above"),
            (-3.1, "below"),
            (f64::INFINITY, "above"),
        ] {
            assert_eq!(shown(z), expected);
        }
        assert!(Percentile::of(f64::NAN).is_none());
    }

    proptest! {
        #[test]
        fn higher_is_never_lower(a in -5.0f64..5.0, b in -5.0f64..5.0) {
            let (low, high) = (a.min(b), a.max(b));
            prop_assert!(Percentile::of(low).unwrap().compare(&Percentile::of(high).unwrap()).is_le());
        }
    }
}
