//! Signing in.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};
use mychartum_core::account::{Password, SessionToken, SignInError, Username};
use mychartum_core::vault::fold_case;
use serde::Deserialize;

use super::layout::outside_page;
use crate::web::cookies;
use crate::web::forms::{FormKey, hex, random_bytes};
use crate::web::house::{House, Shared};
use crate::web::refusal::{Answer, Refusal};
use crate::web::throttle::Counted;
use crate::words::{fill, say};

/// What the sign-in form sends.
#[derive(Deserialize)]
pub(crate) struct Entered {
    #[serde(default)]
    token: String,
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

/// Where to go after signing in.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    next: String,
}

/// What stands above the form.
enum Trouble {
    None,
    Missing,
    Refused,
    Wait(Duration),
    NoCookie,
}

/// The form.
pub(crate) async fn form(State(house): State<Shared>, headers: HeaderMap, Query(asked): Query<Asked>) -> Answer {
    // A tab that is still open keeps its form: the cookie is made once a browser session.
    let known = cookies::read(&headers, cookies::VISIT).map(str::to_owned);
    let cookie = match &known {
        Some(cookie) => cookie.clone(),
        None => hex(&random_bytes().ok_or(Refusal::Broken)?),
    };
    let page = page(&house, &house.forms.token(&cookie), "", &asked.next, &Trouble::None);
    let mut response = page.into_response();
    if known.is_none() {
        let set = cookies::set(cookies::VISIT, &cookie).ok_or(Refusal::Broken)?;
        response.headers_mut().append(header::SET_COOKIE, set);
    }
    Ok(response)
}

/// The form, sent.
pub(crate) async fn enter(
    State(house): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Form(entered): Form<Entered>,
) -> Answer {
    let Some(cookie) = cookies::read(&headers, cookies::VISIT) else {
        return Ok((StatusCode::BAD_REQUEST, page(&house, "", "", &entered.next, &Trouble::NoCookie)).into_response());
    };
    if !house.forms.accepts(&entered.token, cookie) {
        return Err(Refusal::Foreign);
    }
    let again = |status: StatusCode, trouble: &Trouble| {
        let username = if matches!(trouble, Trouble::NoCookie) { "" } else { &entered.username };
        (status, page(&house, &house.forms.token(cookie), username, &entered.next, trouble)).into_response()
    };
    if entered.username.trim().is_empty() || entered.password.is_empty() {
        return Ok(again(StatusCode::UNPROCESSABLE_ENTITY, &Trouble::Missing));
    }
    let counted = counted(&house.forms, &entered.username, peer.ip());
    if let Err(wait) = house.throttle(|throttle| throttle.begin(&counted, Instant::now())) {
        let mut response = again(StatusCode::TOO_MANY_REQUESTS, &Trouble::Wait(wait));
        response.headers_mut().insert(header::RETRY_AFTER, wait_seconds(wait).into());
        return Ok(response);
    }
    match check(&house, &entered.username, &entered.password).await? {
        Some(token) => {
            let [account, source] = counted;
            house.throttle(|throttle| throttle.succeeded(account, source));
            welcome(&token, &entered.next)
        }
        None => Ok(again(StatusCode::UNPROCESSABLE_ENTITY, &Trouble::Refused)),
    }
}

/// The account's name first, then the address; one address may stand for many people.
fn counted(forms: &FormKey, username: &str, peer: IpAddr) -> [Counted; 2] {
    // Folded as the engine folds names: each spelling that opens an account counts against it.
    let account = forms.veil(&format!("account {}", fold_case(username)));
    let source = forms.veil(&format!("source {peer}"));
    [Counted { what: account, free: 5 }, Counted { what: source, free: 30 }]
}

/// Checks a name and a password; the same work is done for a name that nobody has or could have.
async fn check(house: &Shared, username: &str, password: &str) -> Result<Option<SessionToken>, Refusal> {
    let nobody = || Username::parse(&hex(&random_bytes()?)).ok();
    let username = Username::parse(username).ok().or_else(nobody).ok_or(Refusal::Broken)?;
    let Ok(password) = Password::entered(password) else { return Ok(None) };
    let turn = house.hashing.acquire().await.map_err(|_| Refusal::Broken)?;
    let attempt = house.portal.look_up(&username).await?;
    let checked = tokio::task::spawn_blocking(move || attempt.check(&password)).await.map_err(|_| Refusal::Broken)?;
    drop(turn);
    match house.portal.complete(checked.map_err(|_| Refusal::Broken)?).await {
        Ok(token) => Ok(Some(token)),
        Err(SignInError::Refused) => Ok(None),
        Err(SignInError::Failure(_)) => Err(Refusal::Broken),
    }
}

fn welcome(token: &SessionToken, next: &str) -> Answer {
    let mut response = Redirect::to(safe_next(next)).into_response();
    let set = cookies::set(cookies::SESSION, token.expose()).ok_or(Refusal::Broken)?;
    response.headers_mut().append(header::SET_COOKIE, set);
    Ok(response)
}

/// A path of a chart or an invitation, else the start: nothing that could lead elsewhere.
pub(crate) fn safe_next(next: &str) -> &str {
    let is_plain = next.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"/-".contains(&byte));
    let is_known = ["/chart/", "/invitation/"].iter().any(|start| next.starts_with(start));
    if is_known && is_plain && next.len() <= 200 { next } else { "/" }
}

fn wait_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

fn page(house: &Arc<House>, token: &str, username: &str, next: &str, trouble: &Trouble) -> Markup {
    let message = match trouble {
        Trouble::None => None,
        Trouble::Missing => Some(say("sign-in.missing").to_owned()),
        Trouble::Refused => Some(say("sign-in.refused").to_owned()),
        Trouble::Wait(wait) => Some(fill("sign-in.wait", &[("seconds", &wait_seconds(*wait).to_string())])),
        Trouble::NoCookie => Some(say("sign-in.no-cookie").to_owned()),
    };
    let title = if message.is_some() { say("sign-in.title-error") } else { say("sign-in.title") };
    let described = message.as_ref().map(|_| "trouble");
    outside_page(
        title,
        house.is_demo,
        html! {
            div.door {
                h1 { (say("sign-in.title")) }
                @if let Some(message) = &message {
                    div.trouble #trouble role="alert" { h2 { (say("sign-in.trouble")) } p { (message) } }
                }
                form method="post" action="/sign-in" {
                    input type="hidden" name="token" value=(token);
                    input type="hidden" name="next" value=(safe_next(next));
                    label for="username" { (say("sign-in.username")) }
                    input #username name="username" type="text" autocomplete="username" autocapitalize="none"
                        spellcheck="false" required maxlength="64" value=(username) aria-describedby=[described];
                    label for="password" { (say("sign-in.password")) }
                    input #password name="password" type="password" autocomplete="current-password" required
                        maxlength="256" aria-describedby=[described];
                    button type="submit" { (say("sign-in.button")) }
                }
                @if house.is_demo { p.quiet { (say("sign-in.demo")) } }
            }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leads_away_after_signing_in() {
        for next in ["/chart/0123/results", "/invitation/0123abcd"] {
            assert_eq!(safe_next(next), next);
        }
        for next in
            ["//evil.example", "https://evil.example", "/chart/../x?y", "/chart/\r\nx", "/sign-out", "", "/chart/a//\\"]
        {
            assert_eq!(safe_next(next), "/", "{next}");
        }
    }

    #[test]
    fn every_spelling_of_a_name_counts_against_its_account() {
        let key = FormKey::random().unwrap();
        let of = |name: &str| counted(&key, name, IpAddr::from([127, 0, 0, 1])).map(|one| one.what);
        for spelling in ["INES", " ines ", "ine\u{17f}", "\u{131}nes"] {
            assert_eq!(of(spelling), of("ines"), "{spelling:?}");
        }
        assert_ne!(of("ines"), of("nilo"));
    }

    #[test]
    fn part_of_a_second_is_a_second() {
        assert_eq!(wait_seconds(Duration::from_millis(1_200)), 2);
        assert_eq!(wait_seconds(Duration::from_secs(2)), 2);
    }
}
