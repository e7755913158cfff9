//! Who can see one item: hidden from a person or from everyone who acts for the patient, and shown again.

use axum::extract::Path;
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};
use mychartum_core::access::AgeClock;
use mychartum_core::access::Verb;
use mychartum_core::access::grant::ProxyGrant;
use mychartum_core::chart::Section;
use mychartum_core::kernel::id::ItemId;
use mychartum_core::portal::{HideFrom, Page};

use super::sections::Place;
use crate::show::grants;
use crate::web::refusal::{Answer, Refusal};
use crate::web::sent::Sent;
use crate::web::visitor::{Opened, Visitor, item_id};
use crate::words::{fill, say};

/// The sections whose items can be hidden here, by their name in paths.
const SECTIONS: [(&str, Section); 4] = [
    ("results", Section::Results),
    ("vitals", Section::Vitals),
    ("findings", Section::Findings),
    ("visits", Section::Visits),
];

/// The part of an item's page that says who can see it; nothing for anyone but the owner.
pub(crate) async fn part(visitor: &Visitor, opened: &Opened, place: Place, item: ItemId) -> Result<Markup, Refusal> {
    let known = SECTIONS.iter().find(|(path, _)| *path == place.path());
    let (true, Some((path, section))) = (opened.is_own(), known) else { return Ok(html! {}) };
    let patient = opened.patient();
    let (accounts, is_hidden) = visitor.session.hidden_from(patient, item).await?;
    let (policy, now) = (visitor.house.portal.policy(), visitor.house.now());
    let all = visitor.session.grants(patient).await?;
    let live: Vec<&ProxyGrant> =
        all.iter().filter(|grant| grant.state().is_live() && grant.until().is_none_or(|until| until > now)).collect();
    let sources = opened.chart.demographics(Page::ALL).await?.items;
    let born: Vec<_> = sources.into_iter().filter_map(|item| item.view.birth_date).collect();
    let ages = AgeClock::of_all(&born, policy.zone(), policy);
    let to = opened.frame.to(&format!("{path}/{item}/sharing"));
    let button = |from: &str, step: &str, words: &str, whom: &str| {
        html! {
            form method="post" action=(to) {
                input type="hidden" name="token" value=(visitor.form_token);
                input type="hidden" name="from" value=(from);
                button.plain type="submit" name="step" value=(step) { (words) span.unseen { ": " (whom) } }
            }
        }
    };
    Ok(html! {
        details.card.sharing #sharing open[is_hidden || !accounts.is_empty()] {
            summary { (say("sharing.title")) }
            p { (say(if is_hidden { "sharing.only-you" } else { "sharing.lead" })) }
            @if live.is_empty() { p.quiet { (say("people.none")) } }
            ul.brief {
                @for grant in &live {
                    @let whom = fill("people.your", &[("relation", grants::relation(grant.relation()))]);
                    @let sees = grants::comes_to(grant, policy, &ages, now).has(*section, Verb::View);
                    @let hidden = is_hidden || grant.proxy().is_some_and(|proxy| accounts.contains(&proxy));
                    li.who {
                        span { strong { (whom) } " " span.quiet { (say("people.since")) " " (grants::day(grant.from())) } }
                        span.tag { (say(if hidden { "sharing.hidden" } else if sees { "sharing.sees" } else { "sharing.not-in-scope" })) }
                        @if !is_hidden {
                            @if hidden { (button(&grant.id().to_string(), "show", say("sharing.show"), &whom)) }
                            @else if sees { (button(&grant.id().to_string(), "hide", say("sharing.hide"), &whom)) }
                        }
                    }
                }
                li.who {
                    span { strong { (say("sharing.everyone")) } }
                    @if is_hidden { (button("everyone", "show", say("sharing.show"), say("sharing.everyone"))) }
                    @else { (button("everyone", "hide", say("sharing.hide"), say("sharing.everyone"))) }
                }
            }
            p.quiet { (say("sharing.trace")) }
        }
    })
}

/// Hides an item, or shows it again.
pub(crate) async fn act(
    visitor: Visitor,
    Path((patient, section, item)): Path<(String, String, String)>,
    sent: Sent,
) -> Answer {
    sent.is_from(&visitor)?;
    let (path, section) = SECTIONS.iter().find(|(path, _)| *path == section).ok_or(Refusal::NotFound)?;
    let opened = visitor.open_own(&patient, &[*section]).await?;
    let (id, patient) = (item_id(&item)?, opened.patient());
    let from = match sent.one("from") {
        "everyone" => HideFrom::Everyone,
        grant => HideFrom::Grant(grant.parse().map_err(|_| Refusal::NotFound)?),
    };
    match sent.one("step") {
        "hide" => visitor.session.hide(patient, *section, id, from).await?,
        "show" => visitor.session.unhide(patient, *section, id, from).await?,
        _ => return Err(Refusal::NotFound),
    }
    Ok(Redirect::to(&format!("{}#sharing", opened.frame.item(path, id))).into_response())
}
