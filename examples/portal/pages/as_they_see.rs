//! "See as they see": what someone who acts for the patient finds in the chart, now and after each change to come.

use axum::extract::{Path, Query};
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use mychartum_core::access::Turn;
use mychartum_core::chart::{Section, SectionSet};
use mychartum_core::kernel::id::GrantId;
use mychartum_core::portal::{Disclosure, Page, ProxyError};
use serde::Deserialize;

use super::parts::{back, named, nothing};
use super::sections::Place;
use super::visits;
use crate::show::{grants, rights};
use crate::web::refusal::{Answer, Refusal};
use crate::web::visitor::Visitor;
use crate::words::{count, fill, say};

/// How many names of a section are said.
const NAMED: usize = 8;

/// After which change, as it stands in the address: 0 is now.
#[derive(Debug, Deserialize)]
pub(crate) struct When {
    #[serde(default)]
    after: usize,
}

/// The page.
pub(crate) async fn page(
    visitor: Visitor,
    Path((patient, grant)): Path<(String, String)>,
    Query(when): Query<When>,
) -> Answer {
    let opened = visitor.open_own(&patient, &[Section::Demographics]).await?;
    let (frame, session, patient) = (&opened.frame, &visitor.session, opened.patient());
    let id: GrantId = grant.parse().map_err(|_| Refusal::NotFound)?;
    let turns = session.timeline(patient, id).await?;
    let all = session.grants(patient).await?;
    let grant = all.into_iter().find(|grant| grant.id() == id).ok_or(Refusal::NotFound)?;
    let at = match when.after.checked_sub(1) {
        None => visitor.house.now(),
        Some(place) => turns.get(place).ok_or(Refusal::NotFound)?.at,
    };
    let base = frame.to(&format!("people/{id}/see"));
    let seen = match session.preview(patient, id, SectionSet::chart(), at).await {
        Ok(permit) => Some(visitor.house.portal.disclose(permit)?),
        Err(ProxyError::NotFound) => None,
        Err(error) => return Err(error.into()),
    };
    let found = match &seen {
        Some(chart) => found(chart).await?,
        None => Vec::new(),
    };
    let whom = fill("people.your", &[("relation", grants::relation(grant.relation()))]);
    Ok(frame.page(
        Place::People,
        say("see.title"),
        html! {
            (back(&frame.to("people"), Place::People.name()))
            h1 { (say("see.title")) }
            p.lead { (fill("see.lead", &[("whom", &whom)])) }
            (times(&base, &turns, when.after))
            @if let Some(turn) = when.after.checked_sub(1).and_then(|place| turns.get(place)) { (change(turn)) }
            @if seen.is_none() { (nothing(say("see.nothing"))) }
            @for (section, names) in &found { (shown(*section, names)) }
        },
    ))
}

fn times(base: &str, turns: &[Turn], after: usize) -> Markup {
    let day = |at: DateTime<Utc>| fill("see.from", &[("day", &grants::day(at))]);
    html! {
        @if !turns.is_empty() {
            nav.switch aria-label=(say("see.times")) {
                a href=(base) aria-current=[(after == 0).then_some("page")] { (say("see.now")) }
                @for (place, turn) in turns.iter().enumerate() {
                    a href={ (base) "?after=" (place + 1) } aria-current=[(after == place + 1).then_some("page")] { (day(turn.at)) }
                }
            }
        }
    }
}

fn change(turn: &Turn) -> Markup {
    html! {
        ul.plain-list.notice {
            @if !turn.lost.is_empty() { li { (fill("see.lost", &[("sections", &rights::sections_in_words(turn.lost))])) } }
            @if !turn.won.is_empty() { li { (fill("see.won", &[("sections", &rights::sections_in_words(turn.won))])) } }
        }
    }
}

fn shown(section: Section, names: &[String]) -> Markup {
    html! {
        section.card.seen {
            h2 { (rights::sections_in_words(section.into())) " " span.tag { (count("count.things", names.len())) } }
            ul.plain-list {
                @for name in names.iter().take(NAMED) { li { (name) } }
                @if names.len() > NAMED { li.quiet { (say("see.more")) } }
            }
        }
    }
}

/// What is found, by section: the names of all things, newest first.
async fn found(chart: &Disclosure) -> Result<Vec<(Section, Vec<String>)>, Refusal> {
    let mut found = Vec::new();
    for section in chart.permit().sections().iter().filter(|section| *section != Section::Demographics) {
        found.push((section, names(chart, section).await?));
    }
    Ok(found)
}

async fn names(chart: &Disclosure, section: Section) -> Result<Vec<String>, Refusal> {
    let all = Page::ALL;
    let owned = |name: &str| named(name).to_owned();
    Ok(match section {
        Section::Results => chart.results(all).await?.items.iter().map(|item| owned(item.view.code.shown())).collect(),
        Section::Vitals => chart.vitals(all).await?.items.iter().map(|item| owned(item.view.code.shown())).collect(),
        Section::Findings => {
            chart.findings(all).await?.items.iter().map(|item| owned(item.view.code.shown())).collect()
        }
        Section::Reports => chart.reports(all).await?.items.iter().map(|item| owned(item.view.code.shown())).collect(),
        Section::Medications => {
            chart.medications(all).await?.items.iter().map(|item| owned(item.view.shown())).collect()
        }
        Section::Immunizations => {
            chart.immunizations(all).await?.items.iter().map(|item| owned(item.view.vaccine.shown())).collect()
        }
        Section::Conditions => {
            chart.conditions(all).await?.items.iter().map(|item| owned(item.view.code.shown())).collect()
        }
        Section::Allergies => {
            chart.allergies(all).await?.items.iter().map(|item| owned(item.view.code.shown())).collect()
        }
        Section::Visits => chart.visits(all).await?.items.iter().map(|item| owned(visits::title(&item.view))).collect(),
        Section::Documents => chart.documents(all).await?.items.iter().map(|item| owned(item.view.title())).collect(),
        Section::Procedures => {
            chart.procedures(all).await?.items.iter().map(|item| owned(item.view.code.shown())).collect()
        }
        Section::Appointments => {
            chart.appointments(all).await?.items.iter().map(|item| owned(item.view.title())).collect()
        }
        Section::Demographics | Section::AccessLog | Section::Messages | Section::Billing => Vec::new(),
    })
}
