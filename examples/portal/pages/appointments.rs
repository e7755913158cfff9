//! Appointments: those ahead, soonest first, and those behind.

use axum::extract::Path;
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use mychartum_core::chart::{Appointment, AppointmentStatus, Item, Section};
use mychartum_core::portal::Page;

use super::layout::Frame;
use super::parts::{named, nothing, source_line};
use super::sections::Place;
use crate::show::facts::{Facts, names};
use crate::show::status::Progress;
use crate::show::{date, prose};
use crate::web::refusal::Answer;
use crate::web::visitor::Visitor;
use crate::words::say;

/// The page.
pub(crate) async fn page(visitor: Visitor, Path(patient): Path<String>) -> Answer {
    let opened = visitor.open(&patient, &[Section::Appointments]).await?;
    let frame = &opened.frame;
    let all = opened.chart.appointments(Page::ALL).await?.items;
    let fresh = super::fresh::line(&visitor, &all).await?;
    let now = visitor.house.now();
    let ahead = ahead(&all, now);
    let behind: Vec<_> = all.iter().filter(|item| !is_ahead(&item.view, now)).collect();
    Ok(frame.page(
        Place::Appointments,
        Place::Appointments.name(),
        html! {
            h1 { (Place::Appointments.name()) }
            (fresh)
            section.group {
                h2 { (say("appointments.ahead")) }
                @if ahead.is_empty() { (nothing(say("appointments.none"))) }
                ul.cards { @for item in ahead { li { (card(frame, item)) } } }
            }
            @if !behind.is_empty() {
                section.group {
                    h2 { (say("appointments.behind")) }
                    ul.cards { @for item in behind { li { (card(frame, item)) } } }
                }
            }
        },
    ))
}

/// What lies ahead, soonest first; what has no time comes last.
pub(crate) fn ahead(all: &[Item<Appointment>], now: DateTime<Utc>) -> Vec<&Item<Appointment>> {
    let mut ahead: Vec<_> = all.iter().filter(|item| is_ahead(&item.view, now)).collect();
    ahead.sort_by_key(|item| item.view.start.as_ref().map_or(i64::MAX, |start| start.order()));
    ahead
}

fn is_ahead(view: &Appointment, now: DateTime<Utc>) -> bool {
    let is_open =
        !matches!(view.status, AppointmentStatus::Fulfilled | AppointmentStatus::NoShow | AppointmentStatus::Cancelled);
    is_open && view.start.as_ref().is_none_or(|start| start.upper() > now)
}

fn card(frame: &Frame, item: &Item<Appointment>) -> Markup {
    let view = &item.view;
    let is_said = |text: &&str| !view.reasons.iter().any(|reason| reason.shown() == *text);
    let description = view.description.as_ref().map(|text| text.as_str()).filter(is_said).unwrap_or_default();
    let known = Facts::new()
        .parties("fact.with", &view.participants)
        .concepts("fact.for", &view.reasons)
        .text("fact.about", description)
        .date("fact.ends", view.end.as_ref());
    html! {
        article.card {
            h3 { (named(view.title())) " " (view.status.note()) }
            p.big-date { @match &view.start { Some(start) => (date::shown_with_zone(start)), None => (say("date.unknown")) } }
            (known.shown())
            @if let Some(text) = &view.instructions {
                div.notes { h4 { (say("appointments.bring")) } (prose::paragraphs(text.as_str())) }
            }
            (source_line(frame, "appointments", item))
        }
    }
}

/// A short entry for the first page.
pub(crate) fn short(view: &Appointment) -> Markup {
    let with = names(&view.participants);
    html! {
        strong { (named(view.title())) }
        span { @match &view.start { Some(start) => (date::shown(start)), None => (say("date.unknown")) } }
        @if !with.is_empty() { span.quiet { (with) } }
    }
}
