//! One visit: why, with whom, what to do afterwards, and what came of it.

use axum::extract::Path;
use maud::{Markup, html};
use mychartum_core::chart::{DocumentReference, Item, Observation, Provenance, Section, SourceRef, View};

use super::documents::attachments;
use super::layout::Frame;
use super::parts::{back, heading, named, observation_row, source_line};
use super::sections::Place;
use super::visits::{at, kind, title};
use crate::show::date;
use crate::show::facts::Facts;
use crate::show::status::Progress;
use crate::web::refusal::{Answer, Refusal};
use crate::web::visitor::{Opened, Visitor, item_id};
use crate::words::say;

/// What a visit's page shows beside the visit.
const SHOWN: [Section; 8] = [
    Section::Documents,
    Section::Results,
    Section::Vitals,
    Section::Findings,
    Section::Conditions,
    Section::Medications,
    Section::Procedures,
    Section::Immunizations,
];

/// The page.
pub(crate) async fn page(visitor: Visitor, Path((patient, visit)): Path<(String, String)>) -> Answer {
    let mut asked = vec![Section::Visits];
    asked.extend(SHOWN);
    let opened = visitor.open(&patient, &asked).await?;
    let (frame, chart) = (&opened.frame, &opened.chart);
    let item = chart.visit(item_id(&visit)?).await?.ok_or(Refusal::NotFound)?;
    let view = &item.view;
    let sharing = super::sharing::part(&visitor, &opened, Place::Visits, item.id).await?;
    let mut found: Vec<(Section, Vec<Item<View>>)> = Vec::new();
    for section in SHOWN.into_iter().filter(|section| opened.has(*section)) {
        found.push((section, chart.of_visit(section, item.id).await?));
    }
    let documents: Vec<(&Item<View>, &DocumentReference)> = found
        .iter()
        .flat_map(|(_, items)| items)
        .filter_map(
            |item| if let View::DocumentReference(document) = &item.view { Some((item, &**document)) } else { None },
        )
        .collect();
    let (instructions, notes): (Vec<_>, Vec<_>) =
        documents.into_iter().partition(|(_, document)| document.is_discharge_instruction());
    let known = Facts::new()
        .date("fact.began", view.start.as_ref())
        .date("fact.ended", view.end.as_ref())
        .concepts("fact.reason", &view.reasons)
        .parties("fact.seen", &view.participants)
        .parties("fact.place", view.locations.iter().chain(&view.provider))
        .label("fact.discharge", view.discharge.as_ref());
    Ok(frame.page(Place::Visits, title(view), html! {
        (back(&frame.to("visits"), Place::Visits.name()))
        (heading(title(view), html! { @if let Some(kind) = kind(view) { span.tag { (kind) } } (view.status.note()) }))
        @if let Some(at) = at(view) { p.lead { (date::shown_day(at)) } }
        @for (item, document) in &instructions {
            section.card.instructions {
                h2 { (say("visit.instructions")) }
                (attachments(&document.content))
                p.source { a href=(frame.item("documents", item.id)) { (say("visit.own-page")) } }
            }
        }
        section.card { h2 { (say("part.about")) } (known.shown()) }
        @for (section, items) in &found {
            @if *section != Section::Documents && !items.is_empty() { (listed(frame, *section, items)) }
        }
        @for (item, document) in &notes {
            section.card.note-text {
                h2 { a href=(frame.item("documents", item.id)) { (named(document.title())) } }
                (attachments(&document.content))
            }
        }
        (sharing)
        (source_line(frame, "visits", &item))
    }))
}

/// A way to the visit that something belongs to, if the visit is in the chart.
pub(crate) async fn way(opened: &Opened, from: &Provenance, to: Option<&SourceRef>) -> Result<Option<Markup>, Refusal> {
    let Some(to) = to.filter(|_| opened.has(Section::Visits)) else { return Ok(None) };
    let Some(visit) = opened.chart.visit(opened.chart.item_id(from, to)).await? else { return Ok(None) };
    Ok(Some(html! {
        a href=(opened.frame.item("visits", visit.id)) { (title(&visit.view)) }
        @if let Some(at) = at(&visit.view) { ", " (date::shown_day(at)) }
    }))
}

fn listed(frame: &Frame, section: Section, items: &[Item<View>]) -> Markup {
    let place = place(section);
    html! {
        section.group { h2 { (place.name()) } ul.rows { @for item in items { (row(frame, place, item)) } } }
    }
}

const fn place(section: Section) -> Place {
    match section {
        Section::Results => Place::Results,
        Section::Vitals => Place::Vitals,
        Section::Findings => Place::Findings,
        Section::Conditions => Place::Conditions,
        Section::Medications => Place::Medications,
        Section::Procedures => Place::Procedures,
        Section::Immunizations => Place::Immunizations,
        _ => Place::Documents,
    }
}

/// A row for anything of a visit: what has a page of its own leads there, the rest to its list.
fn row(frame: &Frame, place: Place, item: &Item<View>) -> Markup {
    let name = match &item.view {
        View::Condition(view) => view.code.shown(),
        View::MedicationRequest(view) => view.shown(),
        View::Procedure(view) => view.code.shown(),
        View::Immunization(view) => view.vaccine.shown(),
        _ => "",
    };
    match observation(item) {
        Some(item) => observation_row(frame, place.path(), &item, false),
        None => html! { li { a.row href=(frame.to(place.path())) { span.what { (named(name)) } } } },
    }
}

fn observation(item: &Item<View>) -> Option<Item<Observation>> {
    let View::Observation(view) = &item.view else { return None };
    let (view, provenance) = ((**view).clone(), item.provenance.clone());
    Some(Item { id: item.id, version: item.version, view, provenance, obligations: item.obligations })
}
