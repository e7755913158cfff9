//! Changing a grant: each step is a page that says what it does, with a form.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use chrono::{DateTime, Duration, Utc};
use maud::{Markup, html};
use mychartum_core::access::grant::{LegalBasis, ProxyGrant};
use mychartum_core::access::pack::PolicyPack;
use mychartum_core::access::{Scope, Sensitivity, SensitivitySet};
use mychartum_core::chart::Section;
use mychartum_core::kernel::id::GrantId;
use mychartum_core::portal::ProxyError;

use super::parts::back;
use super::people::steps;
use super::sections::Place;
use crate::show::{grants, rights};
use crate::web::refusal::{Answer, Refusal};
use crate::web::sent::Sent;
use crate::web::visitor::{Opened, Visitor};
use crate::words::{count, fill, look_up, say};

/// What a patient does about a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Pause,
    Resume,
    Renew,
    Change,
    /// Show less without telling.
    Quiet,
    /// End that.
    Loud,
    End,
}

impl Step {
    const ALL: [Self; 7] = [Self::Pause, Self::Resume, Self::Renew, Self::Change, Self::Quiet, Self::Loud, Self::End];

    /// Its name in paths.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Renew => "renew",
            Self::Change => "change",
            Self::Quiet => "quiet",
            Self::Loud => "loud",
            Self::End => "end",
        }
    }

    /// The step of a name.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.name() == name)
    }

    /// Its name for people.
    pub(crate) fn title(self) -> &'static str {
        look_up(&format!("step.{}", self.name())).unwrap_or_default()
    }

    fn explained(self) -> &'static str {
        look_up(&format!("step-about.{}", self.name())).unwrap_or_default()
    }
}

type Asked = Path<(String, String, String)>;

async fn find(visitor: &Visitor, asked: &(String, String, String)) -> Result<(Opened, ProxyGrant, Step), Refusal> {
    let (patient, grant, step) = asked;
    let opened = visitor.open_own(patient, &[Section::Demographics]).await?;
    let id: GrantId = grant.parse().map_err(|_| Refusal::NotFound)?;
    let step = Step::of_name(step).ok_or(Refusal::NotFound)?;
    let all = visitor.session.grants(opened.patient()).await?;
    let grant = all.into_iter().find(|grant| grant.id() == id).ok_or(Refusal::NotFound)?;
    if steps(&grant, visitor.house.portal.policy()).contains(&step) {
        Ok((opened, grant, step))
    } else {
        Err(Refusal::NotPossible)
    }
}

/// Says what a step does, and asks.
pub(crate) async fn ask(visitor: Visitor, Path(asked): Asked) -> Answer {
    let (opened, grant, step) = find(&visitor, &asked).await?;
    Ok(form(&visitor, &opened, &grant, step, None))
}

fn form(
    visitor: &Visitor,
    opened: &Opened,
    grant: &ProxyGrant,
    step: Step,
    trouble: Option<&str>,
) -> axum::response::Response {
    let frame = &opened.frame;
    let to = frame.to(&format!("people/{}/{}", grant.id(), step.name()));
    let relation = grants::relation(grant.relation());
    frame.page(
        Place::People,
        step.title(),
        html! {
            (back(&frame.to("people"), Place::People.name()))
            h1 { (step.title()) }
            @if let Some(trouble) = trouble { div.trouble role="alert" { p { (trouble) } } }
            p.lead { strong { (fill("people.your", &[("relation", relation)])) } " (" (say("people.since")) " " (grants::day(grant.from())) ")" }
            p { (step.explained()) }
            form method="post" action=(to) {
                input type="hidden" name="token" value=(visitor.form_token);
                @match step {
                    Step::Renew => (ends(visitor.house.portal.policy(), visitor.house.now())),
                    Step::Change => {
                        (rights::boxes(grant.scope(), offered()))
                        (consents(grant.consents()))
                    },
                    Step::Quiet => (rights::boxes(grant.quiet().unwrap_or(grant.scope()), grant.scope())),
                    _ => (html! {}),
                }
                div.actions {
                    button type="submit" { (step.title()) }
                    a.button.plain href=(frame.to("people")) { (say("form.cancel")) }
                }
            }
        },
    )
}

/// Does it.
pub(crate) async fn act(visitor: Visitor, Path(asked): Asked, sent: Sent) -> Answer {
    sent.is_from(&visitor)?;
    let (opened, grant, step) = find(&visitor, &asked).await?;
    let (session, patient, id) = (&visitor.session, opened.patient(), grant.id());
    let done = match step {
        Step::Pause => session.pause(patient, id).await,
        Step::Resume => session.unpause(patient, id).await,
        Step::Renew => {
            let Some(until) = end(sent.one("days"), visitor.house.portal.policy(), visitor.house.now()) else {
                return Err(Refusal::Foreign);
            };
            session.renew(patient, id, until).await
        }
        Step::Change => session.rescope(patient, id, rights::scope_of(sent.all("right")), ticked_topics(&sent)).await,
        Step::Quiet => session.narrow(patient, id, Some(rights::scope_of(sent.all("right")))).await,
        Step::Loud => session.narrow(patient, id, None).await,
        Step::End => session.revoke(patient, id).await,
    };
    match done {
        Ok(()) => {
            let to = format!("{}?done={}", opened.frame.to("people"), step.name());
            Ok(Redirect::to(&to).into_response())
        }
        Err(ProxyError::Refused(_)) => {
            let page = form(&visitor, &opened, &grant, step, Some(say("form.not-possible")));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// The rights that a form offers: what there is a box for.
pub(super) fn offered() -> Scope {
    rights::Bundle::of_name("everything").map_or(Scope::NONE, rights::Bundle::scope)
}

/// The most days that the policy gives to a consent; without a limit there the choices end at 18 months.
fn most_days(policy: &PolicyPack) -> i64 {
    policy.basis(LegalBasis::PatientConsent).and_then(|basis| basis.max_days).map_or(546, i64::from)
}

/// Until when: 30 days, half a year, or as long as the policy allows.
pub(super) fn ends(policy: &PolicyPack, now: DateTime<Utc>) -> Markup {
    let most = most_days(policy);
    let choices: Vec<i64> = [30, 182].into_iter().filter(|days| *days < most).chain([most]).collect();
    html! {
        fieldset.ticks {
            legend { (say("end.for")) }
            @for (place, days) in choices.iter().enumerate() {
                @let id = format!("days-{days}");
                div.check {
                    input type="radio" name="days" value=(days) id=(id) checked[place == 0];
                    label for=(id) { (length(*days)) ", " (fill("end.until", &[("day", &grants::day(now + Duration::days(*days)))])) }
                }
            }
        }
    }
}

fn length(days: i64) -> String {
    match usize::try_from(days) {
        Ok(days @ 60..) => count("count.months", (days * 2 + 30) / 61),
        Ok(days) => count("count.days", days),
        Err(_) => String::new(),
    }
}

/// The end that was chosen, within what the policy allows.
pub(super) fn end(days: &str, policy: &PolicyPack, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let days: i64 = days.parse().ok()?;
    // A minute less than allowed: the engine's clock may be a little behind.
    (1..=most_days(policy)).contains(&days).then(|| now + Duration::days(days) - Duration::minutes(1))
}

/// Boxes for the sensitive topics.
pub(super) fn consents(given: SensitivitySet) -> Markup {
    html! {
        fieldset.ticks {
            legend { (say("topic-form.title")) }
            p.quiet { (say("topic-form.about")) }
            @for label in grants::topics() {
                @let id = format!("topic-{}", label.code());
                div.check {
                    input type="checkbox" name="topic" value=(label.code()) id=(id) checked[given.has(label)];
                    label for=(id) { (grants::topic(label)) }
                }
            }
        }
    }
}

/// The topics that were ticked.
pub(super) fn ticked_topics(sent: &Sent) -> SensitivitySet {
    let known = |code: &str| Sensitivity::of_code(code).filter(|label| *label != Sensitivity::Unknown);
    sent.all("topic").filter_map(known).collect()
}

#[cfg(test)]
mod tests {
    use mychartum_core::access::pack::EXAMPLE_PACK;

    use super::*;

    #[test]
    fn every_step_says_what_it_does_and_that_it_was_done() {
        for step in Step::ALL {
            assert_eq!(Step::of_name(step.name()), Some(step));
            assert!(!step.title().is_empty() && !step.explained().is_empty(), "{}", step.name());
            assert!(look_up(&format!("step-done.{}", step.name())).is_some(), "{}", step.name());
        }
    }

    #[test]
    fn no_end_is_beyond_the_policy() {
        let policy = PolicyPack::parse(EXAMPLE_PACK).unwrap();
        assert!(end("546", &policy, Utc::now()).is_some());
        for days in ["547", "0", "-1", "", "many"] {
            assert!(end(days, &policy, Utc::now()).is_none(), "{days}");
        }
        assert_eq!(length(30), "30 days");
        assert_eq!(length(182), "6 months");
        assert_eq!(length(546), "18 months");
    }
}
