//! The stage: the world around the portal, in a demonstration only. One plays the clinic, reads what would have gone out, and
//! turns the clock forward.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use chrono::Duration;
use maud::{Markup, html};
use mychartum_adapters::notify::file::KeptMessage;
use mychartum_core::account::SentBy;
use mychartum_core::portal::Issued;

use super::clinic::accounts::{WAYS, give, state, why_not};
use super::clinic::letter::letter;
use super::credentials::{token, trouble};
use super::parts::nothing;
use crate::show::date;
use crate::show::keys::{key, of_key};
use crate::web::caller::Caller;
use crate::web::lab::{PLAYS, Played};
use crate::web::refusal::{Answer, Refusal};
use crate::web::sent::Sent;
use crate::web::stage::{Player, Stage};
use crate::words::{count, fill, look_up, say};

/// By how much the clock is turned: ten minutes, an hour, a day, thirty days.
const TURNS: [(i64, &str); 4] = [(600, "ten-minutes"), (3_600, "hour"), (86_400, "day"), (2_592_000, "month")];

/// How many messages are shown.
const SHOWN: usize = 100;

fn on(caller: &Caller) -> Result<&Stage, Refusal> {
    caller.house.stage.as_ref().ok_or(Refusal::NotFound)
}

/// The page.
pub(crate) async fn page(caller: Caller) -> Answer {
    shown(&caller, None, html! {}).await
}

async fn shown(caller: &Caller, why: Option<&str>, before: Markup) -> Answer {
    let stage = on(caller)?;
    let mut people = Vec::new();
    for one in &stage.people {
        let views = caller.house.portal.accounts_of(one.patient).await?;
        people.push((one, views.first().map_or(say("stage.no-account"), |view| state(view.state))));
    }
    let messages = stage.kept.messages();
    let ahead = caller.house.clock.ahead();
    let base = format!("http://localhost:{}/", caller.house.port);
    let body = html! {
        h1 { (say("stage.title")) }
        p.notice { (say("stage.lead")) }
        (trouble(why))
        (before)
        section.card {
            h2 { (say("stage.clock")) }
            p { (fill("stage.now", &[("when", &date::moment(caller.house.now()))])) " " (ahead_words(ahead)) }
            form.actions method="post" action="/stage/clock" {
                (token(&caller.form_token()))
                @for (seconds, name) in TURNS { button.plain type="submit" name="by" value=(seconds) { (look_up(&format!("turn.{}", name)).unwrap_or_default()) } }
            }
        }
        section.card {
            h2 { (say("stage.people")) }
            p.quiet { (say("stage.people-text")) }
            ul.brief { @for (one, state) in &people { li { (player(caller, one, state)) } } }
        }
        section.card {
            h2 { (say("stage.lab")) }
            p.quiet { (say("stage.lab-text")) }
            form.filter method="post" action="/stage/lab" {
                (token(&caller.form_token()))
                div.field { label for="lab-patient" { (say("stage.lab-patient")) }
                    select id="lab-patient" name="patient" { @for one in &stage.people { option value=(one.patient) { (one.name) } } } }
                div.field { label for="lab-play" { (say("stage.lab-what")) }
                    select id="lab-play" name="play" { @for (_, name) in PLAYS { option value=(name) { (look_up(&format!("play.{}", name)).unwrap_or_default()) } } } }
                button type="submit" { (say("stage.lab-send")) }
            }
        }
        section {
            h2 { (say("stage.messages")) " " span.quiet { (messages.len()) } }
            form method="post" action="/stage/run" { (token(&caller.form_token())) p { button.plain type="submit" { (say("stage.run")) } } }
            @if messages.is_empty() { (nothing(say("stage.no-messages"))) }
            ol.cards.messages { @for message in messages.iter().rev().take(SHOWN) { li { (one(message, &base)) } } }
        }
    };
    let status = if why.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(caller.page(status, say("stage.title"), body))
}

fn ahead_words(ahead: Duration) -> String {
    match usize::try_from(ahead.num_minutes()).unwrap_or_default() {
        0 => say("stage.on-time").to_owned(),
        minutes @ 1..=119 => fill("stage.ahead", &[("time", &count("count.minutes", minutes))]),
        minutes @ 120..=2_879 => fill("stage.ahead", &[("time", &count("count.hours", minutes / 60))]),
        minutes => fill("stage.ahead", &[("time", &count("count.days", minutes / 1_440))]),
    }
}

fn player(caller: &Caller, one: &Player, state: &str) -> Markup {
    let id = format!("by-{}", one.patient);
    html! {
        form.filter method="post" action="/stage/issue" {
            (token(&caller.form_token()))
            input type="hidden" name="patient" value=(one.patient);
            p.wide { strong { (one.name) } " " span.tag { (state) } span.when { (say("frame.born")) " " time { (one.born.to_string()) } } }
            div.field { label for=(id) { (say("accounts.by")) span.unseen { ": " (one.name) } }
                select id=(id) name="by" { @for way in WAYS { option value=(key(&way)) { (look_up(&format!("sent-by.{}", key(&way))).unwrap_or_default()) } } } }
            button type="submit" { (say("accounts.issue")) span.unseen { ": " (one.name) } }
        }
    }
}

fn one(message: &KeptMessage, base: &str) -> Markup {
    let to = message.address.as_ref().map_or(String::new(), |address| address.as_str().to_owned());
    html! {
        article.card {
            h3 {
                span.tag { (look_up(&format!("channel.{}", key(&message.channel))).unwrap_or_default()) } " "
                (message.subject.as_deref().unwrap_or(say("stage.text")))
            }
            p.quiet { (fill("stage.to", &[("address", &to)])) }
            p.prose { (linked(&message.body, base)) }
        }
    }
}

/// A text whose own links can be followed.
fn linked(text: &str, base: &str) -> Markup {
    html! {
        @for part in text.split_inclusive(char::is_whitespace) {
            @let bare = part.trim_end();
            @if bare.starts_with(base) { a href=(bare.strip_prefix(base.trim_end_matches('/')).unwrap_or(bare)) { (bare) } (part.strip_prefix(bare).unwrap_or_default()) }
            @else { (part) }
        }
    }
}

/// Does what is due, and goes back to the stage.
async fn go_on(caller: &Caller) -> Answer {
    // One run plans the messages of what happened, the next carries them.
    for _ in 0..2 {
        caller.house.portal.run_due().await?;
    }
    Ok(Redirect::to("/stage").into_response())
}

/// Does what is due now.
pub(crate) async fn run(caller: Caller, sent: Sent) -> Answer {
    on(&caller)?;
    caller.sent(&sent)?;
    go_on(&caller).await
}

/// Turns the clock forward.
pub(crate) async fn turn(caller: Caller, sent: Sent) -> Answer {
    on(&caller)?;
    caller.sent(&sent)?;
    let by =
        TURNS.into_iter().find(|(seconds, _)| seconds.to_string() == sent.one("by")).ok_or(Refusal::NotPossible)?;
    caller.house.clock.turn(Duration::seconds(by.0));
    go_on(&caller).await
}

/// Sends what the laboratory of the stage is to send, and says what became of it.
pub(crate) async fn lab(caller: Caller, sent: Sent) -> Answer {
    let stage = on(&caller)?;
    caller.sent(&sent)?;
    let place = stage.people.iter().position(|one| one.patient.to_string() == sent.one("patient"));
    let place = place.ok_or(Refusal::NotFound)?;
    let play = PLAYS.into_iter().find(|(_, name)| *name == sent.one("play")).ok_or(Refusal::NotPossible)?.0;
    let outcome = stage.lab.play(&caller.house.portal, (play, place), caller.house.now()).await?;
    let words = match outcome {
        Played::Refused => say("stage.lab-refused").to_owned(),
        Played::Nothing => say("stage.lab-nothing").to_owned(),
        Played::Taken(report) => {
            let number = |number: u64| number.to_string();
            let aside = report.set_aside.len().to_string();
            fill(
                "stage.lab-taken",
                &[
                    ("parts", &number(report.resources)),
                    ("stored", &number(report.stored)),
                    ("known", &number(report.unchanged + report.superseded)),
                    ("aside", &aside),
                ],
            )
        }
    };
    caller.house.portal.run_due().await?;
    shown(&caller, None, html! { p.notice role="status" { (words) } }).await
}

/// Issues an activation as the clinic does, or a link to prove anew who one is.
pub(crate) async fn issue(caller: Caller, sent: Sent) -> Answer {
    let stage = on(&caller)?;
    caller.sent(&sent)?;
    let one =
        stage.people.iter().find(|one| one.patient.to_string() == sent.one("patient")).ok_or(Refusal::NotFound)?;
    let by: SentBy = of_key(&WAYS, sent.one("by")).ok_or(Refusal::NotPossible)?;
    match give(&caller.house.portal, stage.staff, one.patient, by).await {
        Ok(Issued { letter: Some(code), .. }) => {
            let days = caller.house.portal.policy().accounts().activation_letter.num_days();
            let days = usize::try_from(days).unwrap_or_default();
            shown(&caller, None, letter(&one.name, &code, caller.house.port, days)).await
        }
        Ok(_) => go_on(&caller).await,
        Err(error) => shown(&caller, Some(why_not(error)?), html! {}).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_links_to_this_portal_can_be_followed() {
        let shown =
            linked("Go to http://localhost:1/activate?t=a now\nhttp://evil.example/ <b>", "http://localhost:1/");
        let shown = shown.into_string();
        assert!(shown.contains("<a href=\"/activate?t=a\">http://localhost:1/activate?t=a</a> now"));
        assert!(!shown.contains("href=\"http") && shown.contains("&lt;b&gt;"));
    }

    #[test]
    fn every_play_has_words() {
        for (_, name) in PLAYS {
            assert!(look_up(&format!("play.{}", name)).is_some(), "{name}");
        }
    }

    #[test]
    fn every_turn_has_words() {
        for (_, name) in TURNS {
            assert!(look_up(&format!("turn.{}", name)).is_some(), "{name}");
        }
    }
}
