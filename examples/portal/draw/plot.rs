//! A chart through time: points at their real dates, each with its own range behind it.
//!
//! Places are percentages across and pixels down, so that the writing keeps its size on a phone and on a desk.

use chrono::{DateTime, Utc};
use maud::{Markup, html};
use mychartum_core::kernel::{Comparator, PartialDate};

use super::scale::{self, Scale};
use crate::show::{date, flag::Flag};

/// One point.
#[derive(Debug, Clone)]
pub(crate) struct Dot {
    /// When; a date that is no day is drawn as wide as what it may mean.
    pub(crate) at: PartialDate,
    /// Its number, for its place only.
    pub(crate) number: f64,
    /// Set where the number is only a bound.
    pub(crate) bound: Option<Comparator>,
    /// What to say about it.
    pub(crate) flag: Flag,
    /// Whether it may still change.
    pub(crate) is_early: bool,
    /// Its own range.
    pub(crate) band: Option<(Option<f64>, Option<f64>)>,
}

/// Points that belong together.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// Its points, oldest first.
    pub(crate) dots: Vec<Dot>,
    /// Whether its points are squares, to be told apart from the first line's discs.
    pub(crate) is_second: bool,
}

const TOP: f64 = 14.0;
const BOTTOM: f64 = 206.0;
const LEFT: f64 = 11.0;
const RIGHT: f64 = 97.0;

/// The picture; `id` tells it apart from others on the page.
pub(crate) fn draw(lines: &[Line], id: &str, title: &str, sentence: &str) -> Markup {
    let (across, down, ticks) = scales(lines);
    let (title_id, desc_id) = (format!("{id}-title"), format!("{id}-desc"));
    html! {
        svg.picture.plot width="100%" height="236" role="img" aria-labelledby={ (title_id) " " (desc_id) } {
            title id=(title_id) { (title) }
            desc id=(desc_id) { (sentence) }
            @for line in lines { (bands(line, &across, &down)) }
            @for tick in &ticks {
                line.grid x1="0" x2="100%" y1=(px(down.at(*tick))) y2=(px(down.at(*tick))) {}
                text.tick x="0" y=(px(down.at(*tick) - 4.0)) { (scale::tick_text(*tick, &ticks)) }
            }
            (dates(lines, &across))
            @for line in lines { (joins(line, &across, &down)) }
            @for line in lines { @for dot in &line.dots { (mark(dot, line.is_second, &across, &down)) } }
        }
    }
}

/// A marker alone, for the legend.
pub(crate) fn key(class: &str, shape: &str) -> Markup {
    html! { svg.key width="22" height="18" aria-hidden="true" { svg x="11" y="9" overflow="visible" { path class=(class) d=(shape) {} } } }
}

pub(crate) const DISC: &str = "M-4.5 0 A4.5 4.5 0 1 1 4.5 0 A4.5 4.5 0 1 1 -4.5 0 Z";
pub(crate) const SQUARE: &str = "M-4 -4 H4 V4 H-4 Z";
pub(crate) const DIAMOND: &str = "M0 -7 L7 0 L0 7 L-7 0 Z";
pub(crate) const DOWN: &str = "M-6 -4 H6 L0 6 Z";
pub(crate) const UP: &str = "M-6 4 H6 L0 -6 Z";

fn px(place: f64) -> String {
    format!("{place:.1}")
}

fn percent(place: f64) -> String {
    format!("{place:.2}%")
}

/// The middle of what a date may mean, in seconds.
fn middle(at: &PartialDate) -> f64 {
    (at.lower().timestamp() as f64 + at.upper().timestamp() as f64) / 2.0
}

fn scales(lines: &[Line]) -> (Scale, Scale, Vec<f64>) {
    let dots = || lines.iter().flat_map(|line| &line.dots);
    let least = |numbers: &mut dyn Iterator<Item = f64>| {
        numbers.filter(|number| number.is_finite()).fold(f64::INFINITY, f64::min)
    };
    let most = |numbers: &mut dyn Iterator<Item = f64>| {
        numbers.filter(|number| number.is_finite()).fold(f64::NEG_INFINITY, f64::max)
    };
    let heights = || {
        dots().flat_map(|dot| {
            let (low, high) = dot.band.unwrap_or_default();
            [Some(dot.number), low, high].into_iter().flatten()
        })
    };
    let ticks = scale::ticks(least(&mut heights()), most(&mut heights()), 4);
    let down = Scale {
        low: ticks.first().copied().unwrap_or(0.0),
        high: ticks.last().copied().unwrap_or(1.0),
        from: BOTTOM,
        to: TOP,
    };
    let across = Scale {
        low: least(&mut dots().map(|dot| middle(&dot.at))),
        high: most(&mut dots().map(|dot| middle(&dot.at))),
        from: LEFT,
        to: RIGHT,
    };
    (across, down, ticks)
}

/// The ranges behind the points: each reaches half way to its neighbours.
fn bands(line: &Line, across: &Scale, down: &Scale) -> Markup {
    let places: Vec<f64> = line.dots.iter().map(|dot| across.at(middle(&dot.at))).collect();
    let mut pieces: Vec<(f64, f64, f64, f64)> = Vec::new();
    for (index, dot) in line.dots.iter().enumerate() {
        let Some((low, high)) = dot.band.filter(|(low, high)| low.is_some() || high.is_some()) else { continue };
        let here = places.get(index).copied().unwrap_or(LEFT);
        let left = index
            .checked_sub(1)
            .and_then(|before| places.get(before))
            .map_or(LEFT - 2.0, |before| (before + here) / 2.0);
        let right = places.get(index + 1).map_or(RIGHT + 2.0, |after| (after + here) / 2.0);
        let top = high.map_or(TOP, |high| down.at(high));
        let bottom = low.map_or(BOTTOM, |low| down.at(low));
        match pieces.last_mut() {
            Some(piece) if piece.1 == left && piece.2 == top && piece.3 == bottom => piece.1 = right,
            _ => pieces.push((left, right, top, bottom)),
        }
    }
    html! {
        @for (left, right, top, bottom) in pieces {
            rect.band x=(percent(left)) width=(percent(right - left)) y=(px(top)) height=(px((bottom - top).max(1.0))) {}
        }
    }
}

fn dates(lines: &[Line], across: &Scale) -> Markup {
    let instant = |seconds: f64| DateTime::<Utc>::from_timestamp(seconds as i64, 0).unwrap_or_default();
    let ticks = scale::date_ticks(instant(across.low), instant(across.high));
    let place = |day: chrono::NaiveDate| across.at(day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp() as f64);
    let dots = || lines.iter().flat_map(|line| &line.dots);
    let first = dots().min_by(|a, b| middle(&a.at).total_cmp(&middle(&b.at)));
    let last = dots().max_by(|a, b| middle(&a.at).total_cmp(&middle(&b.at)));
    html! {
        @if ticks.len() < 2 {
            @for (dot, anchor) in [(first, "start"), (last, "end")] {
                @if let Some(dot) = dot {
                    @let place = percent(across.at(middle(&dot.at)));
                    line.notch x1=(place) x2=(place) y1="206" y2="212" {}
                    text.tick x=(place) y="228" text-anchor=(anchor) { (date::day_words(&dot.at)) }
                }
            }
        } @else {
            @for (index, tick) in ticks.iter().enumerate() {
                line.notch x1=(percent(place(tick.day))) x2=(percent(place(tick.day))) y1="206" y2="212" {}
                text class=(if index % 2 == 1 && ticks.len() > 3 { "tick minor" } else { "tick" })
                    x=(percent(place(tick.day))) y="228" text-anchor=(if place(tick.day) > 93.0 { "end" } else { "middle" }) {
                    @if tick.is_year { (tick.day.format("%Y")) } @else { (date::short_month(tick.day)) }
                }
            }
        }
    }
}

/// Lines between neighbours; a bound is never joined, since nobody knows where its value lies.
fn joins(line: &Line, across: &Scale, down: &Scale) -> Markup {
    html! {
        @for pair in line.dots.windows(2) {
            @if let [a, b] = pair {
                @if a.bound.is_none() && b.bound.is_none() {
                    line class=(if line.is_second { "join second" } else { "join" })
                        x1=(percent(across.at(middle(&a.at)))) y1=(px(down.at(a.number)))
                        x2=(percent(across.at(middle(&b.at)))) y2=(px(down.at(b.number))) {}
                }
            }
        }
    }
}

fn mark(dot: &Dot, is_second: bool, across: &Scale, down: &Scale) -> Markup {
    let shape = match dot.bound {
        Some(Comparator::Below | Comparator::AtMost) => DOWN,
        Some(Comparator::Above | Comparator::AtLeast) => UP,
        None if dot.flag.is_outside() => DIAMOND,
        None if is_second => SQUARE,
        None => DISC,
    };
    let mut class = String::from("dot");
    for (name, holds) in
        [("out", dot.flag.is_outside()), ("open", dot.bound.is_some() || dot.is_early), ("second", is_second)]
    {
        if holds {
            class.push(' ');
            class.push_str(name);
        }
    }
    let (from, to) = (across.at(dot.at.lower().timestamp() as f64), across.at(dot.at.upper().timestamp() as f64));
    html! {
        @if dot.at.day().is_none() {
            line.span x1=(percent(from)) x2=(percent(to)) y1=(px(down.at(dot.number))) y2=(px(down.at(dot.number))) {}
        }
        svg x=(percent(across.at(middle(&dot.at)))) y=(px(down.at(dot.number))) overflow="visible" { path class=(class) d=(shape) {} }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dot(at: &str, number: f64) -> Dot {
        Dot { at: at.parse().unwrap(), number, bound: None, flag: Flag::InRange, is_early: false, band: None }
    }

    fn drawn(dots: Vec<Dot>) -> String {
        draw(&[Line { dots, is_second: false }], "t", "Title", "Sentence").into_string()
    }

    #[test]
    fn a_bound_is_a_triangle_and_never_joined() {
        let bound = Dot { bound: Some(Comparator::Below), ..dot("2024-06-01", 1.0) };
        let picture = drawn(vec![dot("2024-01-01", 2.0), bound, dot("2025-01-01", 3.0)]);
        assert_eq!(picture.matches("class=\"join\"").count(), 0);
        assert!(picture.contains(DOWN) && picture.contains("dot open"));
    }

    #[test]
    fn each_point_has_its_own_range_and_equal_neighbours_share_one() {
        let with = |at: &str, high: f64| Dot { band: Some((Some(1.0), Some(high))), ..dot(at, 2.0) };
        let same = drawn(vec![with("2024-01-01", 5.0), with("2024-06-01", 5.0), with("2025-01-01", 6.0)]);
        assert_eq!(same.matches("class=\"band\"").count(), 2);
    }

    #[test]
    fn outside_the_range_is_a_diamond() {
        let picture = drawn(vec![Dot { flag: Flag::Above, ..dot("2024-01-01", 2.0) }]);
        assert!(picture.contains(DIAMOND) && picture.contains("dot out"));
    }

    #[test]
    fn a_year_is_drawn_as_wide_as_it_is() {
        assert!(drawn(vec![dot("2023", 1.0), dot("2024-01-01", 2.0)]).contains("class=\"span\""));
    }
}
