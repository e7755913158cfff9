//! Ending the account.

use axum::http::header;
use axum::response::{IntoResponse, Redirect};
use maud::html;

use super::parts::{page, step_up};
use crate::pages::credentials::token;
use crate::web::cookies;
use crate::web::refusal::{Answer, clear_site};
use crate::web::sent::Sent;
use crate::web::visitor::Visitor;
use crate::words::say;

/// Asks whether one is sure.
pub(crate) async fn form(visitor: Visitor) -> Answer {
    if visitor.session.is_fresh() { shown(&visitor, None).await } else { Ok(step_up("end")) }
}

async fn shown(visitor: &Visitor, why: Option<&str>) -> Answer {
    let body = html! {
        p.lead { (say("end.lead")) }
        p { (say("end.others")) }
        form method="post" action="/account/end" {
            (token(&visitor.form_token))
            div.check { input type="checkbox" name="sure" value="yes" id="sure" required; label for="sure" { (say("end.sure")) } }
            div.actions { button type="submit" { (say("end.title")) } a.button.plain href="/account" { (say("form.cancel")) } }
        }
    };
    page(visitor, say("end.title"), why, body).await
}

/// Ends it.
pub(crate) async fn end(visitor: Visitor, sent: Sent) -> Answer {
    sent.is_from(&visitor)?;
    if sent.one("sure") != "yes" {
        return shown(&visitor, Some(say("step.nothing"))).await;
    }
    if !visitor.session.is_fresh() {
        return Ok(step_up("end"));
    }
    visitor.session.deactivate().await?;
    let mut response = Redirect::to("/sign-in?said=ended").into_response();
    response.headers_mut().append(header::SET_COOKIE, cookies::CLEAR_SESSION);
    clear_site(&mut response);
    Ok(response)
}
