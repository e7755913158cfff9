//! Making an account by a link or a letter, or proving anew who one is: the date of birth first, then name and password.
//!
//! Opening the page uses nothing up. Whatever is not right has one answer, with what to do about it.

use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::NaiveDate;
use maud::{Markup, html};
use mychartum_core::account::{LetterCode, LinkToken, Password, SignInError, Username};
use mychartum_core::portal::{Activating, ActivationError, NewCredentials};
use serde::Deserialize;

use super::credentials::{account_trouble, new_password, password_trouble, token, trouble, wait};
use super::sign_in::refused;
use crate::show::date;
use crate::web::caller::Caller;
use crate::web::entry::proceed;
use crate::web::forms::{hex, random_bytes};
use crate::web::refusal::{Answer, Refusal};
use crate::web::sent::Sent;
use crate::words::{fill, say};

/// The token of a link.
#[derive(Deserialize)]
pub(crate) struct Linked {
    #[serde(default)]
    pub(crate) t: String,
}

/// The first page. It looks at nothing.
pub(crate) async fn form(caller: Caller, Query(linked): Query<Linked>) -> Answer {
    Ok(first(&caller, (StatusCode::OK, None), &linked.t))
}

fn first(caller: &Caller, (status, why): (StatusCode, Option<&str>), link: &str) -> Response {
    let title = say("activate.title");
    let body = html! {
        div.door.wide {
            h1 { (title) }
            (trouble(why))
            p.lead { (say("activate.lead")) }
            form method="post" action="/activate/who" {
                (token(&caller.form_token()))
                @if link.is_empty() {
                    div.field {
                        label for="letter" { (say("activate.letter")) }
                        input #letter name="letter" type="text" autocomplete="off" autocapitalize="characters" spellcheck="false"
                            required maxlength="64" aria-describedby="letter-hint";
                        p.hint #letter-hint { (say("activate.letter-hint")) }
                    }
                } @else { input type="hidden" name="t" value=(link); }
                div.field {
                    label for="born" { (say("activate.born")) }
                    input #born name="born" type="date" required autocomplete="bday";
                }
                button type="submit" { (say("form.continue")) }
            }
            p.quiet { (say("activate.help")) }
        }
    };
    caller.page(status, title, body)
}

/// Opens what was sent; the engine counts a wrong date.
async fn open(caller: &Caller, sent: &Sent) -> Result<Activating, ActivationError> {
    let portal = &caller.house.portal;
    // What is no date is a date on which nobody was born.
    let born = sent.one("born").parse().unwrap_or(NaiveDate::MIN);
    let link = sent.one("t");
    if !link.is_empty() {
        return portal.open_activation(&LinkToken::presented(link), born, &caller.knock()).await;
    }
    match LetterCode::parse(sent.one("letter")) {
        Ok(code) => portal.open_letter(&code, born, &caller.knock()).await,
        // The same work, and the same answer.
        Err(_) => portal.open_activation(&LinkToken::presented("none"), born, &caller.knock()).await,
    }
}

fn not_opened(caller: &Caller, error: &ActivationError, sent: &Sent) -> Answer {
    match error {
        ActivationError::Wait(over) => {
            let text = wait(*over, &caller.house);
            let page = |status| first(caller, (status, Some(&text)), sent.one("t"));
            Ok(refused(caller, &SignInError::Wait(*over), page))
        }
        ActivationError::Failure(_) => Err(Refusal::Broken),
        ActivationError::AskTheClinic => {
            Ok(first(caller, (StatusCode::UNPROCESSABLE_ENTITY, Some(say("activate.ask-clinic"))), sent.one("t")))
        }
        _ => Ok(first(caller, (StatusCode::UNPROCESSABLE_ENTITY, Some(say("activate.refused"))), sent.one("t"))),
    }
}

/// The date of birth, sent: the second page.
pub(crate) async fn who(caller: Caller, sent: Sent) -> Answer {
    caller.sent(&sent)?;
    match open(&caller, &sent).await {
        Ok(activating) => Ok(second(&caller, StatusCode::OK, None, &activating, &sent)),
        Err(error) => not_opened(&caller, &error, &sent),
    }
}

fn second(caller: &Caller, status: StatusCode, why: Option<&str>, activating: &Activating, sent: &Sent) -> Response {
    let title = if activating.is_new() { say("activate.choose") } else { say("activate.reproof") };
    let house = &caller.house;
    let policy = house.portal.policy().accounts();
    let delay = usize::try_from(policy.recovery_delay.num_hours()).unwrap_or_default();
    let delay = crate::words::count("count.hours", delay);
    let has_factor = activating.has_second_factor();
    let fewest = if has_factor { policy.password_with_factor } else { policy.password_alone };
    let body = html! {
        div.door.wide {
            h1 { (title) }
            (trouble(why))
            @if let Some(name) = &activating.name { p.lead { (fill("activate.for", &[("name", name)])) } }
            form method="post" action="/activate/make" {
                (token(&caller.form_token()))
                @for name in ["t", "letter", "born"] {
                    @if !sent.one(name).is_empty() { input type="hidden" name=(name) value=(sent.one(name)); }
                }
                @if activating.is_new() {
                    div.field {
                        label for="username" { (say("activate.username")) }
                        input #username name="username" type="text" autocomplete="username" autocapitalize="none"
                            spellcheck="false" required maxlength="64" value=(sent.one("username")) aria-describedby="username-hint";
                        p.hint #username-hint { (say("activate.username-hint")) }
                    }
                }
                (new_password(usize::from(fewest)))
                @if has_factor { (ways(&delay, sent.one("way"))) }
                @if house.terms > 0 {
                    div.check { input type="checkbox" name="accept" value="yes" id="accept" required; label for="accept" { (say("step.terms-accept")) } }
                }
                button type="submit" { @if activating.is_new() { (say("activate.make")) } @else { (say("form.continue")) } }
            }
        }
    };
    caller.page(status, title, body)
}

/// Whether the second factor is still there.
fn ways(delay: &str, chosen: &str) -> Markup {
    html! {
        fieldset.ticks.one-by-one {
            legend { (say("activate.factor")) }
            div.check {
                input type="radio" name="way" value="keep" id="keep" required checked[chosen != "lost"];
                label for="keep" { (say("activate.factor-keep")) }
            }
            div.check {
                input type="radio" name="way" value="lost" id="lost" checked[chosen == "lost"];
                label for="lost" { (fill("activate.factor-lost", &[("delay", delay)])) }
            }
        }
    }
}

/// The name and the password, sent.
pub(crate) async fn make(caller: Caller, sent: Sent) -> Answer {
    caller.sent(&sent)?;
    let house = &caller.house;
    let activating = match open(&caller, &sent).await {
        Ok(activating) => activating,
        Err(error) => return not_opened(&caller, &error, &sent),
    };
    let again = |why: &str, activating: &Activating| {
        Ok(second(&caller, StatusCode::UNPROCESSABLE_ENTITY, Some(why), activating, &sent))
    };
    let password = match Password::entered(sent.one("password")) {
        Ok(password) => password,
        Err(error) => return again(&password_trouble(error), &activating),
    };
    // An account that is there keeps its name; what is handed over for it is nobody's.
    let username = if activating.is_new() {
        Username::parse(sent.one("username")).ok()
    } else {
        random_bytes().and_then(|bytes| Username::parse(&hex(&bytes)).ok())
    };
    let Some(username) = username else { return again(say("username.invalid"), &activating) };
    let is_lost = activating.has_second_factor() && sent.one("way") == "lost";
    let outcome = if is_lost {
        match house.portal.begin_recovery(activating, &password).await {
            Ok(ready_at) => return Ok(begun(&caller, &date::moment(ready_at))),
            Err(error) => Err(error),
        }
    } else {
        let terms = (sent.one("accept") == "yes").then_some(house.terms);
        let chosen = NewCredentials { username: &username, password: &password, terms, language: None };
        house.portal.activate(activating, &chosen, caller.knock()).await
    };
    match outcome {
        Ok(progress) => proceed(&caller, progress, ""),
        Err(ActivationError::Account(error)) => {
            let text = account_trouble(&error, house).ok_or_else(|| Refusal::from(error))?;
            match open(&caller, &sent).await {
                Ok(activating) => again(&text, &activating),
                Err(error) => not_opened(&caller, &error, &sent),
            }
        }
        Err(ActivationError::Terms) => match open(&caller, &sent).await {
            Ok(activating) => again(say("step.nothing"), &activating),
            Err(error) => not_opened(&caller, &error, &sent),
        },
        Err(error) => not_opened(&caller, &error, &sent),
    }
}

fn begun(caller: &Caller, when: &str) -> Response {
    let title = say("recovery.begun");
    let body = html! {
        div.door.wide {
            h1 { (title) }
            p.lead { (fill("recovery.begun-text", &[("when", when)])) }
            p { (say("recovery.begun-told")) }
            p { a.button href="/sign-in" { (say("sign-in.title")) } }
        }
    };
    caller.page(StatusCode::OK, title, body)
}
