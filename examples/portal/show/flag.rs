//! What to say about a value: the laboratory's own flag, else its own range, else only that it was reported.
//!
//! INVARIANT (nobody else's range): a value is never compared with a range that did not come with it.

use std::cmp::Ordering;

use maud::{Markup, html};
use mychartum_core::chart::{Interpretation, ReferenceRange, Value};
use mychartum_core::kernel::{Comparator, Decimal, Quantity};

use crate::words::{look_up, say};

/// Where a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flag {
    /// Inside the range, or normal.
    InRange,
    /// Above the range.
    Above,
    /// Below the range.
    Below,
    /// Far above.
    FarAbove,
    /// Far below.
    FarBelow,
    /// Not normal, in no direction.
    Abnormal,
    /// Far from normal.
    VeryAbnormal,
    /// A finding in the laboratory's words: positive, not detected, resistant ...
    Said(Interpretation),
    /// Nobody said anything.
    Reported,
}

/// Who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Says {
    /// The laboratory marked it.
    Laboratory,
    /// It was compared with the range that came with it.
    Range,
    /// Nobody.
    Nobody,
}

/// Judges a value by what came with it.
pub(crate) fn of(value: &Value, marks: &[Interpretation], ranges: &[ReferenceRange]) -> (Flag, Says) {
    if let Some(flag) = marks.iter().find_map(|mark| by_mark(*mark)) {
        return (flag, Says::Laboratory);
    }
    match value.quantity().and_then(|amount| by_ranges(amount, ranges)) {
        Some(flag) => (flag, Says::Range),
        None => (Flag::Reported, Says::Nobody),
    }
}

fn by_mark(mark: Interpretation) -> Option<Flag> {
    Some(match mark {
        Interpretation::Normal => Flag::InRange,
        Interpretation::High => Flag::Above,
        Interpretation::Low => Flag::Below,
        Interpretation::CriticalHigh => Flag::FarAbove,
        Interpretation::CriticalLow => Flag::FarBelow,
        Interpretation::Abnormal => Flag::Abnormal,
        Interpretation::CriticalAbnormal => Flag::VeryAbnormal,
        Interpretation::Other => return None,
        said => Flag::Said(said),
    })
}

/// What all ranges with numbers agree on; nothing where they differ, or where a bound leaves it open.
fn by_ranges(amount: &Quantity, ranges: &[ReferenceRange]) -> Option<Flag> {
    let mut answers = ranges.iter().filter(|range| range.low.is_some() || range.high.is_some());
    let first = by_range(amount, answers.next()?)?;
    answers.all(|range| by_range(amount, range) == Some(first)).then_some(first)
}

fn by_range(amount: &Quantity, range: &ReferenceRange) -> Option<Flag> {
    let low = end(amount, range.low.as_ref()).ok()?;
    let high = end(amount, range.high.as_ref()).ok()?;
    let against = |end: &Decimal| amount.value.compare(end);
    let below = |end: Option<&Decimal>, also_equal: bool| {
        end.is_some_and(|end| against(end) == Ordering::Less || (also_equal && against(end) == Ordering::Equal))
    };
    let above = |end: Option<&Decimal>, also_equal: bool| {
        end.is_some_and(|end| against(end) == Ordering::Greater || (also_equal && against(end) == Ordering::Equal))
    };
    match amount.comparator {
        None if below(low, false) => Some(Flag::Below),
        None if above(high, false) => Some(Flag::Above),
        None => Some(Flag::InRange),
        // A bound decides only where every number it stands for falls on the same side.
        Some(Comparator::Below) if below(low, true) => Some(Flag::Below),
        Some(Comparator::AtMost) if below(low, false) => Some(Flag::Below),
        Some(Comparator::Below | Comparator::AtMost) if low.is_none() && !above(high, false) => Some(Flag::InRange),
        Some(Comparator::Above) if above(high, true) => Some(Flag::Above),
        Some(Comparator::AtLeast) if above(high, false) => Some(Flag::Above),
        Some(Comparator::Above | Comparator::AtLeast) if high.is_none() && !below(low, false) => Some(Flag::InRange),
        Some(_) => None,
    }
}

/// An end of a range in the value's own unit; an end without a unit is in the value's. An error where the units differ.
fn end<'a>(amount: &Quantity, end: Option<&'a Quantity>) -> Result<Option<&'a Decimal>, ()> {
    match end {
        None => Ok(None),
        Some(end) if same_unit(amount, end) => Ok(Some(&end.value)),
        Some(_) => Err(()),
    }
}

/// Whether the end of a range is in the value's unit.
pub(crate) fn same_unit(amount: &Quantity, end: &Quantity) -> bool {
    end.unit.key().is_empty() || end.unit.key() == amount.unit.key()
}

impl Flag {
    /// Whether it is outside the range, or not normal.
    pub(crate) fn is_outside(self) -> bool {
        !matches!(self, Self::InRange | Self::Reported | Self::Said(_))
    }

    /// Its name in words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::InRange => say("flag.in-range"),
            Self::Above => say("flag.above"),
            Self::Below => say("flag.below"),
            Self::FarAbove => say("flag.far-above"),
            Self::FarBelow => say("flag.far-below"),
            Self::Abnormal => say("flag.abnormal"),
            Self::VeryAbnormal => say("flag.very-abnormal"),
            Self::Said(mark) => look_up(&format!("mark.{}", mark.code())).unwrap_or(say("flag.reported")),
            Self::Reported => say("flag.reported"),
        }
    }

    const fn class(self) -> &'static str {
        match self {
            Self::InRange => "tag in",
            Self::Above | Self::Below | Self::Abnormal => "tag out",
            Self::FarAbove | Self::FarBelow | Self::VeryAbnormal => "tag far",
            Self::Said(_) | Self::Reported => "tag",
        }
    }

    const fn sign(self) -> &'static str {
        match self {
            Self::InRange => "\u{2713}",
            Self::Above => "\u{25B2}",
            Self::Below => "\u{25BC}",
            Self::FarAbove => "\u{25B2}\u{25B2}",
            Self::FarBelow => "\u{25BC}\u{25BC}",
            Self::Abnormal | Self::VeryAbnormal => "\u{25C6}",
            Self::Said(_) | Self::Reported => "",
        }
    }

    /// The flag as a tag: a sign and words, so that colour is never alone.
    pub(crate) fn tag(self) -> Markup {
        html! {
            span class=(self.class()) {
                @if !self.sign().is_empty() { span aria-hidden="true" { (self.sign()) } " " }
                (self.words())
            }
        }
    }
}

impl Says {
    /// Who says so, in a sentence.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Laboratory => say("flag.by-lab"),
            Self::Range => say("flag.by-range"),
            Self::Nobody => say("flag.by-nobody"),
        }
    }
}

#[cfg(test)]
mod tests {
    use mychartum_core::kernel::Unit;

    use super::*;

    fn amount(text: &str, unit: &str) -> Quantity {
        let sign: String = text.chars().take_while(|letter| "<>=".contains(*letter)).collect();
        let unit = if unit.is_empty() { Unit::default() } else { Unit::of(unit) };
        Quantity {
            value: text.trim_start_matches(['<', '>', '=']).parse().unwrap(),
            comparator: Comparator::of(&sign),
            unit,
        }
    }

    fn range(low: &str, high: &str, unit: &str) -> ReferenceRange {
        let end = |text: &str| (!text.is_empty()).then(|| amount(text, unit));
        ReferenceRange { low: end(low), high: end(high), ..ReferenceRange::default() }
    }

    fn judged(value: &str, ranges: &[ReferenceRange]) -> Flag {
        of(&Value::Quantity(amount(value, "mg/dL")), &[], ranges).0
    }

    #[test]
    fn the_laboratory_comes_first() {
        let value = Value::Quantity(amount("5", "mg/dL"));
        let inside = [range("1", "9", "mg/dL")];
        assert_eq!(
            of(&value, &[Interpretation::Other, Interpretation::High], &inside),
            (Flag::Above, Says::Laboratory)
        );
        assert_eq!(of(&value, &[Interpretation::Other], &inside), (Flag::InRange, Says::Range));
        assert_eq!(of(&value, &[], &[]), (Flag::Reported, Says::Nobody));
    }

    #[test]
    fn the_ends_belong_to_the_range() {
        let ranges = [range("3.50", "5.1", "mg/dL")];
        assert_eq!(judged("3.5", &ranges), Flag::InRange);
        assert_eq!(judged("5.10", &ranges), Flag::InRange);
        assert_eq!(judged("5.11", &ranges), Flag::Above);
        assert_eq!(judged("3.49", &ranges), Flag::Below);
    }

    #[test]
    fn another_unit_is_never_compared() {
        assert_eq!(judged("5", &[range("1", "9", "mmol/L")]), Flag::Reported);
        assert_eq!(judged("5", &[range("1", "9", "")]), Flag::InRange);
    }

    #[test]
    fn ranges_that_disagree_say_nothing() {
        assert_eq!(judged("5", &[range("1", "9", "mg/dL"), range("6", "9", "mg/dL")]), Flag::Reported);
        assert_eq!(judged("5", &[range("1", "9", "mg/dL"), range("", "", "mg/dL")]), Flag::InRange);
    }

    #[test]
    fn a_bound_decides_only_where_it_leaves_nothing_open() {
        assert_eq!(judged("<0.01", &[range("0.5", "5", "mg/dL")]), Flag::Below);
        assert_eq!(judged("<0.01", &[range("", "5", "mg/dL")]), Flag::InRange);
        assert_eq!(judged("<0.5", &[range("0.5", "5", "mg/dL")]), Flag::Below);
        assert_eq!(judged("<=0.5", &[range("0.5", "5", "mg/dL")]), Flag::Reported);
        assert_eq!(judged("<3", &[range("0.5", "5", "mg/dL")]), Flag::Reported);
        assert_eq!(judged(">60", &[range("60", "", "mg/dL")]), Flag::InRange);
        assert_eq!(judged(">5", &[range("0.5", "5", "mg/dL")]), Flag::Above);
        assert_eq!(judged(">=5", &[range("0.5", "5", "mg/dL")]), Flag::Reported);
        assert_eq!(judged("<6", &[range("", "5", "mg/dL")]), Flag::Reported);
    }
}
