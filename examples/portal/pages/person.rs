//! Who the patient is, as each source says.

use axum::extract::Path;
use maud::{Markup, html};
use mychartum_core::chart::{Deceased, Item, Patient, Section};
use mychartum_core::portal::Page;

use super::layout::Frame;
use super::parts::{named, source_line, source_name};
use super::sections::Place;
use crate::show::date;
use crate::show::facts::{Facts, join};
use crate::web::refusal::Answer;
use crate::web::visitor::Visitor;
use crate::words::{fill, look_up, say};

/// The page.
pub(crate) async fn page(visitor: Visitor, Path(patient): Path<String>) -> Answer {
    let opened = visitor.open(&patient, &[Section::Demographics]).await?;
    let frame = &opened.frame;
    let all = opened.chart.demographics(Page::ALL).await?.items;
    let fresh = super::fresh::line(&visitor, &all).await?;
    Ok(frame.page(
        Place::Person,
        Place::Person.name(),
        html! {
            h1 { (Place::Person.name()) }
            (fresh)
            p.lead { (say("person.lead")) }
            @for item in &all { (card(frame, item)) }
        },
    ))
}

fn card(frame: &Frame, item: &Item<Patient>) -> Markup {
    let view = &item.view;
    let mut known = Facts::new()
        .text("fact.name", named(&view.name()))
        .date("fact.born", view.birth_date.as_ref())
        .text("fact.gender", view.gender.map_or("", gender));
    for contact in &view.contacts {
        let channel = contact.channel.as_ref().map_or("", |channel| channel.as_str());
        let key = if channel == "email" { "fact.email" } else { "fact.phone" };
        known = known.text(key, contact.value.as_str());
    }
    known = known
        .text("fact.address", &join(view.addresses.iter().map(|address| address.as_str())))
        .text("fact.languages", &join(view.languages.iter().map(|language| language.as_str())));
    for identifier in &view.identifiers {
        if identifier.kind.as_ref().is_some_and(|kind| kind.as_str() == "MR") {
            known = known.text("fact.record-number", identifier.value.as_str());
        }
    }
    known = match &view.deceased {
        Deceased::Unstated | Deceased::No => known,
        Deceased::Yes => known.text("fact.died", say("value.yes")),
        Deceased::At(at) => known.with("fact.died", date::shown(at)),
    };
    html! {
        section.card {
            h2 { (fill("person.at", &[("source", &source_name(item.provenance.source.as_str()))])) }
            (known.shown())
            (source_line(frame, "details", item))
        }
    }
}

fn gender(gender: mychartum_core::chart::AdministrativeGender) -> &'static str {
    look_up(&format!("gender.{}", gender.code())).unwrap_or_default()
}
