//! The visits, newest first, by year.

use axum::extract::{Path, Query};
use chrono::Datelike;
use maud::{Markup, html};
use mychartum_core::chart::{Encounter, Item, Section};
use mychartum_core::portal::Page;
use serde::Deserialize;

use super::layout::Frame;
use super::paging::Paged;
use super::parts::nothing;
use super::sections::Place;
use crate::show::status::Progress;
use crate::show::{date, facts};
use crate::web::refusal::Answer;
use crate::web::visitor::Visitor;
use crate::words::{look_up, say};

const ON_A_PAGE: usize = 30;

/// The page's number, as it stands in the address.
#[derive(Debug, Deserialize)]
pub(crate) struct Number {
    #[serde(default)]
    pub(crate) page: String,
}

/// The page.
pub(crate) async fn page(visitor: Visitor, Path(patient): Path<String>, Query(number): Query<Number>) -> Answer {
    let opened = visitor.open(&patient, &[Section::Visits]).await?;
    let frame = &opened.frame;
    let all = opened.chart.visits(Page::ALL).await?.items;
    let fresh = super::fresh::line(&visitor, &all).await?;
    let page = Paged::of(all, number.page.parse().unwrap_or(1), ON_A_PAGE);
    let mut years: Vec<(Option<i32>, Vec<&Item<Encounter>>)> = Vec::new();
    for item in &page.items {
        let year = at(&item.view).map(|at| at.first_day().year());
        match years.last_mut().filter(|(known, _)| *known == year) {
            Some((_, items)) => items.push(item),
            None => years.push((year, vec![item])),
        }
    }
    let base = frame.to("visits");
    Ok(frame.page(
        Place::Visits,
        Place::Visits.name(),
        html! {
            h1 { (Place::Visits.name()) }
            (fresh)
            @if page.items.is_empty() { (nothing(say("visits.none"))) }
            @for (year, items) in years {
                section.group {
                    h2 { @match year { Some(year) => (year), None => (say("date.unknown")) } }
                    ul.rows { @for item in items { li { (row(frame, item)) } } }
                }
            }
            (page.ways(|page| format!("{base}?page={page}")))
        },
    ))
}

/// A row for a visit.
pub(crate) fn row(frame: &Frame, item: &Item<Encounter>) -> Markup {
    let view = &item.view;
    let who = facts::names(view.participants.iter().chain(&view.provider));
    html! {
        a.row.wide href=(frame.item("visits", item.id)) {
            span.what { (title(view)) span.when { (date::shown_or_unknown(at(view))) @if !who.is_empty() { ", " (who) } } }
            span.state { @if let Some(kind) = kind(view) { span.tag { (kind) } } (view.status.note()) }
        }
    }
}

/// When a visit was.
pub(crate) fn at(view: &Encounter) -> Option<&mychartum_core::kernel::PartialDate> {
    view.start.as_ref().or(view.end.as_ref())
}

/// What a visit is called: its kind or reason, else its class in words.
pub(crate) fn title(view: &Encounter) -> &str {
    if view.title().is_empty() { kind(view).unwrap_or(say("visits.visit")) } else { view.title() }
}

/// The class of a visit in words, where it is a known one.
pub(crate) fn kind(view: &Encounter) -> Option<&'static str> {
    look_up(&format!("class.{}", view.class.as_ref()?.as_str()))
}
