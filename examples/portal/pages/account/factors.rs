//! Second factors: an authenticator app, and recovery codes.

use axum::response::{IntoResponse, Redirect};
use maud::html;
use mychartum_core::account::{Factor, RecoveryCode};

use super::parts::{page, said, step_up};
use crate::pages::credentials::{codes_once, digits, picture, token};
use crate::web::refusal::{Answer, Refusal};
use crate::web::sent::Sent;
use crate::web::visitor::Visitor;
use crate::words::say;

/// Setting an app up, or removing it.
pub(crate) async fn app(visitor: Visitor) -> Answer {
    if visitor.session.is_fresh() { app_shown(&visitor, None).await } else { Ok(step_up("app")) }
}

async fn app_shown(visitor: &Visitor, why: Option<&str>) -> Answer {
    let account = visitor.session.own_account().await.map_err(Refusal::from)?;
    if account.factors.contains(Factor::Totp) {
        let body = html! {
            p.lead { (say("app.remove-lead")) }
            form method="post" action="/account/app/remove" {
                (token(&visitor.form_token))
                div.actions { button type="submit" { (say("app.remove")) } a.button.plain href="/account" { (say("form.cancel")) } }
            }
        };
        return page(visitor, say("app.remove"), why, body).await;
    }
    let secret = match visitor.session.begin_totp().await {
        Ok(secret) => secret,
        Err(error) => {
            return match said(error, visitor, "app")? {
                Ok(text) => page(visitor, say("app.title"), Some(&text), html! {}).await,
                Err(response) => Ok(response),
            };
        }
    };
    let body = html! {
        p.lead { (say("app.lead")) }
        (picture(&secret, account.username.as_ref()))
        form method="post" action="/account/app" {
            (token(&visitor.form_token))
            (digits(say("app.first-code")))
            div.actions { button type="submit" { (say("app.finish")) } a.button.plain href="/account" { (say("form.cancel")) } }
        }
    };
    page(visitor, say("app.title"), why, body).await
}

/// The first code of the app.
pub(crate) async fn enrol(visitor: Visitor, sent: Sent) -> Answer {
    sent.is_from(&visitor)?;
    match visitor.session.enrol_totp(sent.one("code")).await {
        Ok(codes) => codes_shown(&visitor, &codes).await,
        Err(error) => match said(error, &visitor, "app")? {
            Ok(text) => app_shown(&visitor, Some(&text)).await,
            Err(response) => Ok(response),
        },
    }
}

/// Removes the app.
pub(crate) async fn remove(visitor: Visitor, sent: Sent) -> Answer {
    sent.is_from(&visitor)?;
    match visitor.session.remove_factor(Factor::Totp, None).await {
        Ok(()) => Ok(Redirect::to("/account?done=app-removed").into_response()),
        Err(error) => match said(error, &visitor, "app")? {
            Ok(text) => app_shown(&visitor, Some(&text)).await,
            Err(response) => Ok(response),
        },
    }
}

async fn codes_shown(visitor: &Visitor, codes: &[RecoveryCode]) -> Answer {
    let body = html! {
        @if codes.is_empty() { p.notice.good { (say("app.done")) } } @else { (codes_once(codes)) }
        p { a.button href="/account" { (say("codes.kept")) } }
    };
    page(visitor, say("codes.title"), None, body).await
}

/// Asks whether to make new recovery codes.
pub(crate) async fn codes(visitor: Visitor) -> Answer {
    if visitor.session.is_fresh() { codes_form(&visitor, None).await } else { Ok(step_up("codes")) }
}

async fn codes_form(visitor: &Visitor, why: Option<&str>) -> Answer {
    let body = html! {
        p.lead { (say("codes.new-lead")) }
        form method="post" action="/account/codes" {
            (token(&visitor.form_token))
            div.actions { button type="submit" { (say("codes.new")) } a.button.plain href="/account" { (say("form.cancel")) } }
        }
    };
    page(visitor, say("codes.new"), why, body).await
}

/// Makes new recovery codes, and shows them once.
pub(crate) async fn make_codes(visitor: Visitor, sent: Sent) -> Answer {
    sent.is_from(&visitor)?;
    match visitor.session.new_recovery_codes().await {
        Ok(codes) => codes_shown(&visitor, &codes).await,
        Err(error) => match said(error, &visitor, "codes")? {
            Ok(text) => codes_form(&visitor, Some(&text)).await,
            Err(response) => Ok(response),
        },
    }
}
