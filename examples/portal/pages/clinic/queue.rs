//! Who asks to act for a patient, and those in dispute: the evidence, who else is on the chart, and the steps of staff.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use mychartum_core::access::grant::{DenyReason, EvidenceShown, GrantError, GrantState, ProxyGrant, RevokeReason};
use mychartum_core::access::pack::Evidence;
use mychartum_core::kernel::id::{AttachmentId, GrantId};
use mychartum_core::portal::{ProxyError, Waiting};

use super::parts::{account, shown, ways, whose};
use crate::pages::layout::Whose;
use crate::pages::parts::{back, nothing};
use crate::show::keys::{key, of_key};
use crate::show::{grants, rights};
use crate::web::forms::random_bytes;
use crate::web::refusal::{Answer, Refusal};
use crate::web::sent::Sent;
use crate::web::staff::Staff;
use crate::words::{fill, look_up, say};

/// A step of staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    TakeUp,
    Verify,
    Deny,
    /// It stands again, after a dispute.
    Stands,
    End,
}

/// The reasons that staff may give; the others are the engine's own.
const DENY: [DenyReason; 4] =
    [DenyReason::Evidence, DenyReason::Conflict, DenyReason::ProxyTooYoung, DenyReason::Fraud];
const END: [RevokeReason; 2] = [RevokeReason::Staff, RevokeReason::CourtOrder];

impl Step {
    const ALL: [Self; 5] = [Self::TakeUp, Self::Verify, Self::Deny, Self::Stands, Self::End];

    const fn name(self) -> &'static str {
        match self {
            Self::TakeUp => "take-up",
            Self::Verify => "verify",
            Self::Deny => "deny",
            Self::Stands => "stands",
            Self::End => "end",
        }
    }

    fn title(self) -> &'static str {
        look_up(&format!("clinic-step.{}", self.name())).unwrap_or_default()
    }

    fn explained(self) -> &'static str {
        look_up(&format!("clinic-about.{}", self.name())).unwrap_or_default()
    }

    /// The steps that a grant in this state can take.
    const fn of(state: GrantState) -> &'static [Self] {
        match state {
            GrantState::Requested => &[Self::TakeUp, Self::Deny],
            GrantState::PendingVerification => &[Self::Verify, Self::Deny],
            GrantState::Disputed => &[Self::Stands, Self::End],
            _ => &[],
        }
    }
}

/// The page.
pub(crate) async fn page(staff: Staff) -> Answer {
    let visitor = &staff.0;
    let portal = &visitor.house.portal;
    let mut requests: Vec<(Whose, Waiting)> = Vec::new();
    let mut disputes: Vec<(Whose, Waiting)> = Vec::new();
    for waiting in portal.proxy_queue().await? {
        let whose = whose(portal, waiting.grant.patient()).await?;
        let list = if waiting.grant.state() == GrantState::Disputed { &mut disputes } else { &mut requests };
        list.push((whose, waiting));
    }
    Ok(visitor.frame().await?.plain(
        say("clinic.queue"),
        html! {
            h1 { (say("clinic.title")) }
            (ways("/clinic"))
            p.lead { (say("clinic.lead")) }
            section.group {
                h2 { (say("clinic.requests")) }
                @if requests.is_empty() { (nothing(say("clinic.no-requests"))) }
                ul.cards { @for (whose, waiting) in &requests { li { (card(&staff, whose, waiting)) } } }
            }
            section.group {
                h2 { (say("clinic.disputes")) }
                @if disputes.is_empty() { (nothing(say("clinic.no-disputes"))) }
                ul.cards { @for (whose, waiting) in &disputes { li { (card(&staff, whose, waiting)) } } }
            }
        },
    ))
}

fn card(staff: &Staff, whose: &Whose, waiting: &Waiting) -> Markup {
    let grant = &waiting.grant;
    html! {
        article.card {
            h3 { (shown(whose)) " " span.tag { (grants::state(grant.state())) } }
            (known(staff, grant))
            h4 { (say("clinic.others")) }
            @if waiting.others.is_empty() { p.quiet { (say("clinic.no-others")) } }
            ul.brief {
                @for other in &waiting.others {
                    li {
                        strong { (grants::relation(other.relation())) }
                        span.quiet {
                            (grants::basis(other.basis())) ", " (grants::state(other.state())) ": "
                            (rights::sentence(other.scope()))
                        }
                    }
                }
            }
            div.actions {
                @for step in Step::of(grant.state()) {
                    a.button.plain href=(address(grant, *step)) { (step.title()) span.unseen { ": " (whose.name) ", " (grants::relation(grant.relation())) } }
                }
            }
        }
    }
}

fn address(grant: &ProxyGrant, step: Step) -> String {
    format!("/clinic/grants/{}/{}/{}", grant.patient(), grant.id(), step.name())
}

fn known(staff: &Staff, grant: &ProxyGrant) -> Markup {
    let policy = staff.0.house.portal.policy();
    let basis = policy.basis(grant.basis());
    let needed = basis.map_or(0, |basis| basis.verifiers);
    let wanted = basis.map_or("", |basis| match basis.evidence {
        Evidence::PatientsWord => say("evidence.word"),
        Evidence::Document => say("evidence.document"),
        Evidence::Attestation => say("evidence.attestation"),
    });
    let verified = (grant.verified_by().len().to_string(), needed.to_string());
    let narrowed = grant.terms(policy, &[], staff.0.house.now()).filter(|_| grant.state() == GrantState::Disputed);
    html! {
        dl.facts {
            div { dt { (say("clinic.asker")) } dd {
                (grants::relation(grant.relation()))
                @if let Some(proxy) = grant.proxy() { ", " (say("clinic.account")) " " code { (account(proxy)) } }
            } }
            div { dt { (say("grant.basis")) } dd { (grants::basis(grant.basis())) " (" (grant.basis().citation()) ")" } }
            div { dt { (say("clinic.since")) } dd { (grants::day(grant.since())) } }
            div { dt { (say("grant.may")) } dd { (rights::sentence(grant.scope())) } }
            @if let Some(terms) = narrowed {
                div { dt { (say("clinic.meanwhile")) } dd { (rights::sentence(terms.scope.and(terms.narrowed))) } }
            }
            div { dt { (say("clinic.wanted")) } dd { (wanted) } }
            div { dt { (say("clinic.evidence")) } dd { (evidence(grant.evidence())) } }
            div { dt { (say("clinic.verified")) } dd {
                (fill("clinic.verified-by", &[("have", &verified.0), ("need", &verified.1)]))
                @if grant.verified_by().contains(&staff.account()) { " " (say("clinic.by-you")) }
            } }
        }
    }
}

fn evidence(shown: Option<EvidenceShown>) -> Markup {
    let Some(shown) = shown else { return html! { (say("clinic.no-evidence")) } };
    html! {
        @if let Some(document) = shown.document { (say("clinic.document")) " " code { (document.to_string().chars().take(8).collect::<String>()) } }
        @if let Some(clinician) = shown.attested_by { " " (say("clinic.attested")) " " code { (account(clinician)) } }
        @if let Some(day) = shown.review_by { " " (fill("clinic.review", &[("day", &crate::show::date::day_of(day))])) }
    }
}

type Asked = Path<(String, String, String)>;

async fn find(staff: &Staff, asked: &(String, String, String)) -> Result<(Waiting, Step), Refusal> {
    let (patient, grant, step) = asked;
    let step = Step::ALL.into_iter().find(|known| known.name() == step).ok_or(Refusal::NotFound)?;
    let id: GrantId = grant.parse().map_err(|_| Refusal::NotFound)?;
    let all = staff.0.house.portal.proxy_queue().await?;
    let found = all.into_iter().find(|one| one.grant.id() == id && one.grant.patient().to_string() == *patient);
    let waiting = found.ok_or(Refusal::NotFound)?;
    if Step::of(waiting.grant.state()).contains(&step) { Ok((waiting, step)) } else { Err(Refusal::NotPossible) }
}

/// Says what a step does, and asks.
pub(crate) async fn ask(staff: Staff, Path(asked): Asked) -> Answer {
    let (waiting, step) = find(&staff, &asked).await?;
    form(&staff, &waiting, step, None).await
}

async fn form(staff: &Staff, waiting: &Waiting, step: Step, trouble: Option<&str>) -> Answer {
    let visitor = &staff.0;
    let grant = &waiting.grant;
    let whose = whose(&visitor.house.portal, grant.patient()).await?;
    Ok(visitor.frame().await?.plain(
        step.title(),
        html! {
            (back("/clinic", say("clinic.title")))
            h1 { (step.title()) }
            @if let Some(trouble) = trouble { div.trouble role="alert" { p { (trouble) } } }
            p.lead { (shown(&whose)) }
            section.card { (known(staff, grant)) }
            p { (step.explained()) }
            form method="post" action=(address(grant, step)) {
                input type="hidden" name="token" value=(visitor.form_token);
                (choices(step))
                div.actions {
                    button type="submit" { (step.title()) }
                    a.button.plain href="/clinic" { (say("form.cancel")) }
                }
            }
        },
    ))
}

fn choices(step: Step) -> Markup {
    let options: Vec<(String, &str)> = match step {
        Step::Deny => DENY.iter().map(|reason| (key(reason), deny(*reason))).collect(),
        Step::End => END.iter().map(|reason| (key(reason), end(*reason))).collect(),
        Step::TakeUp | Step::Verify => return html! {},
        Step::Stands => {
            return html! {
                div.check {
                    input #seen type="checkbox" name="seen" value="yes" required;
                    label for="seen" { (say("clinic.seen")) }
                }
            };
        }
    };
    html! {
        div.field {
            label for="reason" { (say("invitation.why")) }
            select #reason name="reason" required {
                option value="" { (say("form.choose")) }
                @for (value, words) in &options { option value=(value) { (words) } }
            }
        }
    }
}

fn deny(reason: DenyReason) -> &'static str {
    look_up(&format!("deny.{}", key(&reason))).unwrap_or_default()
}

fn end(reason: RevokeReason) -> &'static str {
    look_up(&format!("end-reason.{}", key(&reason))).unwrap_or_default()
}

/// Does it.
pub(crate) async fn act(staff: Staff, Path(asked): Asked, sent: Sent) -> Answer {
    sent.is_from(&staff.0)?;
    let (waiting, step) = find(&staff, &asked).await?;
    let (portal, by) = (&staff.0.house.portal, staff.account());
    let (patient, id) = (waiting.grant.patient(), waiting.grant.id());
    let done = match step {
        Step::TakeUp => portal.take_up(by, patient, id).await,
        Step::Verify => portal.verify(by, patient, id).await.map(drop),
        Step::Deny => match of_key(&DENY, sent.one("reason")) {
            Some(reason) => portal.deny(by, patient, id, reason).await,
            None => return again(&staff, &waiting, step, say("clinic.no-reason")).await,
        },
        Step::End => match of_key(&END, sent.one("reason")) {
            Some(reason) => portal.end_grant(by, patient, id, reason).await,
            None => return again(&staff, &waiting, step, say("clinic.no-reason")).await,
        },
        Step::Stands => {
            if sent.one("seen") != "yes" {
                return again(&staff, &waiting, step, say("clinic.not-seen")).await;
            }
            let evidence = EvidenceShown { document: Some(document()?), attested_by: None, review_by: None };
            portal.reinstate(by, patient, id, evidence).await
        }
    };
    match done {
        Ok(()) => Ok(Redirect::to("/clinic").into_response()),
        Err(ProxyError::Refused(GrantError::SecondPerson)) => {
            again(&staff, &waiting, step, say("clinic.second-person")).await
        }
        Err(ProxyError::Refused(_)) => again(&staff, &waiting, step, say("form.not-possible")).await,
        Err(error) => Err(error.into()),
    }
}

async fn again(staff: &Staff, waiting: &Waiting, step: Step, trouble: &str) -> Answer {
    let page: Response = form(staff, waiting, step, Some(trouble)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// The number of a document that was seen; the stage keeps no papers.
fn document() -> Result<AttachmentId, Refusal> {
    let bytes = random_bytes().ok_or(Refusal::Broken)?;
    let first = bytes.first_chunk::<16>().ok_or(Refusal::Broken)?;
    Ok(AttachmentId::from_bytes(*first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_and_reason_of_staff_has_words() {
        for step in Step::ALL {
            assert!(!step.title().is_empty() && !step.explained().is_empty(), "{}", step.name());
        }
        for reason in DENY {
            assert!(!deny(reason).is_empty(), "{reason:?}");
        }
        for reason in END {
            assert!(!end(reason).is_empty(), "{reason:?}");
        }
    }
}
