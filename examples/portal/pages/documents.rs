//! Documents: the list, and the reading page. Text only: no markup of a document ever reaches the browser as markup.

use axum::extract::Path;
use maud::{Markup, html};
use mychartum_core::chart::{Attachment, DocumentReference, Item, Section};
use mychartum_core::portal::Page;

use super::parts::{back, heading, named, nothing, source_line};
use super::sections::Place;
use crate::show::facts::{Facts, names};
use crate::show::{date, prose};
use crate::web::refusal::{Answer, Refusal};
use crate::web::visitor::{Visitor, item_id};
use crate::words::{count, fill, say};

/// The list.
pub(crate) async fn list(visitor: Visitor, Path(patient): Path<String>) -> Answer {
    let opened = visitor.open(&patient, &[Section::Documents]).await?;
    let frame = &opened.frame;
    let all = opened.chart.documents(Page::ALL).await?.items;
    let fresh = super::fresh::line(&visitor, &all).await?;
    Ok(frame.page(
        Place::Documents,
        Place::Documents.name(),
        html! {
            h1 { (Place::Documents.name()) }
            (fresh)
            @if all.is_empty() { (nothing(say("documents.none"))) }
            @else { ul.rows {
                @for item in &all { li { a.row.wide href=(frame.item("documents", item.id)) { (entry(item)) } } }
            } }
        },
    ))
}

fn entry(item: &Item<DocumentReference>) -> Markup {
    let view = &item.view;
    let authors = names(&view.authors);
    let text = view.content.iter().find_map(|content| content.text.as_ref());
    html! {
        span.what {
            (named(view.title()))
            span.when { (date::shown_or_unknown(view.date.as_ref())) @if !authors.is_empty() { ", " (authors) } }
            @if let Some(text) = text { span.begin { (prose::beginning(text.as_str(), 140)) } }
        }
        @if view.is_discharge_instruction() { span.state { span.tag { (say("documents.instructions")) } } }
    }
}

/// The reading page.
pub(crate) async fn page(visitor: Visitor, Path((patient, document)): Path<(String, String)>) -> Answer {
    let opened = visitor.open(&patient, &[Section::Documents, Section::Visits]).await?;
    let frame = &opened.frame;
    let item = opened.chart.document(item_id(&document)?).await?.ok_or(Refusal::NotFound)?;
    let view = &item.view;
    let visit = super::visit::way(&opened, &item.provenance, view.encounter.as_ref()).await?;
    let known = Facts::new()
        .date("fact.written", view.date.as_ref())
        .parties("fact.author", &view.authors)
        .parties("fact.keeper", &view.custodian)
        .text("fact.about", view.description.as_ref().map_or("", |text| text.as_str()));
    let known = match visit {
        Some(way) => known.with("fact.visit", way),
        None => known,
    };
    Ok(frame.page(
        Place::Documents,
        named(view.title()),
        html! {
            (back(&frame.to("documents"), Place::Documents.name()))
            (heading(named(view.title()), html! {}))
            (known.shown())
            article.card.reading { (attachments(&view.content)) }
            (source_line(frame, "documents", &item))
        },
    ))
}

/// The contents of a document: text as text, and for everything else what it is and where it stays.
pub(crate) fn attachments(content: &[Attachment]) -> Markup {
    html! {
        @if content.is_empty() { p.quiet { (say("documents.empty")) } }
        @for part in content {
            @if content.len() > 1 { @if let Some(title) = &part.title { h3 { (title.as_str()) } } }
            @match &part.text {
                Some(text) => div lang=[part.language.as_ref().map(|tag| tag.as_str())] { (prose::paragraphs(text.as_str())) },
                None => p.quiet { (elsewhere(part)) },
            }
        }
    }
}

fn elsewhere(part: &Attachment) -> String {
    let kind = part.media_type.as_ref().map_or(say("documents.unknown-kind"), |kind| kind.as_str());
    match (part.bytes, &part.elsewhere) {
        (0, Some(_)) => fill("documents.elsewhere", &[("kind", kind)]),
        (0, None) => say("documents.empty").to_owned(),
        (bytes, _) => {
            let size = count("count.bytes", usize::try_from(bytes).unwrap_or(usize::MAX));
            fill("documents.no-text", &[("kind", kind), ("size", &size)])
        }
    }
}
