//! Leaving and staying.

use axum::extract::{Form, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::Utc;
use maud::html;
use serde::Deserialize;

use super::layout::outside_page;
use crate::web::cookies;
use crate::web::house::Shared;
use crate::web::refusal::{Answer, Refusal, clear_site};
use crate::web::visitor::Visitor;
use crate::words::say;

/// A form with nothing but its token.
#[derive(Debug, Deserialize)]
pub(crate) struct Sent {
    #[serde(default)]
    token: String,
}

/// Why someone is signed out.
#[derive(Debug, Deserialize)]
pub(crate) struct Why {
    #[serde(default)]
    why: String,
}

/// Ends the session, and asks the browser to forget everything.
pub(crate) async fn leave(visitor: Visitor, Form(sent): Form<Sent>) -> Answer {
    if !is_own(&visitor.form_token, &sent) {
        return Err(Refusal::Foreign);
    }
    visitor.session.sign_out().await?;
    let mut response = Redirect::to("/signed-out?why=you").into_response();
    response.headers_mut().append(header::SET_COOKIE, cookies::CLEAR_SESSION);
    clear_site(&mut response);
    Ok(response)
}

/// Keeps the session alive; answers with the seconds that it now has, idle and at most.
pub(crate) async fn stay(visitor: Visitor, Form(sent): Form<Sent>) -> Answer {
    if !is_own(&visitor.form_token, &sent) {
        return Err(Refusal::Foreign);
    }
    let seconds = |until: chrono::DateTime<Utc>| (until - visitor.house.now()).num_seconds().max(0);
    let (idle, most) = (seconds(visitor.session.idle_until()), seconds(visitor.session.ends_at()));
    Ok(format!("{idle} {most}").into_response())
}

/// Both are made by this process from the same cookie, so comparing them tells a guesser nothing that lasts.
fn is_own(expected: &str, sent: &Sent) -> bool {
    subtle::ConstantTimeEq::ct_eq(expected.as_bytes(), sent.token.as_bytes()).into()
}

/// Says that someone is signed out, and why.
pub(crate) async fn left(State(house): State<Shared>, Query(why): Query<Why>) -> Response {
    let text = match why.why.as_str() {
        "idle" => say("signed-out.idle"),
        "old" => say("signed-out.old"),
        _ => say("signed-out.you"),
    };
    outside_page(
        say("signed-out.title"),
        house.is_demo,
        html! {
            div.door {
                h1 { (say("signed-out.title")) }
                p.lead { (text) }
                p { a.button href="/sign-in" { (say("signed-out.again")) } }
            }
        },
    )
    .into_response()
}
