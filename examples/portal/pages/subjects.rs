//! Whose chart: the first step after signing in, the choice of charts, and for whom one acts.

use axum::extract::Path;
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};
use mychartum_core::access::AccessError;
use mychartum_core::access::grant::GrantState;
use mychartum_core::audit::Purpose;
use mychartum_core::chart::Section;
use mychartum_core::kernel::id::{GrantId, PatientId};
use mychartum_core::portal::{ActingFor, Page};

use super::layout::Whose;
use super::parts::{back, nothing};
use super::turn::turn_form;
use crate::show::{date, grants, rights};
use crate::web::refusal::{Answer, Refusal};
use crate::web::sent::Sent;
use crate::web::visitor::Visitor;
use crate::words::{fill, say};

/// The first page: the one chart, a choice of charts, the clinic, or the sign-in form.
pub(crate) async fn start(visitor: Visitor) -> Answer {
    if visitor.is_staff() {
        return Ok(Redirect::to("/clinic").into_response());
    }
    let subjects = visitor.subjects().await?;
    let own = visitor.session.patients().iter().copied();
    let all: Vec<PatientId> = own.chain(subjects.iter().map(|subject| subject.patient)).collect();
    match all.as_slice() {
        [only] if visitor.is_turned_to(*only) => Ok(Redirect::to(&format!("/chart/{only}")).into_response()),
        _ => Ok(Redirect::to("/charts").into_response()),
    }
}

/// A chart to choose.
struct Door {
    patient: PatientId,
    whose: Whose,
    /// What the visitor is to the patient; nothing for the own chart.
    relation: Option<String>,
}

/// The charts that someone may choose from: the own one first, then those of the people they act for.
pub(crate) async fn charts(visitor: Visitor) -> Answer {
    let mut doors = Vec::new();
    for patient in visitor.session.patients() {
        if let Some(whose) = whose(&visitor, *patient).await? {
            doors.push(Door { patient: *patient, whose, relation: None });
        }
    }
    for subject in visitor.subjects().await? {
        let whose =
            if subject.sections.has(Section::Demographics) { whose(&visitor, subject.patient).await? } else { None };
        let unnamed = || Whose { name: grants::the_other(subject.relation).to_owned(), born: None };
        let relation = fill("charts.as", &[("relation", grants::relation(subject.relation))]);
        doors.push(Door { patient: subject.patient, whose: whose.unwrap_or_else(unnamed), relation: Some(relation) });
    }
    let frame = visitor.frame().await?;
    Ok(frame.plain(
        say("charts.title"),
        html! {
            h1 { (say("charts.title")) }
            @if doors.is_empty() { p.lead { (say("charts.none")) } }
            ul.doors { @for door in &doors { li { (turn_form(&visitor.form_token, door.patient, shown(door))) } } }
            @if frame.acts { p { a href="/acting" { (say("acting.title")) } } }
        },
    ))
}

fn shown(door: &Door) -> Markup {
    html! {
        button.door-of type="submit" {
            strong { (door.whose.name) }
            @if let Some(born) = &door.whose.born { span { (say("frame.born")) " " (date::words(born)) } }
            " "
            span.tag { @match &door.relation { Some(relation) => (relation), None => (say("charts.own")) } }
        }
    }
}

/// The name and date of birth, where they may be seen now.
async fn whose(visitor: &Visitor, patient: PatientId) -> Result<Option<Whose>, Refusal> {
    let permit = match visitor.session.ask(patient, Section::Demographics, Purpose::Care).await {
        Ok(permit) => permit,
        Err(AccessError::NotFound) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let chart = visitor.house.portal.disclose(permit)?;
    let sources = chart.demographics(Page::ALL).await?.items;
    if sources.is_empty() {
        return Ok(None);
    }
    let whose = Whose::of(&sources);
    visitor.house.names.shown(&visitor.house.forms, &visitor.form_token, patient, &whose.name);
    Ok(Some(whose))
}

/// For whom one acts, and how to stop.
pub(crate) async fn acting(visitor: Visitor) -> Answer {
    let all = visitor.session.acting_for().await?;
    let subjects = visitor.subjects().await?;
    let name = |patient: PatientId| {
        subjects.iter().find(|one| one.patient == patient).map(|one| visitor.name_of(one)).unwrap_or_default()
    };
    let frame = visitor.frame().await?;
    Ok(frame.plain(
        say("acting.title"),
        html! {
            h1 { (say("acting.title")) }
            p.lead { (say("acting.lead")) }
            @if all.is_empty() { (nothing(say("acting.none"))) }
            ul.cards {
                @for one in &all {
                    li { article.card {
                        h2 { (turn_form(&visitor.form_token, one.patient, html! { button.as-link type="submit" { (name(one.patient)) } })) }
                        (known(one))
                        div.actions { a.button.plain href={ "/acting/" (one.grant) "/resign" } { (say("acting.resign")) span.unseen { ": " (name(one.patient)) } } }
                    } }
                }
            }
        },
    ))
}

fn known(one: &ActingFor) -> Markup {
    let until =
        one.until.map_or(say("grant.no-end").to_owned(), |until| fill("grant.until", &[("day", &grants::day(until))]));
    html! {
        dl.facts {
            div { dt { (say("acting.as")) } dd { (grants::relation(one.relation)) } }
            div { dt { (say("grant.basis")) } dd { (grants::basis(one.basis)) } }
            div { dt { (say("acting.sections")) } dd { (rights::sections_in_words(one.sections)) } }
            div { dt { (say("grant.time")) } dd { (until) } }
        }
        @if one.state == GrantState::Disputed { p.notice { (say("frame.dispute")) } }
    }
}

/// Asks whether one is sure.
pub(crate) async fn ask_resign(visitor: Visitor, Path(grant): Path<String>) -> Answer {
    let one = find(&visitor, &grant).await?;
    let subjects = visitor.subjects().await?;
    let name = subjects.iter().find(|subject| subject.patient == one.patient).map(|subject| visitor.name_of(subject));
    let values = [("name", name.as_deref().unwrap_or_default())];
    Ok(visitor.frame().await?.plain(
        say("acting.resign"),
        html! {
            (back("/acting", say("acting.title")))
            h1 { (say("acting.resign")) }
            p.lead { (fill("acting.resign-sure", &values)) }
            form method="post" action={ "/acting/" (grant) "/resign" } {
                input type="hidden" name="token" value=(visitor.form_token);
                div.actions {
                    button type="submit" { (say("acting.resign")) }
                    a.button.plain href="/acting" { (say("form.cancel")) }
                }
            }
        },
    ))
}

/// Gives the access back.
pub(crate) async fn resign(visitor: Visitor, Path(grant): Path<String>, sent: Sent) -> Answer {
    sent.is_from(&visitor)?;
    let one = find(&visitor, &grant).await?;
    visitor.session.resign(one.patient, one.grant).await?;
    Ok(Redirect::to("/acting").into_response())
}

async fn find(visitor: &Visitor, grant: &str) -> Result<ActingFor, Refusal> {
    let id: GrantId = grant.parse().map_err(|_| Refusal::NotFound)?;
    let all = visitor.session.acting_for().await?;
    all.into_iter().find(|one| one.grant == id).ok_or(Refusal::NotFound)
}
