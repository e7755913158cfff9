//! Signing in: the name and the password.

use axum::extract::Query;
use axum::http::{StatusCode, header};
use axum::response::Response;
use maud::{Markup, html};
use mychartum_core::account::{Password, Progress, SignInError, Username};
use serde::Deserialize;

use super::credentials::{sign_in_trouble, token};
use crate::web::caller::Caller;
use crate::web::entry::{proceed, safe_next, wait_seconds, with_next};
use crate::web::forms::{hex, random_bytes};
use crate::web::refusal::{Answer, Refusal};
use crate::web::sent::Sent;
use crate::words::{look_up, say};

/// Where to go after signing in, and what was done before.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    pub(crate) next: String,
    #[serde(default)]
    said: String,
}

/// The form.
pub(crate) async fn form(caller: Caller, Query(asked): Query<Asked>) -> Answer {
    let said = ["password", "over", "frozen", "ended"].iter().find(|known| **known == asked.said);
    let said = said.and_then(|said| look_up(&format!("sign-in-said.{}", said)));
    Ok(page(&caller, (StatusCode::OK, None), ("", &asked.next), said))
}

/// The form, sent.
pub(crate) async fn enter(caller: Caller, sent: Sent) -> Answer {
    let (username, password, next) = (sent.one("username"), sent.one("password"), sent.one("next"));
    if !caller.is_known {
        let trouble = (StatusCode::BAD_REQUEST, Some(say("sign-in.no-cookie")));
        return Ok(page(&caller, trouble, ("", next), None));
    }
    caller.sent(&sent)?;
    if username.trim().is_empty() || password.is_empty() {
        let trouble = (StatusCode::UNPROCESSABLE_ENTITY, Some(say("sign-in.missing")));
        return Ok(page(&caller, trouble, (username, next), None));
    }
    match check(&caller, username, password).await {
        Ok(progress) => proceed(&caller, progress, next),
        Err(error) => {
            let text = sign_in_trouble(&error, &caller.house).ok_or(Refusal::Broken)?;
            Ok(refused(&caller, &error, |status| page(&caller, (status, Some(&text)), (username, next), None)))
        }
    }
}

/// An answer for what was refused: one that has to wait says for how long.
pub(super) fn refused(caller: &Caller, error: &SignInError, page: impl FnOnce(StatusCode) -> Response) -> Response {
    let SignInError::Wait(wait) = error else { return page(StatusCode::UNPROCESSABLE_ENTITY) };
    let mut response = page(StatusCode::TOO_MANY_REQUESTS);
    let seconds = wait_seconds(wait.until, caller.house.now());
    response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    response
}

/// Checks a name and a password; the same work is done for a name that nobody has or could have.
async fn check(caller: &Caller, username: &str, password: &str) -> Result<Progress, SignInError> {
    let house = &caller.house;
    let nobody = || Username::parse(&hex(&random_bytes()?)).ok();
    let Some(username) = Username::parse(username).ok().or_else(nobody) else { return Err(SignInError::Refused) };
    let Ok(password) = Password::entered(password) else { return Err(SignInError::Refused) };
    let Ok(turn) = house.hashing.acquire().await else { return Err(SignInError::Refused) };
    let attempt = house.portal.look_up(&username, caller.knock()).await?;
    let checked = tokio::task::spawn_blocking(move || attempt.check(&password)).await;
    drop(turn);
    let checked = checked.map_err(|_| SignInError::Over)?;
    house.portal.complete(checked?).await
}

fn page(
    caller: &Caller,
    (status, trouble): (StatusCode, Option<&str>),
    (username, next): (&str, &str),
    said: Option<&str>,
) -> Response {
    let title = if trouble.is_some() { say("sign-in.title-error") } else { say("sign-in.title") };
    caller.page(status, title, body(caller, trouble, (username, next), said))
}

fn body(caller: &Caller, trouble: Option<&str>, (username, next): (&str, &str), said: Option<&str>) -> Markup {
    let described = trouble.map(|_| "trouble");
    let has_post = caller.house.stage.is_some();
    html! {
        div.door {
            h1 { (say("sign-in.title")) }
            @if let Some(said) = said { p.notice role="status" { (said) } }
            @if let Some(message) = trouble {
                div.trouble #trouble role="alert" { h2 { (say("sign-in.trouble")) } p { (message) } }
            }
            form method="post" action="/sign-in" {
                (token(&caller.form_token()))
                input type="hidden" name="next" value=(safe_next(next));
                label for="username" { (say("sign-in.username")) }
                input #username name="username" type="text" autocomplete="username" autocapitalize="none"
                    spellcheck="false" required maxlength="64" value=(username) aria-describedby=[described];
                label for="password" { (say("sign-in.password")) }
                input #password name="password" type="password" autocomplete="current-password" required
                    maxlength="256" aria-describedby=[described];
                button type="submit" { (say("sign-in.button")) }
            }
            @if has_post {
                ul.ways {
                    li { a href="/forgot" { (say("sign-in.forgot")) } }
                    li { a href="/forgot-name" { (say("sign-in.forgot-name")) } }
                    li { a href=(with_next("/activate", "")) { (say("sign-in.activate")) } }
                }
            }
            @if caller.house.is_demo {
                p.quiet { (say("sign-in.demo")) }
                @if has_post { p.quiet { a href="/stage" { (say("sign-in.stage")) } } }
            }
        }
    }
}
