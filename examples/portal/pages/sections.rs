//! The navigation: where one can go, and where one is.

use maud::{Markup, html};
use mychartum_core::chart::Section;

use super::layout::Frame;
use crate::web::refusal::Answer;
use crate::web::visitor::Visitor;
use crate::words::{look_up, say};

/// A place in the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Home,
    Results,
    Medications,
    Visits,
    Appointments,
    Vitals,
    Conditions,
    Allergies,
    Immunizations,
    Documents,
    Procedures,
    Findings,
    Person,
    AccessLog,
    People,
    Preferences,
    /// The list of all places.
    All,
    /// None of them.
    Elsewhere,
}

/// The places that a phone shows at once.
const FIRST: [Place; 5] = [Place::Home, Place::Results, Place::Medications, Place::Visits, Place::Appointments];

/// The others.
const REST: [Place; 11] = [
    Place::Vitals,
    Place::Conditions,
    Place::Allergies,
    Place::Immunizations,
    Place::Documents,
    Place::Procedures,
    Place::Findings,
    Place::Person,
    Place::AccessLog,
    Place::People,
    Place::Preferences,
];

impl Place {
    /// Its name in paths.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Home | Self::Elsewhere => "",
            Self::Results => "results",
            Self::Medications => "medications",
            Self::Visits => "visits",
            Self::Appointments => "appointments",
            Self::Vitals => "vitals",
            Self::Conditions => "conditions",
            Self::Allergies => "allergies",
            Self::Immunizations => "immunizations",
            Self::Documents => "documents",
            Self::Procedures => "procedures",
            Self::Findings => "findings",
            Self::Person => "details",
            Self::AccessLog => "access-log",
            Self::People => "people",
            Self::Preferences => "preferences",
            Self::All => "all",
        }
    }

    /// Its name for people.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Home => say("place.home"),
            other => look_up(&format!("place.{}", other.path())).unwrap_or_default(),
        }
    }

    /// Whether it is there for whoever looks: what may not be asked for is no place at all.
    fn is_there(self, frame: &Frame) -> bool {
        match self {
            Self::Home | Self::All | Self::Elsewhere => true,
            Self::People | Self::Preferences => frame.acting.is_none(),
            Self::Results => frame.has(Section::Results),
            Self::Medications => frame.has(Section::Medications),
            Self::Visits => frame.has(Section::Visits),
            Self::Appointments => frame.has(Section::Appointments),
            Self::Vitals => frame.has(Section::Vitals),
            Self::Conditions => frame.has(Section::Conditions),
            Self::Allergies => frame.has(Section::Allergies),
            Self::Immunizations => frame.has(Section::Immunizations),
            Self::Documents => frame.has(Section::Documents),
            Self::Procedures => frame.has(Section::Procedures),
            Self::Findings => frame.has(Section::Findings),
            Self::Person => frame.has(Section::Demographics),
            Self::AccessLog => frame.has(Section::AccessLog),
        }
    }

    fn about(self) -> &'static str {
        look_up(&format!("about.{}", self.path())).unwrap_or_default()
    }
}

/// The navigation of a chart.
pub(crate) fn navigation(frame: &Frame, here: Place) -> Markup {
    html! {
        nav.places aria-label=(say("frame.navigation")) {
            ul {
                @for place in FIRST.into_iter().filter(|place| place.is_there(frame)) { (entry(frame, place, here, "")) }
                @for place in REST.into_iter().filter(|place| place.is_there(frame)) { (entry(frame, place, here, "rest")) }
                (entry(frame, Place::All, here, "more"))
            }
        }
    }
}

fn entry(frame: &Frame, place: Place, here: Place, class: &str) -> Markup {
    html! {
        li class=[(!class.is_empty()).then_some(class)] {
            a href=(frame.to(place.path())) aria-current=[(place == here).then_some("page")] { (place.name()) }
        }
    }
}

/// The page that lists every place with a sentence about it.
pub(crate) async fn all(visitor: Visitor, axum::extract::Path(patient): axum::extract::Path<String>) -> Answer {
    let opened = visitor.open_any(&patient, &[]).await?;
    let frame = &opened.frame;
    Ok(frame.page(
        Place::All,
        Place::All.name(),
        html! {
            h1 { (Place::All.name()) }
            ul.doors {
                @let places = FIRST.into_iter().chain(REST).filter(|place| *place != Place::Home && place.is_there(frame));
                @for place in places {
                    li { a href=(frame.to(place.path())) { strong { (place.name()) } span { (place.about()) } } }
                }
            }
        },
    ))
}
