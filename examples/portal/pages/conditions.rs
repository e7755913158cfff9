//! Conditions: those that are there now, and those that are not any more. What was ruled out is not listed.

use axum::extract::Path;
use maud::{Markup, html};
use mychartum_core::chart::{ClinicalStatus, Condition, Item, Section};
use mychartum_core::portal::Page;

use super::layout::Frame;
use super::parts::{named, notes, nothing, source_line};
use super::sections::Place;
use crate::show::facts::Facts;
use crate::show::status::Progress;
use crate::web::refusal::Answer;
use crate::web::visitor::Visitor;
use crate::words::{look_up, say};

/// The page.
pub(crate) async fn page(visitor: Visitor, Path(patient): Path<String>) -> Answer {
    let opened = visitor.open(&patient, &[Section::Conditions]).await?;
    let frame = &opened.frame;
    let all = opened.chart.conditions(Page::ALL).await?.items;
    let fresh = super::fresh::line(&visitor, &all).await?;
    let (now, gone): (Vec<_>, Vec<_>) = all.iter().partition(|item| item.view.is_active());
    Ok(frame.page(
        Place::Conditions,
        Place::Conditions.name(),
        html! {
            h1 { (Place::Conditions.name()) }
            (fresh)
            @if all.is_empty() { (nothing(say("conditions.none"))) }
            @for (title, items) in [(say("conditions.now"), now), (say("conditions.gone"), gone)] {
                @if !items.is_empty() {
                    section.group { h2 { (title) } ul.cards { @for item in items { li { (card(frame, item)) } } } }
                }
            }
        },
    ))
}

fn card(frame: &Frame, item: &Item<Condition>) -> Markup {
    let view = &item.view;
    html! {
        article.card {
            h3 { (named(view.code.shown())) " " (clinical(view.clinical_status)) " " (view.verification_status.note()) }
            (known(view).shown())
            (notes(&view.notes))
            (source_line(frame, "conditions", item))
        }
    }
}

/// What the heading above does not say already: that it came back, or is only held down.
fn clinical(status: ClinicalStatus) -> Markup {
    let words = look_up(&format!("clinical.{}", status.code()));
    html! { @if let Some(words) = words { span.note { (words) } } }
}

fn known(view: &Condition) -> Facts {
    let facts = match (&view.onset, &view.onset_text) {
        (Some(onset), _) => Facts::new().date("fact.since", Some(onset)),
        (None, words) => Facts::new().label("fact.since", words.as_ref()),
    };
    facts
        .date("fact.ended", view.abatement.as_ref())
        .label("fact.severity", view.severity.as_ref())
        .date("fact.recorded", view.recorded.as_ref())
        .parties("fact.recorder", &view.recorder)
}
