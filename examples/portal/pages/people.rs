//! Who acts for me: each grant in plain words, with what can be done about it.

use axum::extract::{Path, Query};
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use mychartum_core::access::AgeClock;
use mychartum_core::access::grant::{GrantState, LegalBasis, ProxyGrant, SuspendReason};
use mychartum_core::access::pack::{PolicyPack, Renewal};
use mychartum_core::chart::Section;
use mychartum_core::portal::Page;
use serde::Deserialize;

use super::layout::Frame;
use super::parts::nothing;
use super::people_change::Step;
use super::sections::Place;
use crate::show::{grants, rights};
use crate::web::refusal::{Answer, Refusal};
use crate::web::visitor::{Opened, Visitor};
use crate::words::{fill, look_up, say};

/// What was done just now, as it stands in the address.
#[derive(Debug, Deserialize)]
pub(crate) struct Done {
    #[serde(default)]
    done: String,
}

/// What a grant is looked at with.
pub(super) struct Light<'a> {
    pub(super) policy: &'a PolicyPack,
    pub(super) ages: AgeClock,
    pub(super) now: DateTime<Utc>,
}

impl<'a> Light<'a> {
    /// The light on the grants of a chart: the policy, and the patient's age by every date of birth that a source gave.
    pub(super) async fn on(visitor: &'a Visitor, opened: &Opened) -> Result<Self, Refusal> {
        let policy = visitor.house.portal.policy();
        let sources = opened.chart.demographics(Page::ALL).await?.items;
        let born: Vec<_> = sources.into_iter().filter_map(|item| item.view.birth_date).collect();
        Ok(Self { policy, ages: AgeClock::of_all(&born, policy.zone(), policy), now: visitor.house.now() })
    }
}

/// The page.
pub(crate) async fn page(visitor: Visitor, Path(patient): Path<String>, Query(done): Query<Done>) -> Answer {
    let opened = visitor.open_own(&patient, &[Section::Demographics]).await?;
    let light = Light::on(&visitor, &opened).await?;
    let frame = &opened.frame;
    let all = visitor.session.grants(opened.patient()).await?;
    let is_over = |grant: &ProxyGrant| {
        let end = if grant.state() == GrantState::Invited { grant.accept_by() } else { grant.until() };
        grant.state().is_final() || end.is_some_and(|end| end <= light.now)
    };
    let (over, now): (Vec<_>, Vec<_>) = all.iter().partition(|grant| is_over(grant));
    let told = Step::of_name(&done.done).and_then(|step| look_up(&format!("step-done.{}", step.name())));
    Ok(frame.page(
        Place::People,
        Place::People.name(),
        html! {
            h1 { (Place::People.name()) }
            @if let Some(told) = told { p.notice.good role="status" { (told) } }
            p.lead { (say("people.lead")) }
            p { a.button href=(frame.to("people/invite")) { (say("people.invite")) } }
            @if now.is_empty() { (nothing(say("people.none"))) }
            ul.cards { @for grant in &now { li { (card(frame, grant, &light)) } } }
            @if !over.is_empty() {
                details.card {
                    summary { (say("people.over")) }
                    ul.brief { @for grant in &over { li { (past(grant, light.now)) } } }
                }
            }
        },
    ))
}

/// One grant, in plain words.
fn card(frame: &Frame, grant: &ProxyGrant, light: &Light<'_>) -> Markup {
    let comes_to = grants::comes_to(grant, light.policy, &light.ages, light.now);
    let changes = grants::birthdays(grant, light.policy, &light.ages, light.now);
    html! {
        article.card {
            h2 { (fill("people.your", &[("relation", grants::relation(grant.relation()))])) " " span.tag { (grants::state(grant.state())) } }
            dl.facts {
                div { dt { (say("grant.since")) } dd { (grants::day(grant.from())) } }
                div { dt { (say("grant.basis")) } dd { (grants::basis(grant.basis())) } }
                div { dt { (say(rights_of(grant.state()))) } dd { (may(comes_to)) } }
                div { dt { (say("grant.topics")) } dd { (topics(grant)) } }
                div { dt { (say("grant.time")) } dd {
                    (until(grant))
                    @for change in &changes { br; (change) }
                } }
            }
            @if let Some(left) = grant.quiet() {
                p.notice { (fill("people.quiet", &[("may", &rights::sentence(left.and(comes_to)))])) }
            }
            @let steps = steps(grant, light.policy);
            @if !steps.is_empty() {
                div.actions {
                    @if grant.state().is_live() {
                        a.button.plain href=(frame.to(&format!("people/{}/see", grant.id()))) {
                            (say("see.title"))
                            span.unseen { ": " (grants::relation(grant.relation())) ", " (grants::day(grant.from())) }
                        }
                        a.button.plain href=(frame.to(&format!("people/{}/written", grant.id()))) {
                            (say("written.title"))
                            span.unseen { ": " (grants::relation(grant.relation())) ", " (grants::day(grant.from())) }
                        }
                    }
                    @for step in steps {
                        a.button.plain href=(frame.to(&format!("people/{}/{}", grant.id(), step.name()))) {
                            (step.title())
                            span.unseen { ": " (grants::relation(grant.relation())) ", " (grants::day(grant.from())) }
                        }
                    }
                }
            }
        }
    }
}

/// What the rights of a grant in this state are: had, offered or only asked for.
const fn rights_of(state: GrantState) -> &'static str {
    match state {
        GrantState::Requested | GrantState::PendingVerification | GrantState::PendingAssent => "grant.asked",
        GrantState::Invited => "grant.offered",
        _ => "grant.may",
    }
}

fn may(scope: mychartum_core::access::Scope) -> Markup {
    let lines = rights::lines(scope);
    html! {
        @if lines.is_empty() { (say("verb.nothing")) }
        @else { ul.plain-list { @for line in lines { li { (line) } } } }
    }
}

fn topics(grant: &ProxyGrant) -> Markup {
    let topics: Vec<&str> = grant.consents().iter().map(grants::topic).collect();
    html! {
        @if grant.basis() != LegalBasis::PatientConsent { (say("grant.topics-by-policy")) }
        @else if topics.is_empty() { (say("grant.no-topics")) }
        @else { (topics.join(", ")) }
    }
}

fn until(grant: &ProxyGrant) -> String {
    match (grant.state(), grant.accept_by(), grant.until()) {
        (GrantState::Invited, Some(by), _) => fill("grant.accept-by", &[("day", &grants::day(by))]),
        (_, _, Some(until)) => fill("grant.until", &[("day", &grants::day(until))]),
        _ => say("grant.no-end").to_owned(),
    }
}

fn past(grant: &ProxyGrant, now: DateTime<Utc>) -> Markup {
    let end = grant.until().filter(|until| *until <= now && !grant.state().is_final());
    html! {
        strong { (grants::relation(grant.relation())) }
        span.quiet {
            @match end {
                Some(end) => { (say("people.run-out")) ", " (grants::day(end)) },
                None => { (grants::state(grant.state())) ", " (grants::day(grant.since())) },
            }
        }
    }
}

/// What the patient can do about a grant as it stands.
pub(super) fn steps(grant: &ProxyGrant, policy: &PolicyPack) -> Vec<Step> {
    let state = grant.state();
    let is_consent = grant.basis() == LegalBasis::PatientConsent;
    let renews = policy.basis(grant.basis()).is_some_and(|basis| basis.renewal == Renewal::Patient);
    let mut steps = Vec::new();
    if state.is_live() {
        steps.push(Step::Pause);
    }
    if state == GrantState::Suspended(SuspendReason::PatientPaused) {
        steps.push(Step::Resume);
    }
    if state == GrantState::Active && renews {
        steps.push(Step::Renew);
    }
    if matches!(state, GrantState::Active | GrantState::Invited) && is_consent {
        steps.push(Step::Change);
    }
    if state.is_live() {
        steps.push(Step::Quiet);
    }
    if state.is_live() && grant.quiet().is_some() {
        steps.push(Step::Loud);
    }
    if !state.is_final() && (is_consent || grant.basis() == LegalBasis::HealthCareAgent) {
        steps.push(Step::End);
    }
    steps
}
