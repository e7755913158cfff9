//! The records team's desk: what sources sent and could not be filed, and what they said of their names for patients.

use axum::extract::Path;
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};
use mychartum_core::chart::{SourceId, SourceRef};
use mychartum_core::kernel::id::{PatientId, QuarantineId};
use mychartum_core::kernel::text::Label;
use mychartum_core::portal::Portal;
use mychartum_core::sync::{LinkError, MergeCase, QuarantineCase, QuarantineError, Tie};

use super::parts::{account, shown, ways, whose};
use crate::pages::parts::{back, nothing, source_name};
use crate::show::date;
use crate::web::refusal::{Answer, Refusal};
use crate::web::sent::Sent;
use crate::web::staff::Staff;
use crate::words::{fill, look_up, say};

/// How many cases of a source are read at once, and how many that wait are shown; the next come when these are done.
const SHOWN: u32 = 50;
const MOST: usize = 50;

const HERE: &str = "/clinic/records";

/// Somebody whose chart something may be filed in.
struct Somebody {
    patient: PatientId,
    name: String,
}

/// The page.
pub(crate) async fn page(staff: Staff) -> Answer {
    let visitor = &staff.0;
    let portal = &visitor.house.portal;
    let people = people(&staff);
    let mut parts = Vec::new();
    for source in &visitor.house.sources {
        let cases = cases(portal, source).await?;
        let merges = portal.patient_merges(source, SHOWN).await?;
        let heard = portal.last_heard(source).await?;
        parts.push(html! {
            section.group {
                h2 { (source_name(source.as_str())) }
                p.quiet { (say("fresh.heard")) " " @match heard { Some(at) => (date::instant(at)), None => (say("fresh.never")) } "." }
                @if cases.is_empty() && merges.is_empty() { (nothing(say("records.none"))) }
                ul.cards { @for case in &cases { li { (card(&staff, source, case, &people)) } } }
                @if !merges.is_empty() { h3 { (say("records.merges")) } p.quiet { (say("records.merges-text")) } }
                ul.cards { @for case in &merges { li { (merge_card(&staff, source, case)) } } }
            }
        });
    }
    Ok(visitor.frame().await?.plain(
        say("clinic.records"),
        html! {
            h1 { (say("clinic.title")) }
            (ways(HERE))
            p.lead { (say("records.lead")) }
            @for part in parts { (part) }
        },
    ))
}

/// What waits, the oldest first, and behind it the oldest of what was left where it is: much of that never hides what waits.
async fn cases(portal: &Portal, source: &SourceId) -> Result<Vec<QuarantineCase>, Refusal> {
    let (mut waiting, mut dismissed, mut after) = (Vec::new(), Vec::new(), None);
    loop {
        let page = portal.quarantine(source, after, SHOWN).await?;
        for case in page.cases {
            if case.dismissed.is_none() { &mut waiting } else { &mut dismissed }.push(case);
        }
        after = page.next;
        if after.is_none() || waiting.len() >= MOST {
            break;
        }
    }
    waiting.truncate(MOST);
    dismissed.truncate(MOST);
    waiting.extend(dismissed);
    Ok(waiting)
}

/// The people whom the stage knows; a host with a directory of patients would offer a search.
fn people(staff: &Staff) -> Vec<Somebody> {
    let known = staff.0.house.stage.iter().flat_map(|stage| &stage.people);
    known.map(|one| Somebody { patient: one.patient, name: format!("{}, {}", one.name, one.born) }).collect()
}

fn card(staff: &Staff, source: &SourceId, case: &QuarantineCase, people: &[Somebody]) -> Markup {
    let at = format!("{HERE}/{}/{}", source.as_str(), case.id);
    let why = look_up(&format!("reason.{}", case.code)).unwrap_or(&case.reason);
    let may_file = case.subject.is_some() && case.dismissed.is_none() && !people.is_empty();
    let field = format!("whose-{}", case.id);
    html! {
        article.card {
            h3 { (why) @if case.dismissed.is_some() { " " span.tag { (say("records.dismissed")) } } }
            dl.facts {
                div { dt { (say("records.kind")) } dd { (case.resource) } }
                div { dt { (say("records.received")) } dd { (date::instant(case.received_at)) } }
                @if let Some(subject) = &case.subject { div { dt { (say("records.subject")) } dd { code { (subject.id.as_str()) } } } }
                @if let Some(dismissed) = case.dismissed { div { dt { (say("records.by")) } dd { code { (account(dismissed.by)) } } } }
            }
            div.actions {
                a.button.plain href=(at) { (say("records.look")) }
                form method="post" action={ (at) "/" (if case.dismissed.is_some() { "reopen" } else { "dismiss" }) } {
                    input type="hidden" name="token" value=(staff.0.form_token);
                    button.plain type="submit" { (say(if case.dismissed.is_some() { "records.reopen" } else { "records.dismiss" })) }
                }
            }
            @if may_file {
                form.filter method="post" action={ (at) "/file" } {
                    input type="hidden" name="token" value=(staff.0.form_token);
                    div.field { label for=(field) { (say("records.whose")) }
                        select id=(field) name="patient" required {
                            option value="" { (say("records.choose")) }
                            @for one in people { option value=(one.patient) { (one.name) } }
                        }
                    }
                    button type="submit" { (say("records.file")) }
                }
            }
        }
    }
}

fn merge_card(staff: &Staff, source: &SourceId, case: &MergeCase) -> Markup {
    let (survivor, merged) = (case.said.survivor.id.as_str(), case.said.merged.id.as_str());
    let words = if case.said.tie == Tie::One { "records.said-one" } else { "records.said-apart" };
    let is_own = case.own.is_some_and(|own| Some(own) != case.survivor);
    html! {
        article.card {
            h4 { (fill(words, &[("merged", merged), ("survivor", survivor)])) }
            p { (date::instant(case.received_at)) ". " (say(if case.stands { "records.stands" } else { "records.stands-not" })) }
            @if is_own && case.stands { p.notice { (say("records.shut")) } }
            @if case.stands {
                form method="post" action={ (HERE) "/" (source.as_str()) "/apart" } {
                    input type="hidden" name="token" value=(staff.0.form_token);
                    input type="hidden" name="survivor" value=(survivor);
                    input type="hidden" name="merged" value=(merged);
                    div.actions { button.plain type="submit" { (say("records.apart")) } }
                }
            }
        }
    }
}

fn source_of(staff: &Staff, name: &str) -> Result<SourceId, Refusal> {
    staff.0.house.sources.iter().find(|source| source.as_str() == name).cloned().ok_or(Refusal::NotFound)
}

/// A parcel in quarantine, opened; the source's trail says who looked.
pub(crate) async fn look(staff: Staff, Path((source, id)): Path<(String, String)>) -> Answer {
    let visitor = &staff.0;
    let source = source_of(&staff, &source)?;
    let id: QuarantineId = id.parse().map_err(|_| Refusal::NotFound)?;
    let opened = visitor.house.portal.open_quarantined(staff.account(), &source, id).await.map_err(refusal)?;
    let text = String::from_utf8_lossy(&opened.original).replace('\r', "\n");
    let frame = visitor.frame().await?;
    Ok(frame.plain(
        say("records.look"),
        html! {
            (back(HERE, say("clinic.records")))
            h1 { (look_up(&format!("reason.{}", opened.case.code)).unwrap_or(&opened.case.reason)) }
            p { (say("records.trail")) }
            pre.original tabindex="0" role="region" aria-label=(say("source.original")) { (text) }
        },
    ))
}

/// Files a parcel, lets it stay, or takes that back.
pub(crate) async fn act(staff: Staff, Path((source, id, step)): Path<(String, String, String)>, sent: Sent) -> Answer {
    sent.is_from(&staff.0)?;
    let source = source_of(&staff, &source)?;
    let id: QuarantineId = id.parse().map_err(|_| Refusal::NotFound)?;
    let (portal, by) = (&staff.0.house.portal, staff.account());
    match step.as_str() {
        "dismiss" => portal.dismiss_quarantined(by, &source, id).await.map_err(refusal)?,
        "reopen" => portal.reopen_quarantined(by, &source, id).await.map_err(refusal)?,
        "file" => {
            let patient: PatientId = sent.one("patient").parse().map_err(|_| Refusal::NotPossible)?;
            // Whose it is then is on the page that follows; the trail of the chart has the entry.
            let to = whose(portal, patient).await?;
            let filed = portal.file_quarantined(by, &source, id, patient).await.map_err(refusal)?;
            let frame = staff.0.frame().await?;
            return Ok(frame.plain(
                say("clinic.records"),
                html! {
                    (back(HERE, say("clinic.records")))
                    h1 { (say("records.filed")) }
                    p role="status" { (fill("records.filed-text", &[("count", &filed.to_string())])) " " strong { (shown(&to)) } "." }
                },
            ));
        }
        _ => return Err(Refusal::NotFound),
    }
    Ok(Redirect::to(HERE).into_response())
}

/// Takes two names apart.
pub(crate) async fn apart(staff: Staff, Path(source): Path<String>, sent: Sent) -> Answer {
    sent.is_from(&staff.0)?;
    let source = source_of(&staff, &source)?;
    let name = |field: &str| -> Result<SourceRef, Refusal> {
        let label = |text: &str| Label::parse(text).map_err(|_| Refusal::NotPossible);
        Ok(SourceRef { kind: label("Patient")?, id: label(sent.one(field))? })
    };
    let (survivor, merged) = (name("survivor")?, name("merged")?);
    let portal = &staff.0.house.portal;
    portal.say_of_patients(staff.account(), &source, (&survivor, &merged), Tie::Apart).await?;
    Ok(Redirect::to(HERE).into_response())
}

fn refusal(error: QuarantineError) -> Refusal {
    match error {
        QuarantineError::NotFound => Refusal::NotFound,
        QuarantineError::Failure(_) | QuarantineError::Link(LinkError::Failure(_)) => Refusal::Broken,
        _ => Refusal::NotPossible,
    }
}
