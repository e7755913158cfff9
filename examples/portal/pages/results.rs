//! The results, grouped by report, newest first.

use std::collections::{HashMap, HashSet};

use axum::extract::{Path, Query};
use maud::{Markup, html};
use mychartum_core::chart::{DiagnosticReport, Item, Observation, Section};
use mychartum_core::kernel::PartialDate;
use mychartum_core::kernel::id::ItemId;
use mychartum_core::portal::{Disclosure, Page};

use super::analytes;
use super::layout::Frame;
use super::paging::Paged;
use super::parts::{named, nothing, observation_row};
use super::results_filter::{Filter, is_outside};
use super::sections::Place;
use crate::show::status::Progress;
use crate::show::{date, facts};
use crate::web::refusal::{Answer, Refusal};
use crate::web::visitor::Visitor;
use crate::words::{count, say};

const ON_A_PAGE: usize = 12;

/// Results that belong together: those of a report, or those of a day that no report names.
#[derive(Debug)]
pub(crate) struct Group {
    /// The report, where there is one.
    pub(crate) report: Option<Item<DiagnosticReport>>,
    /// Its results.
    pub(crate) results: Vec<Item<Observation>>,
}

/// The results page, in either view.
pub(crate) async fn list(visitor: Visitor, Path(patient): Path<String>, Query(filter): Query<Filter>) -> Answer {
    let opened = visitor.open(&patient, &[Section::Results, Section::Reports]).await?;
    let frame = &opened.frame;
    let results = opened.chart.results(Page::ALL).await?.items;
    let found = if filter.by_test() {
        analytes::list(frame, &filter, &results)
    } else {
        let groups = groups(&opened.chart, results.clone()).await?;
        by_report(frame, &filter, groups)
    };
    Ok(frame.page(
        Place::Results,
        Place::Results.name(),
        html! {
            h1 { (Place::Results.name()) }
            (filter.switch(frame))
            (filter.form(frame, &results))
            (found)
        },
    ))
}

fn by_report(frame: &Frame, filter: &Filter, groups: Vec<Group>) -> Markup {
    let kept: Vec<Group> = groups
        .into_iter()
        .filter_map(|mut group| {
            let title = group.title().to_owned();
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
        @for group in &page.items { (group.shown(frame)) }
        (page.ways(|page| filter.address(&base, "", page)))
    }
}

/// All groups of a chart, newest first; every result is in exactly one.
pub(crate) async fn groups(chart: &Disclosure, results: Vec<Item<Observation>>) -> Result<Vec<Group>, Refusal> {
    let reports = chart.reports(Page::ALL).await?.items;
    let order: Vec<ItemId> = results.iter().map(|item| item.id).collect();
    let mut left: HashMap<ItemId, Item<Observation>> = results.into_iter().map(|item| (item.id, item)).collect();
    let mut groups = Vec::new();
    for report in reports {
        let mut seen = HashSet::new();
        let ids = report.view.results.iter().map(|to| chart.item_id(&report.provenance, to));
        let results = ids.filter(|id| seen.insert(*id)).filter_map(|id| left.remove(&id)).collect();
        groups.push(Group { report: Some(report), results });
    }
    for id in order {
        let Some(item) = left.remove(&id) else { continue };
        let day = |at: Option<&PartialDate>| at.map(date::day_words);
        let same_day = groups.iter_mut().find(|group| group.report.is_none() && day(group.at()) == day(item.view.at()));
        match same_day {
            Some(group) => group.results.push(item),
            None => groups.push(Group { report: None, results: vec![item] }),
        }
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.at().map_or(i64::MIN, PartialDate::order)));
    Ok(groups)
}

impl Group {
    /// Its name: the report's, else words for none.
    pub(crate) fn title(&self) -> &str {
        self.report.as_ref().map_or(say("results.no-report"), |report| named(report.view.code.shown()))
    }

    /// When: the report's time, else that of its first result.
    pub(crate) fn at(&self) -> Option<&PartialDate> {
        let first = || self.results.first().and_then(|item| item.view.at());
        self.report.as_ref().and_then(|report| report.view.at()).or_else(first)
    }

    /// How many of its results are out of range.
    pub(crate) fn outside(&self) -> usize {
        self.results.iter().filter(|item| is_outside(&item.view)).count()
    }

    fn shown(&self, frame: &Frame) -> Markup {
        let outside = self.outside();
        html! {
            section.group {
                div.group-head {
                    h2 {
                        @match &self.report {
                            Some(report) => a href=(frame.item("reports", report.id)) { (self.title()) },
                            None => (self.title()),
                        }
                    }
                    p.meta {
                        (date::shown_or_unknown(self.at()))
                        @if let Some(report) = &self.report {
                            @let performers = facts::names(&report.view.performers);
                            @if !performers.is_empty() { span { (performers) } }
                            (report.view.status.note())
                        }
                        @if outside > 0 { span.tag.out { (count("count.outside", outside)) } }
                    }
                }
                @if self.results.is_empty() { p.quiet { (say("results.report-only")) } }
                @else { ul.rows { @for item in &self.results { (observation_row(frame, "results", item, false)) } } }
            }
        }
    }
}
