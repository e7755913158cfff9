//! Turning to a chart: by a form, with a new token for the session, and never by a link.

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};
use mychartum_core::kernel::id::PatientId;

use super::credentials::token;
use super::parts::back;
use crate::web::cookies;
use crate::web::refusal::{Answer, Refusal};
use crate::web::sent::Sent;
use crate::web::visitor::Visitor;
use crate::words::{fill, say};

/// A form that turns to a chart, around the button that sends it.
pub(crate) fn turn_form(form_token: &str, patient: PatientId, button: Markup) -> Markup {
    html! {
        form.turn method="post" action="/turn" {
            (token(form_token))
            input type="hidden" name="patient" value=(patient);
            (button)
        }
    }
}

/// Asks whether to turn to a chart: for whoever comes by a link.
pub(crate) async fn ask(visitor: Visitor, Path(patient): Path<String>) -> Answer {
    let patient = known(&visitor, &patient).await?;
    let is_own = visitor.session.patients().contains(&patient);
    let subjects = visitor.subjects().await?;
    let subject = subjects.iter().find(|subject| subject.patient == patient);
    let lead = match subject {
        Some(subject) if !is_own => fill("turn.lead", &[("name", &visitor.name_of(subject))]),
        _ => say("turn.own-lead").to_owned(),
    };
    Ok(visitor.frame().await?.plain(
        say("turn.title"),
        html! {
            (back("/charts", say("charts.title")))
            h1 { (say("turn.title")) }
            p.lead { (lead) }
            (turn_form(&visitor.form_token, patient, html! { div.actions { button type="submit" { (say("turn.go")) } } }))
        },
    ))
}

/// Turns to a chart. The session goes on under another token; forms of pages from before are worth nothing.
pub(crate) async fn turn(visitor: Visitor, sent: Sent) -> Answer {
    sent.is_from(&visitor)?;
    let patient = known(&visitor, sent.one("patient")).await?;
    let subject = Some(patient).filter(|patient| !visitor.session.patients().contains(patient));
    let charts: Vec<PatientId> = visitor.subjects().await?.iter().map(|subject| subject.patient).collect();
    let session = visitor.session.act_for(subject).await?;
    let next = visitor.house.forms.token(session.expose());
    visitor.house.names.carry(&visitor.house.forms, (&visitor.form_token, &next), &charts);
    let mut response = Redirect::to(&format!("/chart/{patient}")).into_response();
    let set = cookies::set(cookies::SESSION, session.expose()).ok_or(Refusal::Broken)?;
    response.headers_mut().append(header::SET_COOKIE, set);
    Ok(response)
}

/// A chart that the visitor may open: every other one is not there.
async fn known(visitor: &Visitor, patient: &str) -> Result<PatientId, Refusal> {
    let patient: PatientId = patient.parse().map_err(|_| Refusal::NotFound)?;
    let is_own = visitor.session.patients().contains(&patient);
    let acts = is_own || visitor.subjects().await?.iter().any(|subject| subject.patient == patient);
    if acts { Ok(patient) } else { Err(Refusal::NotFound) }
}
