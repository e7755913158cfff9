//! Parts that the clinic's pages share.

use maud::{Markup, html};
use mychartum_core::audit::Purpose;
use mychartum_core::chart::Section;
use mychartum_core::kernel::id::{AccountId, PatientId};
use mychartum_core::portal::{Page, Portal};

use crate::pages::layout::Whose;
use crate::show::date;
use crate::web::refusal::Refusal;
use crate::words::say;

/// The ways between the clinic's pages.
pub(super) fn ways(here: &str) -> Markup {
    let way = |to: &str, words: &str| {
        html! { a href=(to) aria-current=[(to == here).then_some("page")] { (words) } }
    };
    html! {
        nav.switch aria-label=(say("clinic.title")) {
            (way("/clinic", say("clinic.queue")))
            (way("/clinic/records", say("clinic.records")))
            (way("/clinic/releases", say("clinic.releases")))
            (way("/clinic/second-looks", say("clinic.second-looks")))
            (way("/clinic/accounts", say("clinic.accounts")))
            (way("/clinic/worries", say("clinic.worries")))
        }
    }
}

/// Whose chart it is, asked in the host's own name to run the clinic; the patient's trail says so.
pub(super) async fn whose(portal: &Portal, patient: PatientId) -> Result<Whose, Refusal> {
    let permit = portal.ask(patient, Section::Demographics, Purpose::Operations).await?;
    let chart = portal.disclose(permit)?;
    Ok(Whose::of(&chart.demographics(Page::ALL).await?.items))
}

/// A patient's name and date of birth.
pub(super) fn shown(whose: &Whose) -> Markup {
    html! {
        (whose.name)
        @if let Some(born) = &whose.born { ", " (say("frame.born")) " " (date::words(born)) }
    }
}

/// An account, by the beginning of its id: a host with a directory of its own would say a name.
pub(super) fn account(account: AccountId) -> String {
    account.to_string().chars().take(8).collect()
}
