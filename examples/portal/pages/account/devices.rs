//! Devices and sessions, and signing them out.

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Redirect};
use maud::html;
use mychartum_core::account::Browser;
use mychartum_core::kernel::id::DeviceId;

use super::parts::page;
use crate::pages::credentials::token;
use crate::show::date;
use crate::web::cookies;
use crate::web::refusal::{Answer, Refusal, clear_site};
use crate::web::sent::Sent;
use crate::web::visitor::Visitor;
use crate::words::{count, fill, say};

/// The page.
pub(crate) async fn shown(visitor: Visitor) -> Answer {
    let devices = visitor.session.devices().await.map_err(Refusal::from)?;
    let sessions = visitor.session.open_sessions().await.map_err(Refusal::from)?;
    let here = visitor.session.device();
    let now = visitor.house.now();
    let one = |action: &str, words: &str, of: &str| {
        html! {
            form method="post" action=(action) {
                (token(&visitor.form_token))
                button.plain type="submit" { (words) @if !of.is_empty() { span.unseen { ": " (of) } } }
            }
        }
    };
    let body = html! {
        p.lead { (say("devices.lead")) }
        ul.cards {
            @for device in &devices {
                @let name = named(device.label.browser, &device.label.to_string());
                @let open = sessions.iter().filter(|session| session.device == Some(device.id)).count();
                li { article.card {
                    h2 { (name) @if Some(device.id) == here { " " span.tag.in { (say("devices.here")) } } }
                    dl.facts {
                        div { dt { (say("devices.first")) } dd { (date::instant(device.first_at)) } }
                        div { dt { (say("devices.last")) } dd { (date::instant(device.last_at)) } }
                        div { dt { (say("devices.open")) } dd { (count("count.sessions", open)) } }
                    }
                    @if let Some(until) = device.trusted_until.filter(|until| *until > now) {
                        p.notice { (fill("devices.trusted", &[("day", &date::moment(until))])) }
                    }
                    div.actions { (one(&format!("/account/devices/{}/out", device.id), say("devices.out"), &name)) }
                } }
            }
        }
        h2.apart { (say("devices.many")) }
        div.actions {
            (one("/account/devices/others", say("devices.others"), ""))
            (one("/account/devices/everywhere", say("devices.everywhere"), ""))
        }
    };
    page(&visitor, say("devices.title"), None, body).await
}

fn named(browser: Browser, label: &str) -> String {
    if browser.name().is_none() { say("devices.unnamed").to_owned() } else { label.to_owned() }
}

/// Signs one device out.
pub(crate) async fn out(visitor: Visitor, Path(device): Path<String>, sent: Sent) -> Answer {
    sent.is_from(&visitor)?;
    let device: DeviceId = device.parse().map_err(|_| Refusal::NotFound)?;
    visitor.session.sign_out_device(device).await.map_err(Refusal::from)?;
    Ok(Redirect::to("/account/devices").into_response())
}

/// Signs out everywhere but here.
pub(crate) async fn others(visitor: Visitor, sent: Sent) -> Answer {
    sent.is_from(&visitor)?;
    visitor.session.sign_out_others().await.map_err(Refusal::from)?;
    Ok(Redirect::to("/account/devices").into_response())
}

/// Signs out everywhere, here too.
pub(crate) async fn everywhere(visitor: Visitor, sent: Sent) -> Answer {
    sent.is_from(&visitor)?;
    visitor.session.sign_out_everywhere().await.map_err(Refusal::from)?;
    let mut response = Redirect::to("/signed-out?why=you").into_response();
    response.headers_mut().append(header::SET_COOKIE, cookies::CLEAR_SESSION);
    clear_site(&mut response);
    Ok(response)
}
