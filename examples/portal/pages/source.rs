//! Where an item came from, and the document as it was received.

use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use maud::html;
use mychartum_core::access::consent::Part2Accompaniment;
use mychartum_core::chart::{Provenance, Section};

use super::parts::{back, source_name};
use super::sections::Place;
use super::written;
use crate::show::date;
use crate::show::facts::Facts;
use crate::web::forms::hex;
use crate::web::refusal::{Answer, Refusal};
use crate::web::visitor::{Opened, Visitor, item_id};
use crate::words::{count, say};

/// The sections whose items have a page about their source, by their name in paths.
const SECTIONS: [(&str, Section, Place); 13] = [
    ("details", Section::Demographics, Place::Person),
    ("results", Section::Results, Place::Results),
    ("vitals", Section::Vitals, Place::Vitals),
    ("findings", Section::Findings, Place::Findings),
    ("reports", Section::Reports, Place::Results),
    ("medications", Section::Medications, Place::Medications),
    ("immunizations", Section::Immunizations, Place::Immunizations),
    ("conditions", Section::Conditions, Place::Conditions),
    ("allergies", Section::Allergies, Place::Allergies),
    ("visits", Section::Visits, Place::Visits),
    ("documents", Section::Documents, Place::Documents),
    ("procedures", Section::Procedures, Place::Procedures),
    ("appointments", Section::Appointments, Place::Appointments),
];

type Asked = Path<(String, String, String)>;

/// A document, and what has to go with it.
type Whole = (Vec<u8>, Option<Part2Accompaniment>);

async fn find(
    visitor: &Visitor,
    asked: &(String, String, String),
) -> Result<(Opened, Place, Provenance, Whole), Refusal> {
    let (patient, section, item) = asked;
    let known = SECTIONS.iter().find(|(path, ..)| path == section);
    let (_, section, place) = known.ok_or(Refusal::NotFound)?;
    let opened = visitor.open(patient, &[*section]).await?;
    let (from, original) = opened.chart.original(*section, item_id(item)?).await?.ok_or(Refusal::NotFound)?;
    Ok((opened, *place, from, original.with_accompaniment()))
}

/// The page.
pub(crate) async fn page(visitor: Visitor, Path(asked): Asked) -> Answer {
    let (opened, place, from, (original, part2)) = find(&visitor, &asked).await?;
    let frame = &opened.frame;
    let (_, section, item) = &asked;
    let has_own_page = ["results", "vitals", "findings", "reports", "visits", "documents"].contains(&section.as_str());
    let way_back = if has_own_page { frame.item(section, item) } else { frame.to(place.path()) };
    let bytes = count("count.bytes", original.len());
    let known = Facts::new()
        .text("fact.source", &source_name(from.source.as_str()))
        .with("fact.received", date::instant(from.received_at))
        .with("fact.source-id", html! { code { (from.source_type.as_str()) "/" (from.source_id.as_str()) } })
        .label("fact.source-version", from.version.id.as_ref())
        .date("fact.changed", from.version.last_updated.as_ref())
        .text("fact.size", &bytes)
        .with("fact.hash", html! { code.hash { (hex(&from.original_hash)) } });
    Ok(frame.page(
        place,
        say("source.title"),
        html! {
            (back(&way_back, say("source.back")))
            h1 { (say("source.title")) }
            section.card { (known.shown()) }
            section.card {
                h2 { (say("source.original")) }
                p { (say("source.explained")) }
                @if let Some(part2) = &part2 { div.notice { (written::explained(part2)) } }
                @match std::str::from_utf8(&original) {
                    Ok(text) => pre.original tabindex="0" role="region" aria-label=(say("source.original")) { (text) },
                    Err(_) => p.quiet { (say("source.no-text")) },
                }
                p { a.button href=(frame.to(&format!("{section}/{item}/original"))) download { (say("source.save")) } }
            }
        },
    ))
}

/// The document as a file. Never shown by the browser, whatever it is.
pub(crate) async fn original(visitor: Visitor, Path(asked): Asked) -> Answer {
    let (_, _, _, (original, part2)) = find(&visitor, &asked).await?;
    let Some(part2) = part2 else { return Ok(as_file(original, "original.json")) };
    // The notice goes with it, in the same file.
    let mut file = written::in_words(&part2).join("\n").into_bytes();
    file.extend_from_slice(b"\n\n");
    file.extend_from_slice(&original);
    Ok(as_file(file, "original-with-notice.txt"))
}

fn as_file(original: Vec<u8>, name: &str) -> Response {
    let mut response: Response = original.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    if let Ok(disposition) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}
