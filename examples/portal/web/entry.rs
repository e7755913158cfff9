//! How a sign-in goes on: in, or to the next step.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use chrono::{DateTime, Utc};
use maud::html;
use mychartum_core::account::{Entered, Factor, FactorSet, Progress, Step};

use super::caller::Caller;
use super::cookies;
use super::refusal::{Answer, Refusal};
use crate::pages::credentials::codes_once;
use crate::words::{count, say};

/// In, or to the next step. The token of what goes on is in a cookie, never in an address.
pub(crate) fn proceed(caller: &Caller, progress: Progress, next: &str) -> Answer {
    match progress {
        Progress::Entered(entered) => enter(caller, entered, safe_next(next)),
        Progress::Asked(flow) => {
            let step = asked(flow.step).ok_or(Refusal::Broken)?;
            let value = format!("{}-{step}", flow.token.expose());
            let mut response = Redirect::to(&with_next("/sign-in/step", next)).into_response();
            let set = cookies::set_step(&value).ok_or(Refusal::Broken)?;
            response.headers_mut().append(header::SET_COOKIE, set);
            Ok(response)
        }
    }
}

fn enter(caller: &Caller, entered: Entered, to: &str) -> Answer {
    let mut response = if entered.recovery_codes.is_empty() {
        Redirect::to(to).into_response()
    } else {
        let title = say("codes.title");
        let codes = codes_once(&entered.recovery_codes);
        let body = html! { div.door { h1 { (title) } (codes) p { a.button href=(to) { (say("codes.kept")) } } } };
        caller.page(StatusCode::OK, title, body)
    };
    let headers = response.headers_mut();
    headers
        .append(header::SET_COOKIE, cookies::set(cookies::SESSION, entered.session.expose()).ok_or(Refusal::Broken)?);
    headers.append(header::SET_COOKIE, cookies::CLEAR_STEP);
    if let Some(device) = &entered.device {
        headers.append(header::SET_COOKIE, cookies::set_device(device.expose()).ok_or(Refusal::Broken)?);
    }
    Ok(response)
}

/// What is asked, as the cookie says it: it only chooses the form, the engine judges what comes back.
fn asked(step: Step) -> Option<String> {
    Some(match step {
        Step::SecondFactor(factors) => format!("factor_{}", factors.iter().map(letter).collect::<String>()),
        Step::NewPassword => "password".to_owned(),
        Step::Enrol => "enrol".to_owned(),
        Step::Terms => "terms".to_owned(),
        Step::Password | Step::Enter { .. } | Step::Shut => return None,
    })
}

const fn letter(factor: Factor) -> char {
    match factor {
        Factor::Totp => 't',
        Factor::Passkey => 'p',
        Factor::RecoveryCode => 'r',
        Factor::TextCode => 'x',
        Factor::EmailCode => 'e',
    }
}

/// The factors that a cookie names.
pub(crate) fn factors(letters: &str) -> FactorSet {
    Factor::ALL.into_iter().filter(|factor| letters.contains(letter(*factor))).collect()
}

/// A path of a chart or an invitation, else the start: nothing that could lead elsewhere.
pub(crate) fn safe_next(next: &str) -> &str {
    let is_plain = next.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"/-".contains(&byte));
    let is_known = ["/chart/", "/invitation/"].iter().any(|start| next.starts_with(start));
    if is_known && is_plain && next.len() <= 200 { next } else { "/" }
}

/// A path that remembers where to go after it.
pub(crate) fn with_next(path: &str, next: &str) -> String {
    match safe_next(next) {
        "/" => path.to_owned(),
        next => format!("{path}?next={next}"),
    }
}

/// How long to wait, in words that round up.
pub(crate) fn wait_words(until: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let seconds = wait_seconds(until, now);
    let whole = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    match seconds {
        0..=90 => count("count.seconds", whole(seconds)),
        91..=5_400 => count("count.minutes", whole(seconds.div_ceil(60))),
        _ => count("count.hours", whole(seconds.div_ceil(3_600))),
    }
}

/// How long to wait, in whole seconds, at least one.
pub(crate) fn wait_seconds(until: DateTime<Utc>, now: DateTime<Utc>) -> u64 {
    u64::try_from((until - now).num_milliseconds()).unwrap_or(0).div_ceil(1_000).max(1)
}

#[cfg(test)]
mod tests {
    use chrono::Duration;

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
    fn what_is_asked_survives_the_cookie() {
        let all: FactorSet = Factor::ALL.into_iter().collect();
        let said = asked(Step::SecondFactor(all)).unwrap();
        assert_eq!(factors(said.strip_prefix("factor_").unwrap()), all);
        assert_eq!(asked(Step::Enter { assurance: 2 }), None);
    }

    #[test]
    fn a_wait_is_rounded_up() {
        let now = Utc::now();
        assert_eq!(wait_words(now + Duration::milliseconds(1_200), now), "2 seconds");
        assert_eq!(wait_words(now - Duration::seconds(5), now), "1 second");
        assert_eq!(wait_words(now + Duration::seconds(121), now), "3 minutes");
        assert_eq!(wait_words(now + Duration::hours(3), now), "3 hours");
    }
}
