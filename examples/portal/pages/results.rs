//! The results, grouped by report, newest first.

use axum::extract::{Path, Query};
use maud::{Markup, html};
use mychartum_core::chart::{DiagnosticReport, Item, Observation, ReportGroup, Section};
use mychartum_core::portal::Page;

use super::analytes;
use super::layout::Frame;
use super::paging::Paged;
use super::parts::{is_veiled, named, nothing, observation_row};
use super::results_filter::{Filter, is_outside};
use super::sections::Place;
use crate::show::status::Progress;
use crate::show::{date, facts};
use crate::web::refusal::{Answer, Refusal};
use crate::web::visitor::{Opened, Visitor};
use crate::words::{count, say};

const ON_A_PAGE: usize = 12;

/// The results page, in either view.
pub(crate) async fn list(visitor: Visitor, Path(patient): Path<String>, Query(filter): Query<Filter>) -> Answer {
    let opened = visitor.open(&patient, &[Section::Results, Section::Reports]).await?;
    let frame = &opened.frame;
    let results = opened.chart.results(Page::ALL).await?.items;
    let fresh = super::fresh::line(&visitor, &results).await?;
    let found = if filter.by_test() {
        analytes::list(frame, &filter, &results)
    } else {
        let groups = groups(&opened, results.clone()).await?;
        by_report(frame, &filter, groups)
    };
    Ok(frame.page(
        Place::Results,
        Place::Results.name(),
        html! {
            h1 { (Place::Results.name()) }
            (fresh)
            (filter.switch(frame))
            (filter.form(frame, &results))
            (found)
        },
    ))
}

fn by_report(frame: &Frame, filter: &Filter, groups: Vec<ReportGroup>) -> Markup {
    let kept: Vec<ReportGroup> = groups
        .into_iter()
        .filter_map(|mut group| {
            let title = title(&group).to_owned();
            let had_results = !group.results.is_empty();
            group.results.retain(|item| filter.takes(item, &title));
            (!group.results.is_empty() || (!had_results && !filter.is_set())).then_some(group)
        })
        .collect();
    if kept.is_empty() {
        return nothing(say(if filter.is_set() { "results.none-found" } else { "results.none" }));
    }
    let number = kept.iter().map(|group| group.results.len()).sum();
    let page = Paged::of(kept, filter.number(), ON_A_PAGE);
    let base = frame.to("results");
    html! {
        p.count role="status" { (count("count.results", number)) }
        @for group in &page.items { (shown(frame, group)) }
        (page.ways(|page| filter.address(&base, "", page)))
    }
}

/// All groups of a chart, newest first; every result is in exactly one. Those of a day that no report names are together.
pub(crate) async fn groups(opened: &Opened, results: Vec<Item<Observation>>) -> Result<Vec<ReportGroup>, Refusal> {
    let chart = &opened.chart;
    let reports = if opened.has(Section::Reports) { chart.reports(Page::ALL).await?.items } else { Vec::new() };
    let member = |report: &Item<DiagnosticReport>| {
        report.view.results.iter().map(|to| chart.item_id(&report.provenance, to)).collect()
    };
    let day = |group: &ReportGroup| group.at().map(date::day_words);
    let mut groups: Vec<ReportGroup> = Vec::new();
    for group in ReportGroup::of(reports, results, member) {
        let mut alone = groups.iter_mut().filter(|known| known.report.is_none() && group.report.is_none());
        match alone.find(|known| day(known) == day(&group)) {
            Some(known) => known.results.extend(group.results),
            None => groups.push(group),
        }
    }
    Ok(groups)
}

/// A group's name: the report's, else words for none.
pub(crate) fn title(group: &ReportGroup) -> &str {
    group.report.as_ref().map_or(say("results.no-report"), |report| named(report.view.code.shown()))
}

/// How many results of a group are out of range.
pub(crate) fn outside(frame: &Frame, group: &ReportGroup) -> usize {
    if is_veiled(frame, "results") {
        return 0;
    }
    group.results.iter().filter(|item| is_outside(&item.view)).count()
}

fn shown(frame: &Frame, group: &ReportGroup) -> Markup {
    let outside = outside(frame, group);
    html! {
        section.group {
            div.group-head {
                h2 {
                    @match &group.report {
                        Some(report) => a href=(frame.item("reports", report.id)) { (title(group)) },
                        None => (title(group)),
                    }
                }
                p.meta {
                    (date::shown_or_unknown(group.at()))
                    @if let Some(report) = &group.report {
                        @let performers = facts::names(&report.view.performers);
                        @if !performers.is_empty() { span { (performers) } }
                        (report.view.status.note())
                    }
                    @if outside > 0 { span.tag.out { (count("count.outside", outside)) } }
                }
            }
            @if group.results.is_empty() { p.quiet { (say("results.report-only")) } }
            @else { ul.rows { @for item in &group.results { (observation_row(frame, "results", item, false)) } } }
        }
    }
}
