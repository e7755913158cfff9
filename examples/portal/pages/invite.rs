//! Inviting someone to act for oneself: for what purpose, what exactly, for how long; then a link to hand over.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::html;
use mychartum_core::access::grant::Relation;
use mychartum_core::access::{Scope, SensitivitySet};
use mychartum_core::chart::Section;
use mychartum_core::portal::{Offer, ProxyError};

use super::account::parts::step_up;
use super::parts::back;
use super::people_change::{consents, end, ends, offered, ticked_topics};
use super::sections::Place;
use crate::show::keys::{key, of_key};
use crate::show::rights::{BUNDLES, Bundle, boxes, scope_of};
use crate::show::{grants, rights};
use crate::web::refusal::{Answer, Refusal};
use crate::web::sent::Sent;
use crate::web::visitor::{Opened, Visitor};
use crate::words::{fill, say};

/// The purposes to begin from.
pub(crate) async fn purposes(visitor: Visitor, Path(patient): Path<String>) -> Answer {
    // Asked for before anything is filled in, so that nothing is lost.
    if !visitor.session.is_fresh() {
        return Ok(step_up(&patient));
    }
    let opened = visitor.open_own(&patient, &[Section::Demographics]).await?;
    let frame = &opened.frame;
    Ok(frame.page(
        Place::People,
        say("invite.title"),
        html! {
            (back(&frame.to("people"), Place::People.name()))
            h1 { (say("invite.title")) }
            p.lead { (say("invite.purpose")) }
            ul.doors {
                @for bundle in BUNDLES {
                    li { a href=(frame.to(&format!("people/invite/{}", bundle.name))) { strong { (bundle.title()) } span { (bundle.about()) } } }
                }
            }
        },
    ))
}

/// The form for a purpose.
pub(crate) async fn form(visitor: Visitor, Path((patient, bundle)): Path<(String, String)>) -> Answer {
    let opened = visitor.open_own(&patient, &[Section::Demographics]).await?;
    let bundle = Bundle::of_name(&bundle).ok_or(Refusal::NotFound)?;
    Ok(page(&visitor, &opened, bundle, bundle.scope(), SensitivitySet::NONE, None))
}

fn page(
    visitor: &Visitor,
    opened: &Opened,
    bundle: Bundle,
    scope: Scope,
    topics: SensitivitySet,
    trouble: Option<&str>,
) -> Response {
    let frame = &opened.frame;
    frame.page(
        Place::People,
        bundle.title(),
        html! {
            (back(&frame.to("people/invite"), say("invite.title")))
            h1 { (bundle.title()) }
            @if let Some(trouble) = trouble { div.trouble #trouble role="alert" { p { (trouble) } } }
            p.lead { (bundle.about()) }
            form.choices method="post" action=(frame.to(&format!("people/invite/{}", bundle.name))) {
                input type="hidden" name="token" value=(visitor.form_token);
                div.field {
                    label for="relation" { (say("invite.relation")) }
                    select #relation name="relation" required {
                        option value="" { (say("form.choose")) }
                        @for relation in Relation::ALL { option value=(key(relation)) { (grants::relation(*relation)) } }
                    }
                }
                (boxes(scope, offered()))
                (consents(topics))
                (ends(visitor.house.portal.policy(), visitor.house.now()))
                p.quiet { (say("invite.hide-hint")) }
                div.actions {
                    button type="submit" { (say("invite.button")) }
                    a.button.plain href=(frame.to("people")) { (say("form.cancel")) }
                }
            }
        },
    )
}

/// Makes the invitation, and shows the link once.
pub(crate) async fn make(visitor: Visitor, Path((patient, bundle)): Path<(String, String)>, sent: Sent) -> Answer {
    sent.is_from(&visitor)?;
    let opened = visitor.open_own(&patient, &[Section::Demographics]).await?;
    let bundle = Bundle::of_name(&bundle).ok_or(Refusal::NotFound)?;
    let policy = visitor.house.portal.policy();
    let (scope, topics) = (scope_of(sent.all("right")), ticked_topics(&sent));
    let again = |trouble: &'static str| {
        let page = page(&visitor, &opened, bundle, scope, topics, Some(say(trouble)));
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    };
    let Some(relation) = of_key(Relation::ALL, sent.one("relation")) else { return again("invite.no-relation") };
    let Some(until) = end(sent.one("days"), policy, visitor.house.now()) else { return again("invite.no-end") };
    if scope.is_empty() {
        return again("invite.nothing");
    }
    let offer = Offer { relation, scope, consents: topics, until };
    match visitor.session.invite(opened.patient(), &offer).await {
        Ok((_, token)) => Ok(made(&visitor, &opened, &offer, token.expose())),
        Err(ProxyError::Refused(_)) => again("form.not-possible"),
        Err(error) => Err(error.into()),
    }
}

fn made(visitor: &Visitor, opened: &Opened, offer: &Offer, token: &str) -> Response {
    let frame = &opened.frame;
    let link = format!("http://localhost:{}/invitation/{token}", visitor.house.port);
    let days = visitor.house.portal.policy().invitation().days().to_string();
    frame.page(
        Place::People,
        say("invite.made"),
        html! {
            h1 { (say("invite.made")) }
            p.lead { (fill("invite.hand-over", &[("relation", grants::relation(offer.relation)), ("days", &days)])) }
            div.card {
                label for="link" { (say("invite.link")) }
                textarea #link.link readonly rows="4" spellcheck="false" { (link) }
            }
            p.notice { strong { (say("invite.secret")) } " " (say("invite.secret-more")) }
            section.card {
                h2 { (say("grant.may")) }
                ul.plain-list { @for line in rights::lines(offer.scope) { li { (line) } } }
            }
            p { a.button href=(frame.to("people")) { (Place::People.name()) } }
        },
    )
}
