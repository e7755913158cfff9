//! Documents: the list, and the reading page. Text only: no markup of a document ever reaches the browser as markup.

use axum::extract::Path;
use maud::{Markup, html};
use mychartum_core::chart::{Attachment, DocumentReference, Item, Section};
use mychartum_core::kernel::id::ItemId;
use mychartum_core::portal::{Disclosure, Page};

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
    Ok(frame.page(
        Place::Documents,
        Place::Documents.name(),
        html! {
            h1 { (Place::Documents.name()) }
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
    let languages = languages(&opened.chart, item.id).await?;
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
            article.card.reading { (attachments(&view.content, &languages)) }
            (source_line(frame, "documents", &item))
        },
    ))
}

/// The languages of a document's contents. The view leaves them out, so they are read from the original
/// (FHIR R4 `Attachment.language`, else `DocumentReference.language`); screen readers need them.
pub(crate) async fn languages(chart: &Disclosure, item: ItemId) -> Result<Vec<Option<String>>, Refusal> {
    let original = chart.original(Section::Documents, item).await?;
    Ok(original.map(|(_, bytes)| languages_in(&bytes)).unwrap_or_default())
}

fn languages_in(original: &[u8]) -> Vec<Option<String>> {
    let document: serde_json::Value = serde_json::from_slice(original).unwrap_or_default();
    let tag = |value: Option<&serde_json::Value>| {
        let text = value?.as_str()?;
        let is_tag = text.len() <= 35 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        (is_tag && text.len() >= 2).then(|| text.to_owned())
    };
    let whole = tag(document.get("language"));
    let contents = document.get("content").and_then(serde_json::Value::as_array);
    let of = |content: &serde_json::Value| tag(content.get("attachment").and_then(|part| part.get("language")));
    contents
        .map(|contents| contents.iter().map(|content| of(content).or_else(|| whole.clone())).collect())
        .unwrap_or_default()
}

/// The contents of a document: text as text, and for everything else what it is and where it stays.
pub(crate) fn attachments(content: &[Attachment], languages: &[Option<String>]) -> Markup {
    // Where the view has other parts than the original, nobody knows which language is whose.
    let language = |at: usize| languages.get(at).filter(|_| languages.len() == content.len()).cloned().flatten();
    html! {
        @if content.is_empty() { p.quiet { (say("documents.empty")) } }
        @for (at, part) in content.iter().enumerate() {
            @if content.len() > 1 { @if let Some(title) = &part.title { h3 { (title.as_str()) } } }
            @match &part.text {
                Some(text) => div lang=[language(at)] { (prose::paragraphs(text.as_str())) },
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_has_its_own_language_else_the_documents() {
        let original = br#"{"language":"en-US","content":[{"attachment":{"language":"es"}},{"attachment":{}}]}"#;
        assert_eq!(languages_in(original), [Some("es".to_owned()), Some("en-US".to_owned())]);
        assert_eq!(languages_in(br#"{"content":[{"attachment":{"language":"\" onload="}}]}"#), [None]);
        assert!(languages_in(b"not json").is_empty());
    }
}
