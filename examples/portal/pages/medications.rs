//! Medications: what is taken now, and what was taken earlier.

use axum::extract::Path;
use maud::{Markup, html};
use mychartum_core::chart::{Item, MedicationRequest, MedicationStatus, MedicationUse, Section};
use mychartum_core::portal::Page;

use super::layout::Frame;
use super::parts::{named, notes, nothing, source_line};
use super::sections::Place;
use crate::show::facts::Facts;
use crate::show::prose;
use crate::show::status::Progress;
use crate::web::refusal::Answer;
use crate::web::visitor::Visitor;
use crate::words::{count, say};

/// The page.
pub(crate) async fn page(visitor: Visitor, Path(patient): Path<String>) -> Answer {
    let opened = visitor.open(&patient, &[Section::Medications]).await?;
    let frame = &opened.frame;
    let all = opened.chart.medications(Page::ALL).await?.items;
    let fresh = super::fresh::line(&visitor, &all).await?;
    let (now, earlier): (Vec<_>, Vec<_>) = all.iter().partition(|item| item.view.in_use() == MedicationUse::Active);
    Ok(frame.page(
        Place::Medications,
        Place::Medications.name(),
        html! {
            h1 { (Place::Medications.name()) }
            (fresh)
            p.lead { (say("medications.ask")) }
            section.group {
                h2 { (say("medications.now")) }
                @if now.is_empty() { (nothing(say("medications.none-now"))) }
                ul.cards { @for item in now { li { (card(frame, item)) } } }
            }
            @if !earlier.is_empty() {
                section.group {
                    h2 { (say("medications.earlier")) }
                    ul.cards { @for item in earlier { li { (card(frame, item)) } } }
                }
            }
        },
    ))
}

fn card(frame: &Frame, item: &Item<MedicationRequest>) -> Markup {
    let view = &item.view;
    html! {
        article.card {
            h3 { (named(view.shown())) " " (state(view)) }
            @if view.dosage.is_empty() { p.quiet { (say("medications.no-dosage")) } }
            @for dosage in &view.dosage { (prose::paragraphs(dosage.as_str())) }
            (known(view).shown())
            (notes(&view.notes))
            (source_line(frame, "medications", item))
        }
    }
}

/// How a prescription stands, where the heading above it does not say so already.
fn state(view: &MedicationRequest) -> Markup {
    match view.status {
        MedicationStatus::Active => html! {},
        other => other.note(),
    }
}

fn known(view: &MedicationRequest) -> Facts {
    let refills = view.refills.map(|number| count("count.refills", usize::try_from(number).unwrap_or(usize::MAX)));
    Facts::new()
        .concepts("fact.for", &view.reasons)
        .date("fact.prescribed", view.authored.as_ref())
        .parties("fact.prescriber", &view.requester)
        .text("fact.refills", refills.as_deref().unwrap_or_default())
        .date("fact.until", view.valid_until.as_ref())
}
