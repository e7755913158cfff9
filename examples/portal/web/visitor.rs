//! Who is there, and the chart they ask for.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use mychartum_core::access::Wish;
use mychartum_core::access::grant::{GrantState, Relation};
use mychartum_core::account::SessionToken;
use mychartum_core::audit::Purpose;
use mychartum_core::chart::{Section, SectionSet};
use mychartum_core::kernel::id::{ItemId, PatientId};
use mychartum_core::portal::{ActingFor, Disclosure, Page, Session};

use super::cookies;
use super::house::Shared;
use super::refusal::Refusal;
use crate::pages::layout::{Choice, Frame, Times, Whose};
use crate::show::grants;
use crate::words::say;

/// Someone who is signed in.
#[derive(Debug)]
pub(crate) struct Visitor {
    /// Their session.
    pub(crate) session: Session,
    /// What all requests share.
    pub(crate) house: Shared,
    /// What their forms carry.
    pub(crate) form_token: String,
}

/// The page that was asked for, and the chart as far as it needs it.
#[derive(Debug)]
pub(crate) struct Opened {
    /// What is around the page.
    pub(crate) frame: Frame,
    /// The chart, as far as the permit goes.
    pub(crate) chart: Disclosure,
}

/// Someone the visitor acts for, all grants together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject {
    /// Whose chart.
    pub(crate) patient: PatientId,
    /// What the visitor is to them.
    pub(crate) relation: Relation,
    /// Whether a grant is in dispute.
    pub(crate) standing: Standing,
    /// What may be asked for.
    pub(crate) sections: SectionSet,
}

/// Whether something about acting for someone is being clarified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Nothing is.
    Clear,
    /// The clinic decides between two who act; meanwhile both see less.
    Disputed,
}

impl FromRequestParts<Shared> for Visitor {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, house: &Shared) -> Result<Self, Refusal> {
        let token = cookies::read(&parts.headers, cookies::SESSION).ok_or(Refusal::SignIn)?;
        let session = house.portal.resume(&SessionToken::presented(token)).await?;
        Ok(Self { session, house: house.clone(), form_token: house.forms.token(token) })
    }
}

impl Opened {
    /// Whether the permit names a section.
    pub(crate) fn has(&self, section: Section) -> bool {
        self.chart.permit().sections().has(section)
    }

    /// Whose chart.
    pub(crate) fn patient(&self) -> PatientId {
        self.chart.patient()
    }

    /// Whether it is the visitor's own.
    pub(crate) fn is_own(&self) -> bool {
        self.frame.acting.is_none()
    }
}

impl Visitor {
    /// Opens a chart for a page of a section, the first one. The others are shown beside it as far as they may be seen.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] where the first one may not be seen.
    pub(crate) async fn open(&self, patient: &str, sections: &[Section]) -> Result<Opened, Refusal> {
        let opened = self.open_any(patient, sections).await?;
        let may = sections.first().is_none_or(|section| opened.has(*section));
        if may { Ok(opened) } else { Err(Refusal::NotFound) }
    }

    /// Asks for sections of a chart, and opens those that may be seen. What the frame of each page shows of the patient is
    /// asked for as well.
    pub(crate) async fn open_any(&self, patient: &str, sections: &[Section]) -> Result<Opened, Refusal> {
        let patient: PatientId = patient.parse().map_err(|_| Refusal::NotFound)?;
        let subjects = self.subjects().await?;
        let here = subjects.iter().find(|subject| subject.patient == patient).copied();
        let is_own = self.session.patients().contains(&patient);
        // Whose chart is open is turned to by a form, never by a link. Whoever may not open it learns nothing by this.
        if (is_own || here.is_some()) && !self.is_turned_to(patient) {
            return Err(Refusal::Turn(patient));
        }
        let mut asked = SectionSet::of(sections).with(Section::Demographics);
        // Whoever acts for someone has a first page there, whatever little may be seen.
        if let Some(here) = here
            && !here.sections.iter().any(|section| asked.has(section))
        {
            asked = here.sections.iter().take(1).fold(asked, SectionSet::with);
        }
        let permit = self.session.ask(patient, asked, Purpose::Care).await?;
        let chart = self.house.portal.disclose(permit)?;
        let whose = self.whose(&chart, here).await?;
        let mut frame = self.frame_of(&subjects, Some((patient, whose, here)));
        if here.is_none() {
            let wishes = self.session.wishes(patient).await?;
            let veiled = wishes.iter().filter(|(_, wish)| *wish == Wish::AfterTap).map(|(section, _)| *section);
            frame.after_tap = veiled.collect();
        }
        Ok(Opened { frame, chart })
    }

    /// Opens the own chart, for what only its owner may do.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for any other chart.
    pub(crate) async fn open_own(&self, patient: &str, sections: &[Section]) -> Result<Opened, Refusal> {
        let own = self.session.patients().iter().any(|own| own.to_string() == patient);
        let opened = self.open(patient, sections).await?;
        if own { Ok(opened) } else { Err(Refusal::NotFound) }
    }

    async fn whose(&self, chart: &Disclosure, here: Option<Subject>) -> Result<Whose, Refusal> {
        let named = chart.permit().sections().has(Section::Demographics);
        let sources = if named { chart.demographics(Page::ALL).await?.items } else { Vec::new() };
        let whose = match here {
            Some(here) if sources.is_empty() => Whose { name: grants::the_other(here.relation).to_owned(), born: None },
            _ => Whose::of(&sources),
        };
        self.house.names.shown(&self.house.forms, &self.form_token, chart.patient(), &whose.name);
        Ok(whose)
    }

    /// For whom the visitor acts; of several grants for one person the sections are together.
    pub(crate) async fn subjects(&self) -> Result<Vec<Subject>, Refusal> {
        let mut subjects: Vec<Subject> = Vec::new();
        for ActingFor { patient, relation, sections, state, .. } in self.session.acting_for().await? {
            let standing = if state == GrantState::Disputed { Standing::Disputed } else { Standing::Clear };
            match subjects.iter_mut().find(|known| known.patient == patient) {
                Some(known) => known.sections = sections.iter().fold(known.sections, SectionSet::with),
                None => subjects.push(Subject { patient, relation, standing, sections }),
            }
        }
        Ok(subjects)
    }

    /// What someone the visitor acts for is called: the name if it was shown already, else the relation.
    pub(crate) fn name_of(&self, subject: &Subject) -> String {
        let known = self.house.names.of(&self.house.forms, &self.form_token, subject.patient);
        known
            .filter(|_| subject.sections.has(Section::Demographics))
            .unwrap_or_else(|| grants::the_other(subject.relation).to_owned())
    }

    /// Whether the session is turned to a chart: to one of the own ones unless it acts for somebody.
    pub(crate) fn is_turned_to(&self, patient: PatientId) -> bool {
        let own = self.session.patients();
        match self.session.acting_subject().filter(|subject| !own.contains(subject)) {
            Some(subject) => subject == patient,
            None => own.contains(&patient),
        }
    }

    /// Whether the visitor is a member of staff.
    pub(crate) fn is_staff(&self) -> bool {
        self.house.staff.contains(&self.session.account())
    }

    /// The frame of a page around no chart.
    pub(crate) async fn frame(&self) -> Result<Frame, Refusal> {
        Ok(self.frame_of(&self.subjects().await?, None))
    }

    fn frame_of(&self, subjects: &[Subject], chart: Option<(PatientId, Whose, Option<Subject>)>) -> Frame {
        let here = chart.as_ref().map(|(patient, ..)| *patient);
        let own = self.session.patients().iter().map(|patient| (*patient, say("frame.own").to_owned()));
        let for_others = subjects.iter().map(|subject| (subject.patient, self.name_of(subject)));
        let choices =
            own.chain(for_others).map(|(patient, name)| Choice { name, patient, is_here: here == Some(patient) });
        let choices: Vec<Choice> = choices.collect();
        let (base, whose, acting) = match chart {
            Some((patient, whose, here)) => (Some(format!("/chart/{patient}")), Some(whose), here),
            None => (None, None, None),
        };
        Frame {
            base,
            whose,
            form_token: self.form_token.clone(),
            times: Times {
                idle_until: self.session.idle_until(),
                ends_at: self.session.ends_at(),
                now: self.house.now(),
            },
            is_demo: self.house.is_demo,
            acting,
            choices,
            acts: !subjects.is_empty(),
            is_staff: self.is_staff(),
            after_tap: SectionSet::NONE,
        }
    }
}

/// An item's id from a path; a text that is none is not found.
pub(crate) fn item_id(text: &str) -> Result<ItemId, Refusal> {
    text.parse().map_err(|_| Refusal::NotFound)
}
