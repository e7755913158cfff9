//! One result, vital sign or other finding: its value, what to make of it, and where it has been.

use axum::extract::Path;
use maud::{Markup, html};
use mychartum_core::chart::{Component, Item, Observation, ReferenceRange, Section, Value};

use super::layout::Frame;
use super::parts::{back, heading, named, notes, observation_row, source_line};
use super::sections::Place;
use super::trends;
use crate::draw::number_line;
use crate::show::facts::Facts;
use crate::show::flag::{self, Flag, Says};
use crate::show::status::Progress;
use crate::show::{date, value};
use crate::web::refusal::{Answer, Refusal};
use crate::web::visitor::{Opened, Visitor, item_id};
use crate::words::{fill, say};

/// A result.
pub(crate) async fn result(visitor: Visitor, Path((patient, item)): Path<(String, String)>) -> Answer {
    let opened = visitor.open(&patient, &[Section::Results, Section::Visits]).await?;
    let id = item_id(&item)?;
    let item = opened.chart.result(id).await?.ok_or(Refusal::NotFound)?;
    let earlier = opened.chart.earlier_results(id).await?;
    show(&visitor, &opened, Place::Results, &item, &earlier).await
}

/// A vital sign.
pub(crate) async fn vital(visitor: Visitor, Path((patient, item)): Path<(String, String)>) -> Answer {
    let opened = visitor.open(&patient, &[Section::Vitals, Section::Visits]).await?;
    let id = item_id(&item)?;
    let item = opened.chart.vital(id).await?.ok_or(Refusal::NotFound)?;
    let earlier = opened.chart.earlier_vitals(id).await?;
    show(&visitor, &opened, Place::Vitals, &item, &earlier).await
}

/// Another finding.
pub(crate) async fn finding(visitor: Visitor, Path((patient, item)): Path<(String, String)>) -> Answer {
    let opened = visitor.open(&patient, &[Section::Findings, Section::Visits]).await?;
    let id = item_id(&item)?;
    let item = opened.chart.finding(id).await?.ok_or(Refusal::NotFound)?;
    let earlier = opened.chart.earlier_findings(id).await?;
    show(&visitor, &opened, Place::Findings, &item, &earlier).await
}

async fn show(
    visitor: &Visitor,
    opened: &Opened,
    place: Place,
    item: &Item<Observation>,
    earlier: &[Item<Observation>],
) -> Answer {
    let (frame, view) = (&opened.frame, &item.view);
    let sharing = super::sharing::part(visitor, opened, place, item.id).await?;
    let name = named(view.code.shown());
    let members = members(opened, place, item).await?;
    let trends = trends::of(opened, place, view).await?;
    let visit = super::visit::way(opened, &item.provenance, view.encounter.as_ref()).await?;
    Ok(frame.page(
        place,
        name,
        html! {
            (back(&frame.to(place.path()), place.name()))
            (heading(name, view.status.note()))
            @if let Some(sentence) = view.status.sentence() { p.notice { (sentence) } }
            @if members.is_empty() || !matches!(view.value, Value::Unstated) { (finding_card(view)) }
            @if !members.is_empty() {
                section.group {
                    h2 { (say("observation.members")) }
                    ul.rows { @for member in &members { (observation_row(frame, place.path(), member, false)) } }
                }
            }
            @if !view.notes.is_empty() { section.card { h2 { (say("observation.comments")) } (notes(&view.notes)) } }
            (trends)
            section.card { h2 { (say("part.about")) } (about(view, visit).shown()) }
            (versions(item, earlier))
            (sharing)
            (source_line(frame, place.path(), item))
        },
    ))
}

async fn members(opened: &Opened, place: Place, item: &Item<Observation>) -> Result<Vec<Item<Observation>>, Refusal> {
    let mut members = Vec::new();
    for to in &item.view.members {
        let id = opened.chart.item_id(&item.provenance, to);
        members.extend(match place {
            Place::Results => opened.chart.result(id).await?,
            Place::Vitals => opened.chart.vital(id).await?,
            _ => opened.chart.finding(id).await?,
        });
    }
    Ok(members)
}

fn finding_card(view: &Observation) -> Markup {
    let (flag, says) = flag::of(&view.value, &view.interpretation, &view.ranges);
    let is_panel = matches!(view.value, Value::Unstated) && !view.components.is_empty();
    html! {
        section.card.finding aria-label=(say("observation.value")) {
            @if is_panel {
                @if let Some((pressure, unit)) = value::pressure(view) {
                    p.big { span.number { (pressure) } " " span.unit { (unit) } }
                }
            } @else {
                p.big { (value::shown(&view.value)) }
                (judgement(&view.value, &view.ranges, flag, says))
            }
            @if !view.components.is_empty() { (components(&view.components)) }
            (as_received(view))
        }
    }
}

fn judgement(found: &Value, ranges: &[ReferenceRange], flag: Flag, says: Says) -> Markup {
    let is_missing = matches!(found, Value::Unstated | Value::Absent(_));
    let line = found.quantity().and_then(|amount| number_line::draw(amount, ranges, flag));
    html! {
        @if !is_missing { p.judgement { (flag.tag()) " " span.quiet { (says.words()) } } }
        @if let Some(line) = line { (line) }
        @let ranges: Vec<String> = ranges.iter().filter_map(value::range).collect();
        @if !ranges.is_empty() {
            p.ranges { (say("observation.range")) " " strong { (ranges.join("; ")) } }
        }
    }
}

fn components(parts: &[Component]) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-label=(say("observation.parts")) {
            table {
                caption { (say("observation.parts")) }
                thead {
                    tr {
                        th scope="col" { (say("column.part")) }
                        th scope="col" { (say("column.value")) }
                        th scope="col" { (say("column.range")) }
                        th scope="col" { (say("column.flag")) }
                    }
                }
                tbody {
                    @for part in parts {
                        @let (flag, _) = flag::of(&part.value, &part.interpretation, &part.ranges);
                        tr {
                            th scope="row" { (named(part.code.shown())) }
                            td { (value::shown(&part.value)) }
                            td { (part.ranges.iter().filter_map(value::range).collect::<Vec<_>>().join("; ")) }
                            td { (flag.tag()) }
                        }
                    }
                }
            }
        }
    }
}

/// The digits and units as the source sent them, one tap away.
fn as_received(view: &Observation) -> Markup {
    let amounts = std::iter::once((view.code.shown(), &view.value))
        .chain(view.components.iter().map(|part| (part.code.shown(), &part.value)))
        .filter_map(|(name, value)| value.quantity().map(|amount| (name, amount)));
    let amounts: Vec<_> = amounts.collect();
    html! {
        @if !amounts.is_empty() {
            details.exact {
                summary { (say("observation.exact")) }
                dl.facts {
                    @for (name, amount) in amounts {
                        div { dt { (named(name)) } dd { code { (amount.as_received()) } " " (amount.unit.shown()) } }
                        @if let Some(code) = amount.unit.code.as_ref().filter(|code| code.as_str() != amount.unit.shown()) {
                            div { dt { (say("fact.unit-code")) } dd { code { (code.as_str()) } } }
                        }
                    }
                }
            }
        }
    }
}

fn about(view: &Observation, visit: Option<Markup>) -> Facts {
    let known = Facts::new()
        .date("fact.taken", view.effective.as_ref())
        .date("fact.issued", view.issued.as_ref())
        .text("fact.specimen", view.specimen.as_ref().map_or("", |specimen| specimen.shown()))
        .label("fact.method", view.method.as_ref())
        .label("fact.site", view.body_site.as_ref())
        .parties("fact.performer", &view.performers);
    let known = match view.code.codings.first() {
        Some(coding) => known.with(
            "fact.code",
            html! { code { (coding.code.as_str()) } " " span.quiet { (system(coding.system.uri())) } },
        ),
        None => known,
    };
    match visit {
        Some(way) => known.with("fact.visit", way),
        None => known,
    }
}

fn system(uri: &str) -> &str {
    match uri {
        "http://loinc.org" => "LOINC",
        "http://snomed.info/sct" => "SNOMED CT",
        other => other,
    }
}

fn versions(item: &Item<Observation>, earlier: &[Item<Observation>]) -> Markup {
    let before = |version: &Item<Observation>| match &version.provenance.version.last_updated {
        Some(at) => date::shown(at),
        None => date::instant(version.provenance.received_at),
    };
    html! {
        @if !earlier.is_empty() {
            section.card {
                h2 { (say("observation.earlier")) }
                p { (fill("observation.now", &[("value", &value::words(&item.view.value))])) }
                ol.versions {
                    @for version in earlier {
                        li {
                            (before(version)) ": " strong { (value::words(&version.view.value)) } " "
                            (version.view.status.note())
                        }
                    }
                }
            }
        }
    }
}

/// A list of findings under a heading, as other pages show them.
pub(crate) fn rows(frame: &Frame, section: &str, items: &[&Item<Observation>]) -> Markup {
    html! { ul.rows { @for item in items { (observation_row(frame, section, item, true)) } } }
}
