//! Allergies and intolerances. What was ruled out is not listed, and "none known" is said only where someone said so.

use axum::extract::Path;
use maud::{Markup, html};
use mychartum_core::chart::{AllergyIntolerance, Criticality, Item, Section};
use mychartum_core::portal::Page;

use super::layout::Frame;
use super::parts::{named, notes, nothing, source_line};
use super::sections::Place;
use crate::show::facts::{Facts, join};
use crate::show::status::Progress;
use crate::web::refusal::Answer;
use crate::web::visitor::Visitor;
use crate::words::{look_up, say};

/// The page.
pub(crate) async fn page(visitor: Visitor, Path(patient): Path<String>) -> Answer {
    let opened = visitor.open(&patient, &[Section::Allergies]).await?;
    let frame = &opened.frame;
    let all = opened.chart.allergies(Page::ALL).await?.items;
    let fresh = super::fresh::line(&visitor, &all).await?;
    let said = opened.chart.no_known_allergies().await?;
    let (now, gone): (Vec<_>, Vec<_>) = all.iter().partition(|item| item.view.clinical_status.is_active());
    Ok(frame.page(
        Place::Allergies,
        Place::Allergies.name(),
        html! {
            h1 { (Place::Allergies.name()) }
            (fresh)
            @if now.is_empty() { (none(&said)) }
            ul.cards { @for item in &now { li { (card(frame, item)) } } }
            @if !gone.is_empty() {
                section.group {
                    h2 { (say("allergies.gone")) }
                    ul.cards { @for item in &gone { li { (card(frame, item)) } } }
                }
            }
        },
    ))
}

/// What was said about there being none; where nobody said so, that is said.
fn none(said: &[Item<AllergyIntolerance>]) -> Markup {
    html! {
        @if said.is_empty() { (nothing(say("allergies.none"))) }
        @for item in said {
            div.card {
                p.lead { strong { (named(item.view.code.shown())) } }
                (known(&item.view).shown())
            }
        }
    }
}

fn card(frame: &Frame, item: &Item<AllergyIntolerance>) -> Markup {
    let view = &item.view;
    html! {
        article.card {
            h2 {
                (named(view.code.shown())) " "
                @match view.criticality {
                    Some(Criticality::High) => span.tag.far { span aria-hidden="true" { "\u{25C6} " } (say("allergies.high")) },
                    Some(Criticality::Low) => span.note { (say("allergies.low")) },
                    Some(Criticality::UnableToAssess) | None => {},
                }
                " " (view.verification_status.note())
            }
            @for reaction in &view.reactions {
                @let seen = join(reaction.manifestations.iter().map(mychartum_core::kernel::Concept::shown));
                p {
                    (say("allergies.reaction")) " "
                    strong { (named(&seen)) }
                    @if let Some(severity) = &reaction.severity { ", " (look_up(&format!("severity.{}", severity.as_str())).unwrap_or(severity.as_str())) }
                    @if let Some(more) = &reaction.description { ". " (more.as_str()) }
                }
            }
            (known(view).shown())
            (notes(&view.notes))
            (source_line(frame, "allergies", item))
        }
    }
}

fn known(view: &AllergyIntolerance) -> Facts {
    let kinds = join(
        view.categories.iter().map(|kind| look_up(&format!("allergy-kind.{}", kind.as_str())).unwrap_or(kind.as_str())),
    );
    Facts::new()
        .text("fact.kind", &kinds)
        .date("fact.since", view.onset.as_ref())
        .date("fact.recorded", view.recorded.as_ref())
        .parties("fact.recorder", &view.recorder)
}
