//! The trend of an analyte: a figure with its picture, legend, sentence and table.

use maud::{Markup, html};
use mychartum_core::chart::{ObservationStatus, Point, Series, Value};
use mychartum_core::kernel::Comparator;

use super::plot::{self, Dot, Line};
use super::table;
use crate::show::flag::{self, Flag};
use crate::show::{date, value};
use crate::words::{count, fill, say};

/// A figure of one or two series in one unit.
#[derive(Debug)]
pub(crate) struct Figure<'a> {
    /// Tells the figure apart from others on the page.
    pub(crate) id: String,
    /// What was measured.
    pub(crate) name: String,
    /// The series with their names; a second one is drawn with squares.
    pub(crate) series: Vec<(&'a str, &'a Series)>,
    /// Where the page of an item begins; its id follows.
    pub(crate) items_at: String,
}

impl Figure<'_> {
    /// The figure, or nothing where there is only one point: one point is no trend.
    pub(crate) fn draw(&self) -> Option<Markup> {
        let longest = self.series.iter().map(|(_, series)| series.points.len()).max().unwrap_or(0);
        if longest < 2 {
            return None;
        }
        let lines: Vec<Line> = self
            .series
            .iter()
            .enumerate()
            .map(|(index, (_, series))| Line { dots: series.points.iter().map(dot).collect(), is_second: index > 0 })
            .collect();
        let sentences: Vec<String> = self.series.iter().map(|(name, series)| self.sentence(name, series)).collect();
        let title = fill("trend.title", &[("name", &self.name)]);
        let sentence = sentences.join(" ");
        Some(html! {
            figure.trend {
                figcaption { @for sentence in &sentences { p { (sentence) } } }
                (plot::draw(&lines, &self.id, &title, &sentence))
                (self.legend(&lines))
                (table::draw(self))
            }
        })
    }

    fn sentence(&self, name: &str, series: &Series) -> String {
        let (Some(first), Some(last)) = (series.points.first(), series.points.last()) else { return String::new() };
        let outside = series.points.iter().filter(|point| judge(point).is_outside()).count();
        let span = fill(
            "trend.span",
            &[
                ("count", &count("count.results", series.points.len())),
                ("from", &date::day_words(&first.at)),
                ("to", &date::day_words(&last.at)),
                ("first", &point_text(first)),
                ("last", &point_text(last)),
            ],
        );
        let judged = if series.points.iter().all(|point| matches!(judge(point), Flag::Reported)) {
            say("trend.no-range").to_owned()
        } else {
            count("trend.outside", outside)
        };
        let name = if self.series.len() > 1 { format!("{name}: ") } else { String::new() };
        format!("{name}{span} {judged}")
    }

    fn legend(&self, lines: &[Line]) -> Markup {
        let dots = || lines.iter().flat_map(|line| &line.dots);
        let down = |bound: Option<Comparator>| matches!(bound, Some(Comparator::Below | Comparator::AtMost));
        let up = |bound: Option<Comparator>| matches!(bound, Some(Comparator::Above | Comparator::AtLeast));
        html! {
            ul.legend {
                @for (index, (name, _)) in self.series.iter().enumerate() {
                    @let second = index > 0;
                    li {
                        (plot::key(if second { "dot second" } else { "dot" }, if second { plot::SQUARE } else { plot::DISC }))
                        @if self.series.len() > 1 { (name) } @else { (say("legend.measured")) }
                    }
                }
                @if dots().any(|dot| dot.flag.is_outside()) { li { (plot::key("dot out", plot::DIAMOND)) (say("legend.outside")) } }
                @if dots().any(|dot| down(dot.bound)) { li { (plot::key("dot open", plot::DOWN)) (say("legend.below")) } }
                @if dots().any(|dot| up(dot.bound)) { li { (plot::key("dot open", plot::UP)) (say("legend.above")) } }
                @if dots().any(|dot| dot.is_early) { li { (plot::key("dot open", plot::DISC)) (say("legend.early")) } }
                @if dots().any(|dot| dot.band.is_some()) { li { (plot::key("band", "M-10 -7 H10 V7 H-10 Z")) (say("legend.band")) } }
            }
        }
    }
}

/// What to say about a point: by what came with it, in the unit it came in.
pub(crate) fn judge(point: &Point) -> Flag {
    flag::of(&Value::Quantity(point.received.clone()), &point.interpretation, &point.ranges).0
}

/// A point's value as people read it.
pub(crate) fn point_text(point: &Point) -> String {
    let sign = point.received.comparator.map_or("", Comparator::sign);
    let unit = value::unit(&point.received);
    format!("{sign}{} {unit}", point.received.value.for_people()).trim_end().to_owned()
}

fn dot(point: &Point) -> Dot {
    let mut numbered = point.ranges.iter().filter(|range| range.low.is_some() || range.high.is_some());
    let only = numbered.next().filter(|_| numbered.next().is_none() && !point.is_converted());
    let band = only.and_then(|range| {
        let end = |end: &Option<mychartum_core::kernel::Quantity>| match end {
            Some(end) if flag::same_unit(&point.received, end) => Ok(Some(end.value.for_drawing())),
            Some(_) => Err(()),
            None => Ok(None),
        };
        Some((end(&range.low).ok()?, end(&range.high).ok()?))
    });
    Dot {
        at: point.at.clone(),
        number: point.value.for_drawing(),
        bound: point.comparator,
        flag: judge(point),
        is_early: matches!(
            point.status,
            ObservationStatus::Preliminary | ObservationStatus::Registered | ObservationStatus::Unknown
        ),
        band,
    }
}
