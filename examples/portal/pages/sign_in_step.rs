//! Signing in: what is asked after the password.

use axum::extract::Query;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use mychartum_core::account::{Answer as Shown, ChallengeToken, Factor, Password, SignInError, Trust};

use super::credentials::{digits, new_password, picture, recovery_field, sign_in_trouble, token, trouble};
use super::sign_in::{Asked, refused};
use crate::web::caller::Caller;
use crate::web::cookies;
use crate::web::entry::{factors, proceed, safe_next, with_next};
use crate::web::refusal::{Answer, Refusal};
use crate::web::sent::Sent;
use crate::words::{fill, say};

/// The form for what is asked.
pub(crate) async fn form(caller: Caller, Query(asked): Query<Asked>) -> Answer {
    page(&caller, StatusCode::OK, None, &asked.next, false).await
}

fn over() -> Response {
    let mut response = Redirect::to("/sign-in?said=over").into_response();
    response.headers_mut().append(header::SET_COOKIE, cookies::CLEAR_STEP);
    response
}

/// What was shown.
pub(crate) async fn answer(caller: Caller, sent: Sent) -> Answer {
    caller.sent(&sent)?;
    let Some((challenge, _)) = &caller.step else { return Ok(over()) };
    let (challenge, code, next) = (ChallengeToken::presented(challenge), sent.one("code"), sent.one("next"));
    let password = Password::entered(sent.one("password"));
    let shown = match (sent.one("how"), &password) {
        ("totp", _) => Shown::Totp(code),
        ("recovery", _) => Shown::RecoveryCode(code),
        ("sent", _) => Shown::SentCode(code),
        ("enrol", _) => Shown::Enrol(code),
        ("password", Ok(password)) => Shown::NewPassword(password),
        ("terms", _) if sent.one("accept") == "yes" => Shown::Terms(sent.one("version").parse().unwrap_or_default()),
        _ => return page(&caller, StatusCode::UNPROCESSABLE_ENTITY, Some(say("step.nothing")), next, false).await,
    };
    let trust = if sent.one("trust") == "yes" { Trust::Yes } else { Trust::No };
    match caller.house.portal.answer(&challenge, &shown, &caller.knock(), trust).await {
        Ok(progress) => proceed(&caller, progress, next),
        Err(SignInError::Over) => Ok(over()),
        Err(error) => {
            let text = sign_in_trouble(&error, &caller.house).ok_or(Refusal::Broken)?;
            let again = page(&caller, StatusCode::UNPROCESSABLE_ENTITY, Some(&text), next, false).await?;
            Ok(refused(&caller, &error, |status| (status, again).into_response()))
        }
    }
}

/// Sends a code by text or e-mail.
pub(crate) async fn send_code(caller: Caller, sent: Sent) -> Answer {
    caller.sent(&sent)?;
    let Some((challenge, _)) = &caller.step else { return Ok(over()) };
    let next = sent.one("next");
    match caller.house.portal.send_code(&ChallengeToken::presented(challenge)).await {
        Ok(()) => page(&caller, StatusCode::OK, None, next, true).await,
        Err(SignInError::Over) => Ok(over()),
        Err(error) => {
            let text = sign_in_trouble(&error, &caller.house).ok_or(Refusal::Broken)?;
            page(&caller, StatusCode::UNPROCESSABLE_ENTITY, Some(&text), next, false).await
        }
    }
}

async fn page(caller: &Caller, status: StatusCode, why: Option<&str>, next: &str, code_sent: bool) -> Answer {
    let Some((challenge, step)) = &caller.step else {
        return Ok(Redirect::to(&with_next("/sign-in", next)).into_response());
    };
    let (title, body) = match step.split_once('_') {
        Some(("factor", letters)) => (say("step.factor"), factor(caller, letters, next, code_sent)),
        _ if step == "password" => (say("step.password"), password(caller, next)),
        _ if step == "terms" => (say("step.terms"), terms(caller, next)),
        _ if step == "enrol" => {
            let secret = match caller.house.portal.begin_enrolment(&ChallengeToken::presented(challenge)).await {
                Ok(secret) => secret,
                Err(SignInError::Over) => return Ok(over()),
                Err(_) => return Err(Refusal::NotPossible),
            };
            (say("step.enrol"), enrol(caller, &picture(&secret, None), next))
        }
        _ => return Ok(over()),
    };
    let body = html! {
        div.door.wide {
            h1 { (title) }
            (trouble(why))
            (body)
            p { a href="/sign-in" { (say("step.other")) } }
        }
    };
    Ok(caller.page(status, title, body))
}

fn start(caller: &Caller, how: &str, next: &str) -> Markup {
    html! {
        (token(&caller.form_token()))
        input type="hidden" name="how" value=(how);
        input type="hidden" name="next" value=(safe_next(next));
    }
}

fn trust(caller: &Caller, id: &str) -> Markup {
    let days = caller.house.portal.policy().accounts().trusted_device.num_days().to_string();
    html! {
        div.check {
            input type="checkbox" name="trust" value="yes" id=(id);
            label for=(id) { (fill("step.trust", &[("days", &days)])) }
        }
    }
}

fn factor(caller: &Caller, letters: &str, next: &str, code_sent: bool) -> Markup {
    let asked = factors(letters);
    let can_send = asked.contains(Factor::TextCode) || asked.contains(Factor::EmailCode);
    html! {
        @if asked.contains(Factor::Totp) {
            form method="post" action="/sign-in/step" {
                (start(caller, "totp", next))
                (digits(say("step.totp")))
                (trust(caller, "trust"))
                button type="submit" { (say("form.continue")) }
            }
        }
        @if can_send {
            @if code_sent { p.notice role="status" { (say("step.code-sent")) } }
            form method="post" action="/sign-in/send-code" {
                (start(caller, "send", next))
                button.plain type="submit" { (say("step.send")) }
            }
            form method="post" action="/sign-in/step" {
                (start(caller, "sent", next))
                div.field { label for="sent" { (say("step.sent")) }
                    input #sent name="code" type="text" inputmode="numeric" autocomplete="one-time-code" required maxlength="16"; }
                (trust(caller, "trust-sent"))
                button type="submit" { (say("form.continue")) }
            }
        }
        @if asked.contains(Factor::RecoveryCode) {
            details {
                summary { (say("step.lost")) }
                form method="post" action="/sign-in/step" {
                    (start(caller, "recovery", next))
                    (recovery_field())
                    button type="submit" { (say("form.continue")) }
                }
                p.quiet { (say("step.lost-all")) }
            }
        } @else { p.quiet { (say("step.lost-all")) } }
    }
}

fn password(caller: &Caller, next: &str) -> Markup {
    let fewest = caller.house.portal.policy().accounts().password_alone;
    html! {
        p.lead { (say("step.password-why")) }
        form method="post" action="/sign-in/step" {
            (start(caller, "password", next))
            (new_password(usize::from(fewest)))
            button type="submit" { (say("form.continue")) }
        }
    }
}

fn enrol(caller: &Caller, picture: &Markup, next: &str) -> Markup {
    html! {
        p.lead { (say("step.enrol-why")) }
        (picture)
        form method="post" action="/sign-in/step" {
            (start(caller, "enrol", next))
            (digits(say("app.first-code")))
            button type="submit" { (say("form.continue")) }
        }
    }
}

fn terms(caller: &Caller, next: &str) -> Markup {
    html! {
        p.lead { (say("step.terms-text")) }
        form method="post" action="/sign-in/step" {
            (start(caller, "terms", next))
            input type="hidden" name="version" value=(caller.house.terms);
            div.check { input type="checkbox" name="accept" value="yes" id="accept" required; label for="accept" { (say("step.terms-accept")) } }
            button type="submit" { (say("form.continue")) }
        }
    }
}
