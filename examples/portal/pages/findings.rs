//! Other findings: social history, questionnaires, examinations and tests that are no laboratory's.

use axum::extract::Path;
use maud::html;
use mychartum_core::chart::{Item, Observation, ObservationCategory, Section};
use mychartum_core::portal::Page;

use super::parts::nothing;
use super::sections::Place;
use crate::web::refusal::Answer;
use crate::web::visitor::Visitor;
use crate::words::{look_up, say};

/// The page.
pub(crate) async fn page(visitor: Visitor, Path(patient): Path<String>) -> Answer {
    let opened = visitor.open(&patient, &[Section::Findings]).await?;
    let frame = &opened.frame;
    let all = opened.chart.findings(Page::ALL).await?.items;
    let fresh = super::fresh::line(&visitor, &all).await?;
    let of = |category: ObservationCategory| -> Vec<&Item<Observation>> {
        all.iter().filter(|item| item.view.category == category).collect()
    };
    Ok(frame.page(
        Place::Findings,
        Place::Findings.name(),
        html! {
            h1 { (Place::Findings.name()) }
            (fresh)
            @if all.is_empty() { (nothing(say("findings.none"))) }
            @for category in ObservationCategory::ALL {
                @let items = of(*category);
                @if !items.is_empty() {
                    section.group { h2 { (name(*category)) } (super::observation::rows(frame, "findings", &items)) }
                }
            }
        },
    ))
}

fn name(category: ObservationCategory) -> &'static str {
    look_up(&format!("category.{}", category.code())).unwrap_or(say("findings.other"))
}
