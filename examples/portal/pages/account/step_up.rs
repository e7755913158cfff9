//! Proving anew who one is, before something that an intruder would do first.

use axum::extract::Query;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use maud::html;
use mychartum_core::account::{Factor, Password};
use mychartum_core::kernel::id::PatientId;
use mychartum_core::portal::{Proof, SteppedUp};
use serde::Deserialize;

use super::parts::{GUARDED, page, said};
use crate::pages::credentials::{codes_once, digits, recovery_field, token};
use crate::web::cookies;
use crate::web::refusal::{Answer, Refusal};
use crate::web::sent::Sent;
use crate::web::visitor::Visitor;
use crate::words::say;

/// Where to go on.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    to: String,
}

/// A page that asks for it: one of the account's, or a chart's people, by the chart's id. Anything else is the account's own page.
fn place(to: &str) -> String {
    let known = GUARDED.contains(&to) || to.parse::<PatientId>().is_ok();
    if known { to.to_owned() } else { String::new() }
}

/// Where a page is.
fn way_to(place: &str) -> String {
    match place {
        "" => "/account".to_owned(),
        page if GUARDED.contains(&page) => format!("/account/{page}"),
        chart => format!("/chart/{chart}/people"),
    }
}

/// The form.
pub(crate) async fn form(visitor: Visitor, Query(asked): Query<Asked>) -> Answer {
    shown(&visitor, &place(&asked.to), None).await
}

async fn shown(visitor: &Visitor, to: &str, why: Option<&str>) -> Answer {
    let factors = visitor.session.own_account().await.map_err(Refusal::from)?.factors;
    let start = |how: &str| {
        html! {
            (token(&visitor.form_token))
            input type="hidden" name="to" value=(to);
            input type="hidden" name="how" value=(how);
        }
    };
    let body = html! {
        p.lead { (say("step-up.lead")) }
        @if factors.is_empty() {
            form method="post" action="/account/step-up" {
                (start("password"))
                div.field {
                    label for="password" { (say("sign-in.password")) }
                    input #password name="password" type="password" autocomplete="current-password" required maxlength="256";
                }
                div.actions { button type="submit" { (say("form.continue")) } a.button.plain href="/account" { (say("form.cancel")) } }
            }
        } @else {
            @if factors.contains(Factor::Totp) {
                form method="post" action="/account/step-up" {
                    (start("totp"))
                    (digits(say("step.totp")))
                    div.actions { button type="submit" { (say("form.continue")) } a.button.plain href="/account" { (say("form.cancel")) } }
                }
            }
            details {
                summary { (say("step.lost")) }
                form method="post" action="/account/step-up" {
                    (start("recovery"))
                    (recovery_field())
                    div.actions { button type="submit" { (say("form.continue")) } }
                }
            }
        }
    };
    page(visitor, say("step-up.title"), why, body).await
}

/// The proof, sent. The session goes on under another token.
pub(crate) async fn prove(visitor: Visitor, sent: Sent) -> Answer {
    sent.is_from(&visitor)?;
    let (to, code) = (&*place(sent.one("to")), sent.one("code"));
    let password = Password::entered(sent.one("password"));
    let proof = match (sent.one("how"), &password) {
        ("totp", _) => Proof::Totp(code),
        ("recovery", _) => Proof::RecoveryCode(code),
        ("password", Ok(password)) => Proof::Password(password),
        _ => return shown(&visitor, to, Some(say("credential.wrong"))).await,
    };
    let SteppedUp { session, recovery_code } = match visitor.session.step_up(&proof).await {
        Ok(stepped) => stepped,
        Err(error) => {
            return match said(error, &visitor, to)? {
                Ok(text) => shown(&visitor, to, Some(&text)).await,
                Err(response) => Ok(response),
            };
        }
    };
    let way = &*way_to(to);
    let mut response = match recovery_code {
        None => Redirect::to(way).into_response(),
        Some(code) => {
            let codes = codes_once(&[code]);
            let title = say("codes.title");
            let body = html! { div.door { h1 { (title) } (codes) p { a.button href=(way) { (say("codes.kept")) } } } };
            (StatusCode::OK, crate::pages::layout::outside_page(title, visitor.house.is_demo, body)).into_response()
        }
    };
    let set = cookies::set(cookies::SESSION, session.expose()).ok_or(Refusal::Broken)?;
    response.headers_mut().append(header::SET_COOKIE, set);
    Ok(response)
}
