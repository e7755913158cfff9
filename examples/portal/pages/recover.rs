//! Getting back in, and shutting others out: a new password by a link, "this wasn't me", and a recovery that is cancelled.
//!
//! Opening a link of a message changes nothing: programs that look at mail open links too. A button does it.

use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use mychartum_core::account::{LinkToken, Password, SignInError};
use mychartum_core::portal::RecoveryError;

use super::activate::Linked;
use super::credentials::{account_trouble, new_password, password_trouble, token, trouble, wait};
use super::sign_in::refused;
use crate::web::caller::Caller;
use crate::web::refusal::{Answer, Refusal};
use crate::web::sent::Sent;
use crate::words::say;

/// What is asked for by name or address.
#[derive(Debug, Clone, Copy)]
enum Lost {
    Password,
    Name,
}

impl Lost {
    const fn path(self) -> &'static str {
        match self {
            Self::Password => "/forgot",
            Self::Name => "/forgot-name",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Password => say("sign-in.forgot"),
            Self::Name => say("sign-in.forgot-name"),
        }
    }

    fn lead(self) -> &'static str {
        match self {
            Self::Password => say("forgot.lead"),
            Self::Name => say("forgot.lead-name"),
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Password => say("forgot.who"),
            Self::Name => say("forgot.address"),
        }
    }
}

/// The form of somebody who forgot the password.
pub(crate) async fn forgot(caller: Caller) -> Answer {
    Ok(lost(&caller, StatusCode::OK, Lost::Password, None))
}

/// The form of somebody who forgot the name.
pub(crate) async fn forgot_name(caller: Caller) -> Answer {
    Ok(lost(&caller, StatusCode::OK, Lost::Name, None))
}

fn lost(caller: &Caller, status: StatusCode, what: Lost, why: Option<&str>) -> Response {
    let body = html! {
        div.door.wide {
            h1 { (what.title()) }
            (trouble(why))
            p.lead { (what.lead()) }
            form method="post" action=(what.path()) {
                (token(&caller.form_token()))
                label for="who" { (what.label()) }
                input #who name="who" type="text" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="254";
                button type="submit" { (say("forgot.send")) }
            }
            p { a href="/sign-in" { (say("form.cancel")) } }
        }
    };
    caller.page(status, what.title(), body)
}

/// Sends a link to choose a new password, if there is an account; says the same if not.
pub(crate) async fn send_reset(caller: Caller, sent: Sent) -> Answer {
    caller.sent(&sent)?;
    let asked = caller.house.portal.request_reset(sent.one("who"), &caller.knock()).await;
    requested(&caller, Lost::Password, asked)
}

/// Sends the name to sign in with, if there is an account; says the same if not.
pub(crate) async fn send_name(caller: Caller, sent: Sent) -> Answer {
    caller.sent(&sent)?;
    let asked = caller.house.portal.request_username(sent.one("who"), &caller.knock()).await;
    requested(&caller, Lost::Name, asked)
}

fn requested(caller: &Caller, what: Lost, asked: Result<(), RecoveryError>) -> Answer {
    match asked {
        Ok(()) => Ok(said(caller, StatusCode::OK, say("forgot.sent"), say("forgot.sent-text"))),
        Err(RecoveryError::Wait(over)) => {
            let text = wait(over, &caller.house);
            Ok(refused(caller, &SignInError::Wait(over), |status| lost(caller, status, what, Some(&text))))
        }
        Err(_) => Err(Refusal::Broken),
    }
}

fn said(caller: &Caller, status: StatusCode, title: &str, text: &str) -> Response {
    let body = html! {
        div.door.wide {
            h1 { (title) }
            p.lead { (text) }
            p { a.button href="/sign-in" { (say("sign-in.title")) } }
        }
    };
    caller.page(status, title, body)
}

/// One page for every link that is worth nothing.
fn worthless(caller: &Caller) -> Response {
    said(caller, StatusCode::UNPROCESSABLE_ENTITY, say("link.over"), say("link.over-text"))
}

/// The form for a new password. It looks at nothing.
pub(crate) async fn reset_form(caller: Caller, Query(linked): Query<Linked>) -> Answer {
    Ok(reset_page(&caller, StatusCode::OK, None, &linked.t))
}

fn reset_page(caller: &Caller, status: StatusCode, why: Option<&str>, link: &str) -> Response {
    let title = say("reset.title");
    let policy = caller.house.portal.policy().accounts();
    let body = html! {
        div.door.wide {
            h1 { (title) }
            (trouble(why))
            p.lead { (say("reset.lead")) }
            form method="post" action="/reset" {
                (token(&caller.form_token()))
                input type="hidden" name="t" value=(link);
                (new_password(usize::from(policy.password_alone)))
                button type="submit" { (say("reset.button")) }
            }
        }
    };
    caller.page(status, title, body)
}

/// The new password, sent.
pub(crate) async fn reset(caller: Caller, sent: Sent) -> Answer {
    caller.sent(&sent)?;
    let (link, house) = (sent.one("t"), &caller.house);
    let again = |why: &str| reset_page(&caller, StatusCode::UNPROCESSABLE_ENTITY, Some(why), link);
    let password = match Password::entered(sent.one("password")) {
        Ok(password) => password,
        Err(error) => return Ok(again(&password_trouble(error))),
    };
    match house.portal.reset(&LinkToken::presented(link), &password, &caller.knock()).await {
        Ok(()) => Ok(Redirect::to("/sign-in?said=password").into_response()),
        Err(RecoveryError::Refused) => Ok(worthless(&caller)),
        Err(RecoveryError::Account(error)) => {
            Ok(again(&account_trouble(&error, house).ok_or_else(|| Refusal::from(error))?))
        }
        Err(RecoveryError::Wait(over)) => {
            let text = wait(over, house);
            let page = |status| reset_page(&caller, status, Some(&text), link);
            Ok(refused(&caller, &SignInError::Wait(over), page))
        }
        Err(RecoveryError::Failure(_)) => Err(Refusal::Broken),
    }
}

fn button(caller: &Caller, action: &str, link: &str, title: &str, text: &str) -> Markup {
    html! {
        div.door.wide {
            h1 { (title) }
            p.lead { (text) }
            form method="post" action=(action) {
                (token(&caller.form_token()))
                input type="hidden" name="t" value=(link);
                button type="submit" { (title) }
            }
            p { a href="/sign-in" { (say("form.cancel")) } }
        }
    }
}

/// Asks whether to freeze the account.
pub(crate) async fn freeze_form(caller: Caller, Query(linked): Query<Linked>) -> Answer {
    let title = say("freeze.title");
    Ok(caller.page(StatusCode::OK, title, button(&caller, "/freeze", &linked.t, title, say("freeze.lead"))))
}

/// Freezes it.
pub(crate) async fn freeze(caller: Caller, sent: Sent) -> Answer {
    caller.sent(&sent)?;
    match caller.house.portal.freeze(&LinkToken::presented(sent.one("t"))).await {
        Ok(()) => Ok(said(&caller, StatusCode::OK, say("freeze.done"), say("freeze.done-text"))),
        Err(RecoveryError::Failure(_)) => Err(Refusal::Broken),
        Err(_) => Ok(worthless(&caller)),
    }
}

/// Asks whether to cancel a recovery.
pub(crate) async fn cancel_form(caller: Caller, Query(linked): Query<Linked>) -> Answer {
    let title = say("cancel.title");
    Ok(caller.page(StatusCode::OK, title, button(&caller, "/cancel-recovery", &linked.t, title, say("cancel.lead"))))
}

/// Cancels it.
pub(crate) async fn cancel(caller: Caller, sent: Sent) -> Answer {
    caller.sent(&sent)?;
    match caller.house.portal.cancel_recovery(&LinkToken::presented(sent.one("t"))).await {
        Ok(()) => Ok(said(&caller, StatusCode::OK, say("cancel.done"), say("cancel.done-text"))),
        Err(RecoveryError::Failure(_)) => Err(Refusal::Broken),
        Err(_) => Ok(worthless(&caller)),
    }
}
