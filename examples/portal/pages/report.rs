//! One report: what it concludes, its text, and its results.

use axum::extract::Path;
use maud::html;
use mychartum_core::chart::Section;

use super::documents::attachments;
use super::parts::{back, heading, named, observation_row, source_line};
use super::sections::Place;
use crate::show::facts::Facts;
use crate::show::prose;
use crate::show::status::Progress;
use crate::web::refusal::{Answer, Refusal};
use crate::web::visitor::{Visitor, item_id};
use crate::words::say;

/// The page.
pub(crate) async fn page(visitor: Visitor, Path((patient, report)): Path<(String, String)>) -> Answer {
    let opened = visitor.open(&patient, &[Section::Reports, Section::Results, Section::Visits]).await?;
    let (frame, chart) = (&opened.frame, &opened.chart);
    let item = chart.report(item_id(&report)?).await?.ok_or(Refusal::NotFound)?;
    let view = &item.view;
    let mut results = Vec::new();
    for to in view.results.iter().filter(|_| opened.has(Section::Results)) {
        results.extend(chart.result(chart.item_id(&item.provenance, to)).await?);
    }
    let visit = super::visit::way(&opened, &item.provenance, view.encounter.as_ref()).await?;
    let known = Facts::new()
        .date("fact.taken", view.effective.as_ref())
        .date("fact.issued", view.issued.as_ref())
        .parties("fact.performer", &view.performers)
        .concepts("fact.category", &view.categories);
    let known = match visit {
        Some(way) => known.with("fact.visit", way),
        None => known,
    };
    Ok(frame.page(
        Place::Results,
        named(view.code.shown()),
        html! {
            (back(&frame.to("results"), Place::Results.name()))
            (heading(named(view.code.shown()), view.status.note()))
            @if let Some(sentence) = view.status.sentence() { p.notice { (sentence) } }
            @if let Some(conclusion) = &view.conclusion {
                section.card { h2 { (say("report.conclusion")) } (prose::paragraphs(conclusion.as_str())) }
            }
            @if !results.is_empty() {
                section.group {
                    h2 { (say("report.results")) }
                    ul.rows { @for result in &results { (observation_row(frame, "results", result, false)) } }
                }
            }
            @if !view.presented.is_empty() {
                section.card { h2 { (say("report.text")) } (attachments(&view.presented)) }
            }
            section.card { h2 { (say("part.about")) } (known.shown()) }
            (source_line(frame, "reports", &item))
        },
    ))
}
