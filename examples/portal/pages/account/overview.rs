//! Account and security: everything at a glance, with the way to each change.

use axum::extract::Query;
use maud::html;
use mychartum_core::account::{Factor, Username};
use serde::Deserialize;

use crate::show::date;
use crate::web::refusal::{Answer, Refusal};
use crate::web::visitor::Visitor;
use crate::words::{count, fill, look_up, say};

/// What was done just now.
#[derive(Debug, Deserialize)]
pub(crate) struct Done {
    #[serde(default)]
    done: String,
}

/// The page.
pub(crate) async fn page(visitor: Visitor, Query(done): Query<Done>) -> Answer {
    let account = visitor.session.own_account().await.map_err(Refusal::from)?;
    let devices = visitor.session.devices().await.map_err(Refusal::from)?.len();
    let done = ["app-removed", "notices", "saved"].into_iter().find(|known| *known == done.done);
    let done = done.and_then(|done| look_up(&format!("account-done.{}", done)));
    let has_app = account.factors.contains(Factor::Totp);
    Ok(visitor.frame().await?.plain(
        say("account.title"),
        html! {
            h1 { (say("account.title")) }
            @if let Some(done) = done { p.notice.good role="status" { (done) } }
            @if let Some(at) = account.recovery_at {
                p.notice.bad role="alert" { (fill("account.recovery", &[("when", &date::moment(at))])) }
            }
            ul.cards {
                li { article.card {
                    h2 { (say("account.sign-in")) }
                    dl.facts { div { dt { (say("sign-in.username")) } dd { (account.username.as_ref().map_or("", Username::as_str)) } } }
                    div.actions { a.button.plain href="/account/password" { (say("account.password")) } }
                } }
                li { article.card {
                    h2 { (say("account.factor")) }
                    @match account.totp_since {
                        Some(since) if has_app => { p { (fill("account.app-since", &[("day", &date::moment(since))])) } }
                        _ => { p { (say("account.no-factor")) } }
                    }
                    @if let Some(left) = account.recovery_codes_left { p { (count("count.codes-left", left)) } }
                    div.actions {
                        a.button.plain href="/account/app" { @if has_app { (say("app.remove")) } @else { (say("app.title")) } }
                        @if !account.factors.is_empty() { a.button.plain href="/account/codes" { (say("codes.new")) } }
                    }
                } }
                li { article.card {
                    h2 { (say("devices.title")) }
                    p { (count("count.devices", devices)) }
                    div.actions { a.button.plain href="/account/devices" { (say("account.look")) } }
                } }
                li { article.card {
                    h2 { (say("addresses.title")) }
                    @if account.contacts.all().is_empty() { p.notice.bad { (say("addresses.none")) } }
                    ul.brief { @for contact in account.contacts.all() { li { (contact.address.as_str()) } } }
                    div.actions { a.button.plain href="/account/addresses" { (say("addresses.change")) } }
                } }
                li { article.card {
                    h2 { (say("notices.title")) }
                    p { (say("notices.lead")) }
                    div.actions { a.button.plain href="/account/notices" { (say("notices.change")) } }
                } }
                li { article.card {
                    h2 { (say("end.title")) }
                    p { (say("end.short")) }
                    div.actions { a.button.plain href="/account/end" { (say("end.title")) } }
                } }
            }
        },
    ))
}
