//! Who looked at the chart: the audit trail as sentences, by day.

use std::collections::HashSet;

use axum::extract::{Path, Query};
use chrono::{Local, NaiveDate};
use maud::{Markup, html};
use mychartum_core::audit::{Action, Actor, Entry, Facts, Outcome};
use mychartum_core::chart::{Section, SectionSet};
use mychartum_core::kernel::id::AccountId;
use serde::Deserialize;

use super::layout::Frame;
use super::parts::nothing;
use super::sections::Place;
use crate::show::date;
use crate::web::refusal::Answer;
use crate::web::visitor::Visitor;
use crate::words::{count, fill, look_up, say};

const ON_A_PAGE: u32 = 60;

/// From where in the trail, as it stands in the address.
#[derive(Debug, Deserialize)]
pub(crate) struct From {
    #[serde(default)]
    before: Option<u64>,
}

/// By whose eyes the log is read, and whom the host knows as staff.
struct Eyes<'a> {
    you: AccountId,
    staff: &'a HashSet<AccountId>,
}

/// The page.
pub(crate) async fn page(visitor: Visitor, Path(patient): Path<String>, Query(from): Query<From>) -> Answer {
    let opened = visitor.open(&patient, &[Section::AccessLog]).await?;
    let frame = &opened.frame;
    let entries = opened.chart.access_log(from.before, ON_A_PAGE).await?;
    // Whoever acts for the patient finds the own entries, which are no whole chain.
    let checked = if opened.is_own() { Some(opened.chart.verify_access_log().await) } else { None };
    let eyes = Eyes { you: visitor.session.account(), staff: &visitor.house.staff };
    let last = entries.last().map(Entry::position).filter(|position| *position > 1);
    Ok(frame.page(Place::AccessLog, Place::AccessLog.name(), html! {
        h1 { (Place::AccessLog.name()) }
        p.lead { (say(if checked.is_some() { "log.lead" } else { "log.own-lead" })) }
        @match checked {
            Some(Ok(checked)) => p.notice.good {
                span aria-hidden="true" { "\u{2713} " }
                (count("count.entries", usize::try_from(checked.entries).unwrap_or(usize::MAX))) " " (say("log.whole"))
            },
            Some(Err(_)) => p.notice.bad role="alert" { (say("log.broken")) },
            None => {}
        }
        @if entries.is_empty() { (nothing(say("log.none"))) }
        @for (day, entries) in by_day(&entries) {
            section.group {
                h2 { (date::near(day, frame.times.now.with_timezone(&Local).date_naive())) }
                ul.log { @for (entry, times) in folded(&entries) { li { (sentence(entry, times, &eyes)) } } }
            }
        }
        (older(frame, last))
        p.quiet { (fill("log.zone", &[("zone", &frame.times.now.with_timezone(&Local).format("UTC%:z").to_string())])) }
    }))
}

fn older(frame: &Frame, last: Option<u64>) -> Markup {
    html! {
        @if let Some(position) = last {
            nav.pages aria-label=(say("paging.label")) {
                a rel="next" href={ (frame.to("access-log")) "?before=" (position) } { (say("paging.older")) }
            }
        }
    }
}

fn by_day(entries: &[Entry]) -> Vec<(NaiveDate, Vec<&Entry>)> {
    let mut days: Vec<(NaiveDate, Vec<&Entry>)> = Vec::new();
    for entry in entries {
        let day = entry.facts().at.with_timezone(&Local).date_naive();
        match days.last_mut().filter(|(known, _)| *known == day) {
            Some((_, entries)) => entries.push(entry),
            None => days.push((day, vec![entry])),
        }
    }
    days
}

/// The same thing done again within a minute is told once, with how often it was.
fn folded<'a>(entries: &[&'a Entry]) -> Vec<(&'a Entry, usize)> {
    let told = |entry: &Entry| {
        let facts = entry.facts();
        (
            facts.at.timestamp() / 60,
            facts.actor,
            facts.action,
            facts.outcome,
            facts.sections,
            facts.account,
            facts.grant,
        )
    };
    let mut folded: Vec<(&Entry, usize)> = Vec::new();
    for entry in entries {
        match folded.last_mut().filter(|(known, _)| told(known) == told(entry)) {
            Some((_, times)) => *times += 1,
            None => folded.push((entry, 1)),
        }
    }
    folded
}

fn sentence(entry: &Entry, times: usize, eyes: &Eyes<'_>) -> Markup {
    let facts = entry.facts();
    let at = facts.at.with_timezone(&Local);
    html! {
        time datetime=(at.format("%Y-%m-%dT%H:%M:%S%:z")) { (at.format("%H:%M")) }
        span {
            strong { (who(facts, eyes)) } " "
            (did(facts))
            @let sections = sections(facts.sections.bits());
            @if !sections.is_empty() { ": " (sections) }
            @if times > 1 { " " span.quiet { (fill("log.times", &[("times", &times.to_string())])) } }
            @if facts.outcome == Outcome::Failed { " " span.note { (say("log.failed")) } }
        }
    }
}

fn who(facts: &Facts, eyes: &Eyes<'_>) -> &'static str {
    let you = eyes.you;
    match facts.actor {
        Actor::Account(account) if account == you && is_for_another(facts) => say("log.you-for"),
        Actor::Account(account) if account == you => say("log.you"),
        Actor::Account(_) if is_for_another(facts) => say("log.proxy"),
        Actor::Account(account) if eyes.staff.contains(&account) => say("log.staff"),
        Actor::Account(_) => say("log.other"),
        Actor::Host => say("log.host"),
        Actor::Clinic(_) => say("log.clinic"),
        Actor::Unknown => say("log.unknown"),
    }
}

/// What was done, in words; of an invitation it matters who answered it.
fn did(facts: &Facts) -> &'static str {
    match facts.action {
        Action::GrantGiven if is_for_another(facts) => say("log.accepted"),
        Action::GrantEnded if is_for_another(facts) => say("log.gave-back"),
        action => what(action),
    }
}

/// Whether it was done for the patient by someone else: a chart was opened under a grant, or the grant's own account moved it.
fn is_for_another(facts: &Facts) -> bool {
    let reads = matches!(facts.action, Action::Disclose | Action::AccessReport | Action::Export);
    let moves_own = matches!(facts.actor, Actor::Account(account) if facts.account == Some(account));
    facts.grant.is_some() && (reads || moves_own)
}

fn what(action: Action) -> &'static str {
    look_up(&format!("act.{}", action.code())).unwrap_or(say("log.something"))
}

/// The sections of an entry in words; what every page shows of the patient comes last.
fn sections(bits: u32) -> String {
    let set = SectionSet::from_bits(bits);
    let last = set.iter().filter(|section| *section == Section::Demographics);
    let words: Vec<&str> = set
        .iter()
        .filter(|section| *section != Section::Demographics)
        .chain(last)
        .map(|section| look_up(&format!("section.{}", section.number())).unwrap_or_default())
        .collect();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_and_section_has_words() {
        for action in Action::ALL {
            assert_ne!(what(*action), say("log.something"), "{}", action.code());
        }
        let all = sections(SectionSet::of(&Section::ALL).bits());
        assert_eq!(all.split(", ").filter(|word| !word.is_empty()).count(), Section::ALL.len());
        assert!(all.ends_with("name and date of birth"));
    }
}
