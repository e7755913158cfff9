//! Procedures.

use axum::extract::Path;
use maud::{Markup, html};
use mychartum_core::chart::{Item, Procedure, Section};
use mychartum_core::portal::Page;

use super::layout::Frame;
use super::parts::{named, notes, nothing, source_line};
use super::sections::Place;
use crate::show::date;
use crate::show::facts::Facts;
use crate::show::status::Progress;
use crate::web::refusal::Answer;
use crate::web::visitor::Visitor;
use crate::words::say;

/// The page.
pub(crate) async fn page(visitor: Visitor, Path(patient): Path<String>) -> Answer {
    let opened = visitor.open(&patient, &[Section::Procedures]).await?;
    let frame = &opened.frame;
    let all = opened.chart.procedures(Page::ALL).await?.items;
    let fresh = super::fresh::line(&visitor, &all).await?;
    Ok(frame.page(
        Place::Procedures,
        Place::Procedures.name(),
        html! {
            h1 { (Place::Procedures.name()) }
            (fresh)
            @if all.is_empty() { (nothing(say("procedures.none"))) }
            ul.cards { @for item in &all { li { (card(frame, item)) } } }
        },
    ))
}

fn card(frame: &Frame, item: &Item<Procedure>) -> Markup {
    let view = &item.view;
    html! {
        article.card {
            h2 { (named(view.code.shown())) " " (view.status.note()) }
            p.meta {
                @match (&view.performed, &view.performed_text) {
                    (Some(at), _) => (date::shown_day(at)),
                    (None, Some(words)) => (words.as_str()),
                    (None, None) => (say("date.unknown")),
                }
            }
            (known(view).shown())
            (notes(&view.notes))
            (source_line(frame, "procedures", item))
        }
    }
}

fn known(view: &Procedure) -> Facts {
    Facts::new()
        .concepts("fact.for", &view.reasons)
        .concepts("fact.site", &view.body_sites)
        .parties("fact.performer", &view.performers)
        .parties("fact.place", &view.location)
        .date("fact.ended", view.performed_end.as_ref())
        .label("fact.outcome", view.outcome.as_ref())
}
