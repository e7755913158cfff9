//! The first page: what is new, what is ahead, what is being taken.

use axum::extract::Path;
use chrono::Duration;
use maud::{Markup, html};
use mychartum_core::chart::{
    AllergyIntolerance, DocumentReference, Encounter, Item, MedicationRequest, MedicationUse, Observation, ReportGroup,
    Section,
};
use mychartum_core::kernel::PartialDate;
use mychartum_core::portal::{Disclosure, Page};

use super::appointments::{ahead, short};
use super::layout::Frame;
use super::parts::{named, observation_row};
use super::results::{groups, outside, title};
use super::sections::Place;
use super::visits;
use crate::show::date;
use crate::show::facts::{join, names};
use crate::show::status::Progress;
use crate::web::refusal::{Answer, Refusal};
use crate::web::visitor::Visitor;
use crate::words::{count, fill, say};

/// What counts as new: at most so old, and at most so many.
const NEW_DAYS: i64 = 60;
const NEW_MOST: usize = 6;

/// How many of the latest results are shown.
const LATEST: usize = 7;

const SECTIONS: [Section; 7] = [
    Section::Results,
    Section::Reports,
    Section::Medications,
    Section::Appointments,
    Section::Allergies,
    Section::Visits,
    Section::Documents,
];

/// Something new: when, what, a word about it, and where to.
struct News {
    at: PartialDate,
    what: String,
    kind: &'static str,
    outside: usize,
    to: String,
}

/// The page.
pub(crate) async fn page(visitor: Visitor, Path(patient): Path<String>) -> Answer {
    let opened = visitor.open_any(&patient, &SECTIONS).await?;
    let (frame, chart) = (&opened.frame, &opened.chart);
    let has = |section| opened.has(section);
    let results = if has(Section::Results) { chart.results(Page::ALL).await?.items } else { Vec::new() };
    let groups = groups(&opened, results.clone()).await?;
    let visits = if has(Section::Visits) { chart.visits(Page::latest(20)).await?.items } else { Vec::new() };
    let documents = if has(Section::Documents) { chart.documents(Page::latest(20)).await?.items } else { Vec::new() };
    let has_news = [Section::Results, Section::Reports, Section::Visits, Section::Documents].into_iter().any(has);
    let coming = if has(Section::Appointments) { Some(coming(frame, chart).await?) } else { None };
    let medicines = if has(Section::Medications) {
        Some(medicines(frame, &chart.medications(Page::ALL).await?.items))
    } else {
        None
    };
    let warnings = if has(Section::Allergies) {
        let (allergies, none_known) = (chart.allergies(Page::ALL).await?.items, chart.no_known_allergies().await?);
        Some(warnings(frame, &allergies, &none_known))
    } else {
        None
    };
    let name = frame.whose.as_ref().map_or("", |whose| whose.name.as_str());
    Ok(frame.page(
        Place::Home,
        Place::Home.name(),
        html! {
            h1 { (fill("home.title", &[("name", name)])) }
            @let has_left = has_news || has(Section::Results);
            div.home.one[!has_left] {
                @if has_left {
                    div {
                        @if has_news { (news(frame, &groups, &visits, &documents)) }
                        @if has(Section::Results) { (latest(frame, &results)) }
                    }
                }
                div { @for card in [coming, medicines, warnings].into_iter().flatten() { (card) } }
            }
        },
    ))
}

async fn coming(frame: &Frame, chart: &Disclosure) -> Result<Markup, Refusal> {
    let appointments = chart.appointments(Page::ALL).await?.items;
    let upcoming = ahead(&appointments, frame.times.now);
    Ok(html! {
        section.card {
            h2 { a href=(frame.to("appointments")) { (say("home.ahead")) } }
            @if upcoming.is_empty() { p.quiet { (say("appointments.none")) } }
            ul.brief { @for item in upcoming.iter().take(3) { li { (short(&item.view)) } } }
        }
    })
}

fn news(
    frame: &Frame,
    groups: &[ReportGroup],
    visits: &[Item<Encounter>],
    documents: &[Item<DocumentReference>],
) -> Markup {
    let mut news: Vec<News> = Vec::new();
    for group in groups {
        let Some(at) = group.at() else { continue };
        let to = match (&group.report, group.results.first()) {
            (Some(report), _) => frame.item("reports", report.id),
            (None, Some(item)) if group.results.len() == 1 => frame.item("results", item.id),
            (None, _) => frame.to("results"),
        };
        let what = match (&group.report, group.results.as_slice()) {
            (None, [only]) => named(only.view.code.shown()).to_owned(),
            (None, [first, rest @ ..]) => {
                let (name, more) = (named(first.view.code.shown()), rest.len().to_string());
                fill("home.and-more", &[("name", name), ("more", &more)])
            }
            _ => title(group).to_owned(),
        };
        news.push(News { at: at.clone(), what, kind: say("home.result"), outside: outside(frame, group), to });
    }
    for item in documents {
        let Some(at) = &item.view.date else { continue };
        let what = named(item.view.title()).to_owned();
        news.push(News {
            at: at.clone(),
            what,
            kind: say("home.document"),
            outside: 0,
            to: frame.item("documents", item.id),
        });
    }
    for item in visits {
        let Some(at) = visits::at(&item.view) else { continue };
        let what = visits::title(&item.view).to_owned();
        news.push(News {
            at: at.clone(),
            what,
            kind: say("home.visit"),
            outside: 0,
            to: frame.item("visits", item.id),
        });
    }
    let now = frame.times.now;
    news.retain(|news| news.at.upper() > now - Duration::days(NEW_DAYS) && news.at.lower() <= now);
    news.sort_by_key(|news| std::cmp::Reverse(news.at.order()));
    html! {
        section.card.new {
            h2 { (say("home.new")) }
            @if news.is_empty() { p.quiet { (fill("home.nothing-new", &[("days", &NEW_DAYS.to_string())])) } }
            ul.brief {
                @for news in news.iter().take(NEW_MOST) {
                    li {
                        a href=(news.to) { strong { (news.what) } }
                        span.when {
                            (news.kind) ", " (date::shown_day(&news.at))
                            @if news.outside > 0 { " " span.tag.out { (count("count.outside", news.outside)) } }
                        }
                    }
                }
            }
        }
    }
}

fn latest(frame: &Frame, results: &[Item<Observation>]) -> Markup {
    html! {
        section.card {
            h2 { a href=(frame.to("results")) { (say("home.latest")) } }
            @if results.is_empty() { p.quiet { (say("results.none")) } }
            @else { ul.rows { @for item in results.iter().take(LATEST) { (observation_row(frame, "results", item, true)) } } }
            @if results.len() > LATEST { p.onward { a href=(frame.to("results")) { (say("home.all-results")) } } }
        }
    }
}

fn medicines(frame: &Frame, all: &[Item<MedicationRequest>]) -> Markup {
    let now: Vec<_> = all.iter().filter(|item| item.view.in_use() == MedicationUse::Active).collect();
    html! {
        section.card {
            h2 { a href=(frame.to("medications")) { (say("home.medications")) } }
            @if now.is_empty() { p.quiet { (say("medications.none-now")) } }
            ul.brief {
                @for item in now.iter().take(8) {
                    li {
                        strong { (named(item.view.shown())) } " " (item.view.status.note())
                        @if let Some(dosage) = item.view.dosage.first() { span.quiet { (crate::show::prose::beginning(dosage.as_str(), 90)) } }
                    }
                }
            }
            @if now.len() > 8 { p { a href=(frame.to("medications")) { (say("home.all-medications")) } } }
        }
    }
}

fn warnings(frame: &Frame, all: &[Item<AllergyIntolerance>], none_known: &[Item<AllergyIntolerance>]) -> Markup {
    let now: Vec<_> = all.iter().filter(|item| item.view.clinical_status.is_active()).collect();
    html! {
        section.card {
            h2 { a href=(frame.to("allergies")) { (say("home.allergies")) } }
            @if now.is_empty() {
                p.quiet { @match none_known.first() { Some(item) => (item.view.code.shown()), None => (say("allergies.none")) } }
            }
            ul.brief {
                @for item in &now {
                    @let reactions = item.view.reactions.iter().flat_map(|reaction| &reaction.manifestations);
                    @let seen = join(reactions.map(mychartum_core::kernel::Concept::shown));
                    li { strong { (named(item.view.code.shown())) } @if !seen.is_empty() { span.quiet { (seen) } } }
                }
            }
            @let recorded = names(now.iter().filter_map(|item| item.view.recorder.as_ref()));
            @if !recorded.is_empty() { p.quiet { (fill("home.recorded-by", &[("names", &recorded)])) } }
        }
    }
}
