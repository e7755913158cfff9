//! Addresses: adding, proving, removing, and the one where everything goes and nowhere else.

use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};
use mychartum_core::account::{AccountError, Contact, ContactError};
use mychartum_core::kernel::{Address, EmailAddress, PhoneNumber};

use super::parts::{page, said, step_up};
use crate::pages::credentials::token;
use crate::web::refusal::{Answer, Refusal};
use crate::web::sent::Sent;
use crate::web::visitor::Visitor;
use crate::words::say;

/// The page.
pub(crate) async fn shown(visitor: Visitor) -> Answer {
    if visitor.session.is_fresh() { list(&visitor, None).await } else { Ok(step_up("addresses")) }
}

async fn list(visitor: &Visitor, why: Option<&str>) -> Answer {
    let contacts = visitor.session.own_account().await.map_err(Refusal::from)?.contacts;
    let body = html! {
        p.lead { (say("addresses.lead")) }
        @if contacts.all().is_empty() { p.notice.bad { (say("addresses.none")) } }
        ul.cards { @for contact in contacts.all() { li { (card(visitor, contact, contacts.confidential())) } } }
        section.card.apart {
            h2 { (say("addresses.add")) }
            form method="post" action="/account/addresses" {
                (token(&visitor.form_token))
                input type="hidden" name="step" value="add";
                div.field {
                    label for="address" { (say("addresses.new")) }
                    input #address name="address" type="text" autocomplete="off" autocapitalize="none" spellcheck="false" required
                        maxlength="254" aria-describedby="address-hint";
                    p.hint #address-hint { (say("addresses.hint")) }
                }
                div.actions { button type="submit" { (say("addresses.add")) } }
            }
        }
    };
    page(visitor, say("addresses.title"), why, body).await
}

fn card(visitor: &Visitor, contact: &Contact, confidential: Option<&Address>) -> Markup {
    let address = contact.address.as_str();
    let is_confidential = confidential == Some(&contact.address);
    let start = |step: &str| {
        html! {
            (token(&visitor.form_token))
            input type="hidden" name="step" value=(step);
            input type="hidden" name="address" value=(address);
        }
    };
    let button = |step: &str, words: &str| {
        html! {
            form method="post" action="/account/addresses" {
                (start(step))
                button.plain type="submit" { (words) span.unseen { ": " (address) } }
            }
        }
    };
    html! {
        article.card {
            h2 {
                (address) " "
                @if contact.is_broken { span.tag.far { (say("addresses.broken")) } }
                @else if contact.verified_at.is_some() { span.tag.in { (say("addresses.proved")) } }
                @else { span.tag.out { (say("addresses.waiting")) } }
            }
            @if is_confidential { p.notice { (say("addresses.confidential-is")) } }
            @if contact.verified_at.is_none() {
                form method="post" action="/account/addresses" {
                    (start("verify"))
                    div.field {
                        label for={ "code-" (address) } { (say("addresses.code")) span.unseen { ": " (address) } }
                        input id={ "code-" (address) } name="code" type="text" inputmode="numeric" autocomplete="one-time-code" required maxlength="16";
                    }
                    div.actions { button type="submit" { (say("addresses.verify")) span.unseen { ": " (address) } } }
                }
            }
            div.actions {
                (button("remove", say("addresses.remove")))
                @if contact.verified_at.is_some() && !contact.is_broken {
                    @if is_confidential { (button("open", say("addresses.confidential-end"))) }
                    @else { (button("confidential", say("addresses.confidential"))) }
                }
            }
        }
    }
}

fn address(text: &str) -> Option<Address> {
    let email = EmailAddress::parse(text).map(Address::Email);
    email.or_else(|_| PhoneNumber::parse_within(text, 1).map(Address::Phone)).ok()
}

/// What was sent.
pub(crate) async fn act(visitor: Visitor, sent: Sent) -> Answer {
    sent.is_from(&visitor)?;
    let Some(address) = address(sent.one("address")) else {
        return list(&visitor, Some(say("addresses.invalid"))).await;
    };
    let session = &visitor.session;
    let done = match sent.one("step") {
        "add" => session.add_contact(&address).await,
        "verify" => session.verify_contact(&address, sent.one("code")).await,
        "remove" => session.remove_contact(&address).await,
        "confidential" => session.keep_confidential(Some(&address)).await,
        "open" => session.keep_confidential(None).await,
        _ => Err(AccountError::Contact(ContactError::Unknown)),
    };
    match done {
        Ok(()) => Ok(Redirect::to("/account/addresses").into_response()),
        Err(error) => match said(error, &visitor, "addresses")? {
            Ok(text) => list(&visitor, Some(&text)).await,
            Err(response) => Ok(response),
        },
    }
}
