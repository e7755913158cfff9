//! Vaccines, grouped by what they are against.

use axum::extract::Path;
use maud::{Markup, html};
use mychartum_core::chart::{Immunization, Item, Section};
use mychartum_core::kernel::CodeSystem;
use mychartum_core::portal::Page;

use super::layout::Frame;
use super::parts::{named, notes, nothing};
use super::sections::Place;
use crate::show::facts::Facts;
use crate::show::{date, value};
use crate::web::refusal::Answer;
use crate::web::visitor::Visitor;
use crate::words::{count, say};

/// The page.
pub(crate) async fn page(visitor: Visitor, Path(patient): Path<String>) -> Answer {
    let opened = visitor.open(&patient, &[Section::Immunizations]).await?;
    let frame = &opened.frame;
    let all = opened.chart.immunizations(Page::ALL).await?.items;
    let fresh = super::fresh::line(&visitor, &all).await?;
    let mut groups: Vec<(&str, Vec<&Item<Immunization>>)> = Vec::new();
    for item in &all {
        let same = |group: &&mut (&str, Vec<&Item<Immunization>>)| {
            group.1.first().is_some_and(|first| is_same(&first.view, &item.view))
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.1.push(item),
            None => groups.push((named(item.view.vaccine.shown()), vec![item])),
        }
    }
    groups.sort_by_key(|(name, _)| name.to_lowercase());
    Ok(frame.page(
        Place::Immunizations,
        Place::Immunizations.name(),
        html! {
            h1 { (Place::Immunizations.name()) }
            (fresh)
            @if groups.is_empty() { (nothing(say("immunizations.none"))) }
            @for (name, doses) in &groups {
                section.card {
                    div.group-head { h2 { (name) } p.meta { (count("count.doses", doses.len())) } }
                    ul.doses { @for dose in doses { li { (shown(frame, dose)) } } }
                }
            }
        },
    ))
}

/// The same vaccine: by CVX code where both have one, else by name.
fn is_same(a: &Immunization, b: &Immunization) -> bool {
    match (a.vaccine.code_in(&CodeSystem::Cvx), b.vaccine.code_in(&CodeSystem::Cvx)) {
        (Some(a), Some(b)) => a == b,
        _ => a.vaccine.shown().eq_ignore_ascii_case(b.vaccine.shown()),
    }
}

fn shown(frame: &Frame, item: &Item<Immunization>) -> Markup {
    let view = &item.view;
    let dose = view.dose.as_ref().map(|dose| format!("{} {}", dose.value.for_people(), value::unit(dose)));
    let known = Facts::new()
        .label("fact.dose-number", view.dose_number.as_ref())
        .text("fact.dose", dose.as_deref().unwrap_or_default().trim())
        .label("fact.lot", view.lot.as_ref())
        .label("fact.site", view.site.as_ref())
        .parties("fact.given-by", &view.performers)
        .parties("fact.place", &view.location);
    html! {
        details {
            summary {
                @match (&view.occurrence, &view.occurrence_text) {
                    (Some(at), _) => (date::shown_day(at)),
                    (None, Some(words)) => (words.as_str()),
                    (None, None) => (say("date.unknown")),
                }
            }
            (known.shown())
            (notes(&view.notes))
            (super::parts::source_line(frame, "immunizations", item))
        }
    }
}
