//! What one wants to be told, by which way and how often; quiet hours; the language.

use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};
use mychartum_core::kernel::LanguageTag;
use mychartum_core::notify::{Preference, Preferences, QuietHours, Rhythm};
use mychartum_core::port::notifier::{Category, Channel};

use super::parts::page;
use crate::pages::credentials::token;
use crate::show::keys::key;
use crate::web::refusal::{Answer, Refusal};
use crate::web::sent::Sent;
use crate::web::visitor::Visitor;
use crate::words::{look_up, say};

/// The ways that people choose between; webhooks are the host's own.
const WAYS: [Channel; 2] = [Channel::Email, Channel::Text];

/// How often.
const CHOICES: [Preference; 3] = [Preference::Off, Preference::On(Rhythm::AtOnce), Preference::On(Rhythm::Daily)];

const LANGUAGES: [&str; 2] = ["en", "es"];

const fn name(preference: Preference) -> &'static str {
    match preference {
        Preference::Off => "off",
        Preference::On(Rhythm::AtOnce) => "at-once",
        Preference::On(Rhythm::Daily) => "daily",
    }
}

/// The page.
pub(crate) async fn shown(visitor: Visitor) -> Answer {
    let account = visitor.session.own_account().await.map_err(Refusal::from)?;
    let (chosen, policy) = (&account.preferences, visitor.house.portal.policy().accounts());
    let (from, until) = chosen.quiet.map_or(policy.quiet_hours, QuietHours::hours);
    let language = account.language.as_ref().map_or("en".to_owned(), LanguageTag::primary);
    let body = html! {
        p.lead { (say("notices.lead")) }
        form method="post" action="/account/notices" {
            (token(&visitor.form_token))
            div.scroll tabindex="0" role="region" aria-label=(say("notices.title")) {
                table.matrix {
                    caption { (say("notices.caption")) }
                    thead { tr {
                        th scope="col" { (say("notices.what")) }
                        @for way in WAYS { th scope="col" { (channel(way)) } }
                    } }
                    tbody { @for kind in Category::ALL { (row(chosen, kind)) } }
                }
            }
            fieldset.ticks {
                legend { (say("notices.quiet")) }
                p.quiet { (say("notices.quiet-about")) }
                (hour("quiet-from", say("notices.from"), from))
                (hour("quiet-until", say("notices.until"), until))
                (hour("digest", say("notices.digest"), chosen.digest_hour.unwrap_or(18)))
            }
            div.field {
                label for="language" { (say("notices.language")) }
                select #language name="language" {
                    @for tag in LANGUAGES { option value=(tag) selected[tag == language] { (look_up(&format!("language-name.{}", tag)).unwrap_or_default()) } }
                }
            }
            div.actions { button type="submit" { (say("preferences.save")) } a.button.plain href="/account" { (say("form.cancel")) } }
        }
    };
    page(&visitor, say("notices.title"), None, body).await
}

fn channel(way: Channel) -> &'static str {
    look_up(&format!("channel.{}", key(&way))).unwrap_or_default()
}

fn row(chosen: &Preferences, kind: Category) -> Markup {
    let words = look_up(&format!("notice-kind.{}", key(&kind))).unwrap_or_default();
    html! {
        tr {
            th scope="row" { (words) }
            @if kind.is_mandatory() { td colspan="2" { (say("notices.always")) } } @else {
                @for way in WAYS {
                    @let now = chosen.of(kind, way);
                    td {
                        select name=(field(kind, way)) aria-label={ (words) ", " (channel(way)) } {
                            @for choice in CHOICES {
                                option value=(name(choice)) selected[choice == now] { (look_up(&format!("rhythm.{}", name(choice))).unwrap_or_default()) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn field(kind: Category, way: Channel) -> String {
    format!("{}-{}", key(&kind), key(&way))
}

fn hour(name: &str, words: &str, chosen: u8) -> Markup {
    html! {
        div.field {
            label for=(name) { (words) }
            select id=(name) name=(name) {
                @for hour in 0..24u8 { option value=(hour) selected[hour == chosen] { (format!("{hour:02}:00")) } }
            }
        }
    }
}

/// Keeps what was chosen.
pub(crate) async fn save(visitor: Visitor, sent: Sent) -> Answer {
    sent.is_from(&visitor)?;
    let mut preferences = visitor.session.own_account().await.map_err(Refusal::from)?.preferences;
    for kind in Category::ALL.into_iter().filter(|kind| !kind.is_mandatory()) {
        for way in WAYS {
            let chosen = CHOICES.into_iter().find(|choice| name(*choice) == sent.one(&field(kind, way)));
            preferences.choose(kind, way, chosen.ok_or(Refusal::NotPossible)?);
        }
    }
    let hour = |name: &str| sent.one(name).parse::<u8>().ok().filter(|hour| *hour < 24).ok_or(Refusal::NotPossible);
    preferences.quiet = QuietHours::new(hour("quiet-from")?, hour("quiet-until")?);
    preferences.digest_hour = Some(hour("digest")?);
    let language = LANGUAGES.into_iter().find(|tag| *tag == sent.one("language")).ok_or(Refusal::NotPossible)?;
    let language = LanguageTag::parse(language).map_err(|_| Refusal::NotPossible)?;
    visitor.session.prefer(&preferences, Some(&language)).await.map_err(Refusal::from)?;
    Ok(Redirect::to("/account?done=notices").into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_one_chooses_has_words() {
        for kind in Category::ALL {
            assert!(look_up(&format!("notice-kind.{}", key(&kind))).is_some(), "{kind:?}");
        }
        for way in WAYS {
            assert!(!channel(way).is_empty());
        }
        for choice in CHOICES {
            assert!(look_up(&format!("rhythm.{}", name(choice))).is_some());
        }
    }
}
