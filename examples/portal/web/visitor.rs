//! Who is there, and the chart they ask for.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use mychartum_core::account::SessionToken;
use mychartum_core::audit::Purpose;
use mychartum_core::chart::{Section, SectionSet};
use mychartum_core::kernel::id::{ItemId, PatientId};
use mychartum_core::portal::{Disclosure, Page, Session};

use super::cookies;
use super::house::Shared;
use super::refusal::Refusal;
use crate::pages::layout::{Frame, Times, Whose};

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

impl FromRequestParts<Shared> for Visitor {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, house: &Shared) -> Result<Self, Refusal> {
        let token = cookies::read(&parts.headers, cookies::SESSION).ok_or(Refusal::SignIn)?;
        let session = house.portal.resume(&SessionToken::presented(token)).await?;
        Ok(Self { session, house: house.clone(), form_token: house.forms.token(token) })
    }
}

impl Visitor {
    /// Asks for sections of a chart, and opens it. What the frame of each page shows of the patient is asked for as well.
    pub(crate) async fn open(&self, patient: &str, sections: &[Section]) -> Result<Opened, Refusal> {
        let patient: PatientId = patient.parse().map_err(|_| Refusal::NotFound)?;
        let sections = SectionSet::of(sections).with(Section::Demographics);
        let permit = self.session.ask(patient, sections, Purpose::Care).await?;
        let chart = self.house.portal.disclose(permit)?;
        let whose = Whose::of(&chart.demographics(Page::ALL).await?.items);
        Ok(Opened { frame: self.frame(Some((patient, whose))), chart })
    }

    /// The frame of a page, around a chart or around none.
    pub(crate) fn frame(&self, chart: Option<(PatientId, Whose)>) -> Frame {
        let (patient, whose) = chart.map_or((None, None), |(patient, whose)| (Some(patient), Some(whose)));
        Frame {
            base: patient.map(|patient| format!("/chart/{patient}")),
            whose,
            form_token: self.form_token.clone(),
            times: Times { idle_until: self.session.idle_until(), ends_at: self.session.ends_at() },
            is_demo: self.house.is_demo,
            has_others: self.session.patients().len() > 1,
        }
    }
}

/// An item's id from a path; a text that is none is not found.
pub(crate) fn item_id(text: &str) -> Result<ItemId, Refusal> {
    text.parse().map_err(|_| Refusal::NotFound)
}
