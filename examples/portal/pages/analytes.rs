//! The results, one row a test: its latest value, and where it has been.

use maud::{Markup, html};
use mychartum_core::chart::{AnalyteGroup, Item, Observation, Trend};

use super::layout::Frame;
use super::paging::Paged;
use super::parts::{is_veiled, named, nothing};
use super::results_filter::Filter;
use crate::draw::spark;
use crate::show::status::Progress;
use crate::show::{date, flag, value};
use crate::words::{count, say};

const ON_A_PAGE: usize = 40;

/// The list.
pub(crate) fn list(frame: &Frame, filter: &Filter, results: &[Item<Observation>]) -> Markup {
    let kept = results.iter().filter(|item| filter.takes(item, "")).cloned().collect();
    let analytes = AnalyteGroup::of(kept);
    if analytes.is_empty() {
        return nothing(say(if filter.is_set() { "results.none-found" } else { "results.none" }));
    }
    let number = analytes.len();
    let page = Paged::of(analytes, filter.number(), ON_A_PAGE);
    let base = frame.to("results");
    html! {
        p.count role="status" { (count("count.tests", number)) }
        ul.rows.analytes { @for analyte in &page.items { (row(frame, analyte)) } }
        (page.ways(|page| filter.address(&base, "tests", page)))
    }
}

fn row(frame: &Frame, analyte: &AnalyteGroup) -> Markup {
    let Some(latest) = analyte.results.first() else { return html! {} };
    let view = &latest.view;
    let (flag, _) = flag::of(&view.value, &view.interpretation, &view.ranges);
    html! {
        li {
            a.row href=(frame.item("results", latest.id)) {
                span.what {
                    (named(view.code.shown()))
                    span.when {
                        (date::shown_or_unknown(view.at()))
                        @if analyte.results.len() > 1 { ", " (count("count.results", analyte.results.len())) }
                    }
                }
                @if is_veiled(frame, "results") {
                    span.spark-room {}
                    span.value { (say("part.tap")) }
                } @else {
                (sparkline(analyte))
                span class=(value::class(&view.value)) { (value::of_observation(view)) }
                span.state {
                    @if view.components.is_empty() { (flag.tag()) }
                    " " (view.status.note())
                }
                }
            }
        }
    }
}

/// A small line of the newest unit only; the page of the result has the whole trend.
fn sparkline(analyte: &AnalyteGroup) -> Markup {
    let Some(loinc) = analyte.loinc().filter(|_| analyte.results.len() > 2) else {
        return html! { span.spark-room {} };
    };
    let trend = Trend::of(loinc, &analyte.results, &[]);
    html! { span.spark-room { @if let Some(series) = trend.series.first() { (spark::draw(series)) } } }
}
