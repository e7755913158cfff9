//! What is around every page: skip link, whose chart it is, navigation, footer, and the warning before a session ends.

use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use maud::{DOCTYPE, Markup, html};
use mychartum_core::chart::{Item, Patient, Section, SectionSet};
use mychartum_core::kernel::PartialDate;
use mychartum_core::kernel::id::PatientId;

use super::sections::{Place, navigation};
use super::turn::turn_form;
use crate::show::date;
use crate::web::assets;
use crate::web::visitor::{Standing, Subject};
use crate::words::{LANGUAGE, fill, say};

/// Whose chart it is, as every page says.
#[derive(Debug, Clone)]
pub(crate) struct Whose {
    /// The name people are shown.
    pub(crate) name: String,
    /// The date of birth, as precise as it is known.
    pub(crate) born: Option<PartialDate>,
}

/// When the session ends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    /// If nothing more is done.
    pub(crate) idle_until: DateTime<Utc>,
    /// Whatever is done.
    pub(crate) ends_at: DateTime<Utc>,
    /// What time it is now.
    pub(crate) now: DateTime<Utc>,
}

/// A chart that one can change to.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    /// Whose, in words.
    pub(crate) name: String,
    /// Whose.
    pub(crate) patient: PatientId,
    /// Whether it is the one that is open.
    pub(crate) is_here: bool,
}

/// What is around a page of someone who is signed in.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// Where the chart's pages begin: `/chart/ID`.
    pub(crate) base: Option<String>,
    /// Whose chart it is.
    pub(crate) whose: Option<Whose>,
    /// What every form carries.
    pub(crate) form_token: String,
    /// When the session ends.
    pub(crate) times: Times,
    /// Whether the people are made up.
    pub(crate) is_demo: bool,
    /// For whom the visitor acts; none in the own chart, where every section may be asked for.
    pub(crate) acting: Option<Subject>,
    /// The charts that one can choose from.
    pub(crate) choices: Vec<Choice>,
    /// Whether the visitor acts for anyone.
    pub(crate) acts: bool,
    /// Whether the visitor plays the clinic.
    pub(crate) is_staff: bool,
    /// The sections whose values the patient wants to see only after a tap.
    pub(crate) after_tap: SectionSet,
}

impl Whose {
    /// The name and date of birth, from whatever sources say; the source that was heard last comes first.
    pub(crate) fn of(sources: &[Item<Patient>]) -> Self {
        let name = sources.iter().map(|source| source.view.name()).find(|name| !name.is_empty());
        let born = sources.iter().find_map(|source| source.view.birth_date.clone());
        Self { name: name.unwrap_or_else(|| say("frame.no-name").to_owned()), born }
    }
}

impl Frame {
    /// A way to a page of the chart.
    pub(crate) fn to(&self, page: &str) -> String {
        match &self.base {
            Some(base) if page.is_empty() => base.clone(),
            Some(base) => format!("{base}/{page}"),
            None => "/".to_owned(),
        }
    }

    /// A way to an item of a section.
    pub(crate) fn item(&self, section: &str, id: impl std::fmt::Display) -> String {
        self.to(&format!("{section}/{id}"))
    }

    /// Whether a section may be asked for.
    pub(crate) fn has(&self, section: Section) -> bool {
        self.acting.is_none_or(|subject| subject.sections.has(section))
    }

    /// A page around no place of the navigation.
    pub(crate) fn plain(&self, title: &str, body: Markup) -> Response {
        self.page(Place::Elsewhere, title, body)
    }

    /// The whole page.
    pub(crate) fn page(&self, here: Place, title: &str, body: Markup) -> Response {
        let left = (self.times.idle_until - self.times.now).num_seconds().max(0);
        let most = (self.times.ends_at - self.times.now).num_seconds().max(0);
        html! {
            (DOCTYPE)
            html lang=(LANGUAGE) {
                (head(&self.title(title)))
                body data-idle=(left) data-ends=(most) data-form=(self.form_token) {
                    a.skip href="#main" { (say("frame.skip")) }
                    header { (self.top()) @if self.is_demo { (demo()) } (self.banner()) }
                    div.shell.alone[self.base.is_none()] {
                        @if self.base.is_some() { (navigation(self, here)) }
                        main #main tabindex="-1" {
                            (self.paper_head())
                            (body)
                        }
                    }
                    (self.bottom())
                    (self.warning())
                }
            }
        }
        .into_response()
    }

    fn top(&self) -> Markup {
        html! {
            div.top {
                a.brand href=(self.to("")) { (mark()) span { (say("frame.name")) } }
                @if let Some(whose) = &self.whose {
                    p.whose {
                        span.label { (say("frame.viewing")) } " "
                        strong { (whose.name) }
                        @if let Some(born) = &whose.born { " " span.born { (say("frame.born")) " " (date::shown(born)) } }
                    }
                }
                (self.switcher())
                a.to-account href="/account" { (say("account.title")) }
                form.leave method="post" action="/sign-out" {
                    input type="hidden" name="token" value=(self.form_token);
                    button.plain type="submit" { (say("frame.sign-out")) }
                }
            }
        }
    }

    /// A page's title; while acting for someone it says so first.
    fn title(&self, title: &str) -> String {
        match &self.whose {
            Some(whose) if self.acting.is_some() => {
                fill("frame.acting-title", &[("name", &whose.name), ("title", title)])
            }
            _ => title.to_owned(),
        }
    }

    /// For whom the visitor acts, on every page, on screen and on paper.
    fn banner(&self) -> Markup {
        html! {
            @if let Some(whose) = self.whose.as_ref().filter(|_| self.acting.is_some()) {
                p.acting role="status" {
                    strong { (fill("frame.acting", &[("name", &whose.name)])) }
                    @if self.acting.is_some_and(|subject| subject.standing == Standing::Disputed) { ". " (say("frame.dispute")) }
                }
            }
        }
    }

    /// The ways to other charts.
    fn switcher(&self) -> Markup {
        html! {
            @if self.choices.len() > 1 || self.acts {
                details.switcher {
                    summary { (say("frame.others")) }
                    ul {
                        @for choice in &self.choices {
                            li { (turn_form(&self.form_token, choice.patient, html! {
                                button.choice type="submit" aria-current=[choice.is_here.then_some("true")] { (choice.name) }
                            })) }
                        }
                        @if self.acts { li { a href="/acting" { (say("acting.title")) } } }
                    }
                }
            }
            @if self.is_staff { a.to-clinic href="/clinic" { (say("clinic.title")) } }
        }
    }

    fn paper_head(&self) -> Markup {
        html! {
            @if let Some(whose) = &self.whose {
                p.on-paper {
                    (whose.name)
                    @if let Some(born) = &whose.born { ", " (say("frame.born")) " " (date::words(born)) }
                    ". " (say("frame.printed")) " " (date::instant(self.times.now)) "."
                }
            }
        }
    }

    fn bottom(&self) -> Markup {
        let (idle, end) = (date::clock_time(self.times.idle_until), date::clock_time(self.times.ends_at));
        html! {
            footer.bottom {
                p.emergency { strong { (say("frame.emergency")) } " " (say("frame.emergency-text")) }
                p { (fill("frame.session", &[("idle", &idle), ("end", &end)])) }
            }
        }
    }

    fn warning(&self) -> Markup {
        html! {
            dialog #warning data-steps=(say("warning.steps")) aria-labelledby="warning-title" aria-describedby="warning-text" {
                h2 #warning-title { (say("warning.title")) }
                p #warning-text { (say("warning.text")) }
                p aria-live="polite" {
                    (say("warning.left")) " " strong #warning-left { (say("warning.steps").split('|').next().unwrap_or_default()) }
                }
                div.actions {
                    button #warning-stay type="button" autofocus { (say("warning.stay")) }
                    form method="post" action="/sign-out" {
                        input type="hidden" name="token" value=(self.form_token);
                        button.plain type="submit" { (say("frame.sign-out")) }
                    }
                }
            }
        }
    }
}

fn head(title: &str) -> Markup {
    let version = assets::version();
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            title { (title) " - " (say("frame.name")) }
            link rel="stylesheet" href={ "/assets/portal.css?v=" (version) };
            link rel="icon" href={ "/assets/mark.svg?v=" (version) } type="image/svg+xml";
            script src={ "/assets/portal.js?v=" (version) } defer {}
        }
    }
}

/// The mark: a chart's leaf with a line that comes to rest.
fn mark() -> Markup {
    html! {
        svg.mark width="30" height="30" viewBox="0 0 30 30" aria-hidden="true" {
            rect x="2" y="2" width="26" height="26" rx="8" {}
            path d="M6 17 H10.5 L13 9.5 L17 21 L19.5 14.5 H24" {}
        }
    }
}

/// What every page of the demo says.
fn demo() -> Markup {
    html! { p.demo { strong { (say("frame.demo")) } " " (say("frame.demo-text")) } }
}

/// A page for visitors who are not signed in.
pub(crate) fn outside_page(title: &str, is_demo: bool, body: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(LANGUAGE) {
            (head(title))
            body.outside {
                a.skip href="#main" { (say("frame.skip")) }
                header {
                    div.top { a.brand href="/" { (mark()) span { (say("frame.name")) } } }
                    @if is_demo { (demo()) }
                }
                main #main tabindex="-1" { (body) }
                footer.bottom { p.emergency { strong { (say("frame.emergency")) } " " (say("frame.emergency-text")) } }
            }
        }
    }
}

/// A page that only says something, the same for everybody.
pub(crate) fn plain_page(title: &str, text: &str) -> Markup {
    outside_page(
        title,
        false,
        html! {
            h1 { (title) }
            p.lead { (text) }
            p { a.button href="/" { (say("frame.to-start")) } }
        },
    )
}
