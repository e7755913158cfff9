//! The number line: one value beside the range that came with it.

use maud::{Markup, html};
use mychartum_core::chart::ReferenceRange;
use mychartum_core::kernel::{Comparator, Quantity};

use super::scale::Scale;
use crate::show::flag::{Flag, same_unit};
use crate::show::value;
use crate::words::{fill, say};

/// The line, or nothing where the value came with no single range of numbers in its own unit.
pub(crate) fn draw(amount: &Quantity, ranges: &[ReferenceRange], flag: Flag) -> Option<Markup> {
    let mut numbered = ranges.iter().filter(|range| range.low.is_some() || range.high.is_some());
    let range = numbered.next()?;
    if numbered.next().is_some() {
        return None;
    }
    let end = |end: &Option<Quantity>| match end {
        Some(end) if same_unit(amount, end) => Ok(Some(end.value.for_drawing())),
        Some(_) => Err(()),
        None => Ok(None),
    };
    let (low, high) = (end(&range.low).ok()?, end(&range.high).ok()?);
    let number = amount.value.for_drawing();
    let scale = scale(number, low, high);
    let (left, right) = (low.map_or(scale.from, |low| scale.at(low)), high.map_or(scale.to, |high| scale.at(high)));
    let at = scale.at(number);
    let shown = amount.for_people();
    let band = value::range(range)?;
    let sentence = fill("line.sentence", &[("value", &shown), ("range", &band), ("flag", flag.words())]);
    let percent = |place: f64| format!("{place:.2}%");
    Some(html! {
        figure.line {
            svg.picture width="100%" height="92" role="img" aria-label=(sentence) {
                line.axis x1=(percent(scale.from)) x2=(percent(scale.to)) y1="52" y2="52" {}
                rect.band x=(percent(left)) y="40" width=(percent((right - left).max(0.4))) height="24" rx="3" {}
                @for (place, end) in [(low.map(|_| left), &range.low), (high.map(|_| right), &range.high)] {
                    @if let (Some(place), Some(end)) = (place, end) {
                        line.edge x1=(percent(place)) x2=(percent(place)) y1="36" y2="68" {}
                        text.tick x=(percent(place)) y="84" text-anchor="middle" { (end.value.for_people()) }
                    }
                }
                text.range x=(percent((left + right) / 2.0)) y="56" text-anchor="middle" aria-hidden="true" {
                    @if right - left > 24.0 { (say("line.range")) }
                }
                svg x=(percent(at)) y="52" overflow="visible" { (pointer(amount.comparator, flag)) }
                text.value x=(percent(at)) y="16" text-anchor=(anchor(at)) { (shown) }
            }
        }
    })
}

/// A view that shows the range with some room, and always the value.
fn scale(number: f64, low: Option<f64>, high: Option<f64>) -> Scale {
    let (from, to) = match (low, high) {
        (Some(low), Some(high)) => {
            let room = ((high - low) * 0.5).max(f64::EPSILON);
            (low - room, high + room)
        }
        (None, Some(high)) => (0f64.min(number), high * 1.5),
        (Some(low), None) => (0f64.min(number), low * 1.8),
        (None, None) => (number - 1.0, number + 1.0),
    };
    let (from, to) = (from.min(number), to.max(number));
    let room = (to - from) * 0.06;
    let from = if from >= 0.0 { (from - room).max(0.0) } else { from - room };
    Scale { low: from, high: to + room, from: 2.0, to: 98.0 }
}

fn anchor(percent: f64) -> &'static str {
    if percent < 12.0 {
        "start"
    } else if percent > 88.0 {
        "end"
    } else {
        "middle"
    }
}

/// A drop in the range, a diamond outside it, an open triangle for a bound: the shape says it without colour.
fn pointer(bound: Option<Comparator>, flag: Flag) -> Markup {
    let class = if flag.is_outside() { "pointer out" } else { "pointer" };
    html! {
        @match bound {
            Some(Comparator::Below | Comparator::AtMost) => path class={ (class) " open" } d="M2 -26 L2 4 L-14 -11 Z" {},
            Some(_) => path class={ (class) " open" } d="M-2 -26 L-2 4 L14 -11 Z" {},
            None if flag.is_outside() => path class=(class) d="M0 -30 L9 -16 L0 6 L-9 -16 Z" {},
            None => path class=(class) d="M0 6 L-7 -8 A10 10 0 1 1 7 -8 Z" {},
        }
    }
}

#[cfg(test)]
mod tests {
    use mychartum_core::kernel::Unit;

    use super::*;

    fn amount(number: &str, code: &str) -> Quantity {
        Quantity { value: number.parse().unwrap(), comparator: None, unit: Unit::of(code) }
    }

    fn range(low: &str, high: &str, code: &str) -> ReferenceRange {
        ReferenceRange { low: Some(amount(low, code)), high: Some(amount(high, code)), ..ReferenceRange::default() }
    }

    #[test]
    fn the_value_is_always_in_the_picture() {
        for number in ["0.2", "5", "900"] {
            let value = amount(number, "mg/dL");
            let line = scale(value.value.for_drawing(), Some(3.5), Some(5.1));
            let at = line.at(value.value.for_drawing());
            assert!(at > line.from && at < line.to, "{number}");
        }
    }

    #[test]
    fn there_is_no_line_without_one_range_in_the_same_unit() {
        let value = amount("5", "mg/dL");
        assert!(draw(&value, &[], Flag::Reported).is_none());
        assert!(draw(&value, &[range("1", "9", "mmol/L")], Flag::Reported).is_none());
        assert!(draw(&value, &[range("1", "9", "mg/dL"), range("2", "8", "mg/dL")], Flag::Reported).is_none());
        let drawn = draw(&value, &[range("1", "9", "mg/dL")], Flag::InRange).unwrap().into_string();
        assert!(drawn.contains("5 mg/dL") && drawn.contains("1 to 9 mg/dL"), "{drawn}");
    }
}
