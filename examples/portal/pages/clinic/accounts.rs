//! Accounts as staff see them: where they stand, links and letters, and what can be done. Nothing of a chart is here, and nobody
//! acts in anybody's name.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::NaiveDate;
use maud::{Markup, html};
use mychartum_core::account::{AccountError, AccountState, ContactError, SentBy};
use mychartum_core::kernel::id::{AccountId, PatientId};
use mychartum_core::kernel::{Address, EmailAddress};
use mychartum_core::portal::{AccountView, Issued, Whom};

use super::letter::letter;
use super::parts::{account as short, shown, ways, whose};
use crate::pages::credentials::{token, trouble};
use crate::pages::layout::Whose;
use crate::pages::parts::back;
use crate::show::date;
use crate::show::keys::{key, of_key};
use crate::web::refusal::{Answer, Refusal};
use crate::web::sent::Sent;
use crate::web::staff::Staff;
use crate::words::{count, fill, look_up, say};

/// How links and letters go.
pub(crate) const WAYS: [SentBy; 3] = [SentBy::Email, SentBy::Text, SentBy::Letter];

/// What staff do with an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Revoke,
    Unlock,
    NewPassword,
    Suspend,
    Resume,
    Deactivate,
    Live,
}

impl Step {
    const ALL: [Self; 7] =
        [Self::Revoke, Self::Unlock, Self::NewPassword, Self::Suspend, Self::Resume, Self::Deactivate, Self::Live];

    const fn name(self) -> &'static str {
        match self {
            Self::Revoke => "revoke",
            Self::Unlock => "unlock",
            Self::NewPassword => "new-password",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::Deactivate => "deactivate",
            Self::Live => "live",
        }
    }

    fn title(self) -> &'static str {
        look_up(&format!("account-step.{}", self.name())).unwrap_or_default()
    }

    /// What can be done with an account as it stands.
    const fn of(state: AccountState) -> &'static [Self] {
        match state {
            AccountState::Pending => &[Self::Revoke],
            AccountState::Active => &[Self::Unlock, Self::NewPassword, Self::Suspend, Self::Deactivate],
            AccountState::Frozen => &[Self::Suspend, Self::Deactivate],
            AccountState::Suspended => &[Self::Resume, Self::Deactivate],
            AccountState::Deceased { .. } => &[Self::Live],
            AccountState::Deactivated | AccountState::Merged { .. } | AccountState::Closed => &[],
        }
    }
}

/// Where an account stands, in words.
pub(crate) fn state(state: AccountState) -> &'static str {
    look_up(&format!("account-state.{}", name_of(state))).unwrap_or_default()
}

const fn name_of(state: AccountState) -> &'static str {
    match state {
        AccountState::Pending => "pending",
        AccountState::Active => "active",
        AccountState::Frozen => "frozen",
        AccountState::Suspended => "suspended",
        AccountState::Deactivated => "deactivated",
        AccountState::Deceased { .. } => "deceased",
        AccountState::Merged { .. } => "merged",
        AccountState::Closed => "closed",
    }
}

/// The people whose accounts staff look after. The reference host has no search for patients, so it lists them.
pub(crate) async fn list(staff: Staff) -> Answer {
    listed(&staff, None).await
}

async fn listed(staff: &Staff, why: Option<&str>) -> Answer {
    let visitor = &staff.0;
    let people = visitor.house.stage.as_ref().map_or(&[][..], |stage| &stage.people);
    let page = visitor.frame().await?.plain(
        say("clinic.accounts"),
        html! {
            h1 { (say("clinic.title")) }
            (ways("/clinic/accounts"))
            (trouble(why))
            p.lead { (say("accounts.lead")) }
            ul.doors { @for one in people { li { a href={ "/clinic/accounts/" (one.patient) } { strong { (one.name) } } } } }
            section.card {
                h2 { (say("accounts.caregiver")) }
                p { (say("accounts.caregiver-text")) }
                form method="post" action="/clinic/caregivers" {
                    (token(&visitor.form_token))
                    div.field { label for="address" { (say("accounts.email")) }
                        input #address name="address" type="text" autocomplete="off" autocapitalize="none" spellcheck="false" required maxlength="254"; }
                    div.field { label for="born" { (say("activate.born")) } input #born name="born" type="date" required autocomplete="off"; }
                    div.actions { button type="submit" { (say("accounts.issue")) } }
                }
            }
        },
    );
    let status = if why.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, page).into_response())
}

/// Issues an activation to somebody without a chart.
pub(crate) async fn caregiver(staff: Staff, sent: Sent) -> Answer {
    sent.is_from(&staff.0)?;
    let (address, born) = (EmailAddress::parse(sent.one("address")), sent.one("born").parse::<NaiveDate>());
    let (Ok(address), Ok(born)) = (address, born) else { return listed(&staff, Some(say("addresses.invalid"))).await };
    let whom = Whom::Caregiver { address: Address::Email(address), born };
    staff.0.house.portal.issue_activation(staff.account(), &whom, SentBy::Email).await?;
    Ok(Redirect::to("/clinic/accounts").into_response())
}

/// The accounts of one patient.
pub(crate) async fn page(staff: Staff, Path(patient): Path<String>) -> Answer {
    let patient: PatientId = patient.parse().map_err(|_| Refusal::NotFound)?;
    Ok(of_patient(&staff, patient, None).await?.into_response())
}

async fn of_patient(staff: &Staff, patient: PatientId, why: Option<&str>) -> Result<Response, Refusal> {
    let visitor = &staff.0;
    let portal = &visitor.house.portal;
    let views = portal.accounts_of(patient).await?;
    let whose = whose(portal, patient).await?;
    let to = format!("/clinic/accounts/{patient}");
    let can_begin = views.iter().all(|view| matches!(view.state, AccountState::Closed | AccountState::Merged { .. }));
    let page = visitor.frame().await?.plain(
        say("clinic.accounts"),
        html! {
            (back("/clinic/accounts", say("clinic.accounts")))
            h1 { (shown(&whose)) }
            (trouble(why))
            @if can_begin {
                p.lead { (say("accounts.none")) }
                (issue(staff, &to, None, say("accounts.issue")))
            }
            ul.cards { @for view in &views { li { (card(staff, &to, view, &whose)) } } }
            @if views.iter().any(|view| !matches!(view.state, AccountState::Deceased { .. } | AccountState::Closed)) {
                details.apart {
                    summary { (say("accounts.death")) }
                    p { (say("accounts.death-text")) }
                    form method="post" action={ (to) "/death" } {
                        (token(&visitor.form_token))
                        div.check { input type="checkbox" name="sure" value="yes" id="sure" required; label for="sure" { (say("accounts.death-sure")) } }
                        div.actions { button.plain type="submit" { (say("accounts.death")) } }
                    }
                }
            }
        },
    );
    let status = if why.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, page).into_response())
}

/// A form for a link or a letter.
fn issue(staff: &Staff, to: &str, account: Option<AccountId>, words: &str) -> Markup {
    html! {
        form.filter method="post" action={ (to) "/issue" } {
            (token(&staff.0.form_token))
            @if let Some(account) = account { input type="hidden" name="account" value=(account); }
            @let id = account.map_or("by".to_owned(), |account| format!("by-{}", short(account)));
            div.field { label for=(id) { (say("accounts.by")) }
                select id=(id) name="by" { @for way in WAYS { option value=(key(&way)) { (look_up(&format!("sent-by.{}", key(&way))).unwrap_or_default()) } } } }
            button type="submit" { (words) }
        }
    }
}

fn card(staff: &Staff, to: &str, view: &AccountView, whose: &Whose) -> Markup {
    html! {
        article.card {
            h2 { (fill("accounts.account", &[("id", &short(view.account))])) " " span.tag { (state(view.state)) } }
            dl.facts {
                div { dt { (say("accounts.since")) } dd { (date::instant(view.opened_at)) } }
                div { dt { (say("account.factor")) } dd { @if view.has_second_factor { (say("accounts.yes")) } @else { (say("accounts.no")) } } }
                div { dt { (say("addresses.title")) } dd {
                    (count("count.addresses", view.addresses))
                    @if view.has_broken_address { ". " (say("accounts.broken")) }
                } }
                @if let Some((by, link, until)) = &view.link {
                    div { dt { (say("accounts.link")) } dd {
                        (look_up(&format!("sent-by.{}", key(by))).unwrap_or_default()) ": "
                        (look_up(&format!("link-state.{}", key(link))).unwrap_or_default()) ". "
                        (fill("accounts.link-until", &[("when", &date::moment(*until))]))
                    } }
                }
                @if let Some(at) = view.recovery_at {
                    div { dt { (say("accounts.recovery")) } dd { (date::instant(at)) } }
                }
            }
            @match view.state {
                AccountState::Pending => { (issue(staff, to, Some(view.account), say("accounts.reissue"))) }
                AccountState::Active | AccountState::Frozen | AccountState::Deactivated => {
                    (issue(staff, to, Some(view.account), say("accounts.reproof")))
                    p.quiet { (say("accounts.reproof-text")) }
                }
                _ => {}
            }
            div.actions {
                @for step in Step::of(view.state) {
                    form method="post" action={ (to) "/" (step.name()) } {
                        (token(&staff.0.form_token))
                        input type="hidden" name="account" value=(view.account);
                        button.plain type="submit" { (step.title()) span.unseen { ": " (whose.name) } }
                    }
                }
            }
        }
    }
}

/// Issues a link or a letter: to begin with, or to prove anew who one is.
pub(crate) async fn give(
    portal: &mychartum_core::portal::Portal,
    staff: AccountId,
    patient: PatientId,
    by: SentBy,
) -> Result<Issued, AccountError> {
    let views = portal.accounts_of(patient).await?;
    let open = views.iter().find(|view| !matches!(view.state, AccountState::Closed | AccountState::Merged { .. }));
    match open {
        Some(view) if view.state != AccountState::Pending => portal.issue_reproof(staff, view.account, by).await,
        _ => portal.issue_activation(staff, &Whom::Patient(patient), by).await,
    }
}

/// Why staff could not do something.
pub(crate) fn why_not(error: AccountError) -> Result<&'static str, Refusal> {
    match error {
        AccountError::Contact(ContactError::Unknown) => Ok(say("accounts.no-address")),
        AccountError::Contact(ContactError::Guardians) => Ok(say("accounts.guardians")),
        AccountError::Contact(_) => Ok(say("contact.taken")),
        AccountError::Illegal(_) | AccountError::NotOffered | AccountError::Wrong => Ok(say("form.not-possible")),
        other => Err(other.into()),
    }
}

/// Does something with an account of a patient.
pub(crate) async fn act(staff: Staff, Path((patient, step)): Path<(String, String)>, sent: Sent) -> Answer {
    sent.is_from(&staff.0)?;
    let patient: PatientId = patient.parse().map_err(|_| Refusal::NotFound)?;
    let (portal, by) = (&staff.0.house.portal, staff.account());
    let done = match step.as_str() {
        "issue" => {
            let way = of_key(&WAYS, sent.one("by")).ok_or(Refusal::NotPossible)?;
            match give(portal, by, patient, way).await {
                Ok(Issued { letter: Some(code), .. }) => return printed(&staff, patient, &code).await,
                outcome => outcome.map(drop),
            }
        }
        "death" if sent.one("sure") == "yes" => portal.note_death(by, patient).await.map(drop),
        _ => {
            let step = Step::ALL.into_iter().find(|known| known.name() == step).ok_or(Refusal::NotFound)?;
            let account = sent.one("account").parse().map_err(|_| Refusal::NotFound)?;
            // An account that is not this patient's is not there.
            let own = portal.accounts_of(patient).await?;
            own.iter().find(|view| view.account == account).ok_or(Refusal::NotFound)?;
            match step {
                Step::Revoke => portal.revoke_activation(by, account).await,
                Step::Unlock => portal.unlock(by, account).await,
                Step::NewPassword => portal.require_new_password(by, account).await,
                Step::Suspend => portal.suspend_account(by, account).await,
                Step::Resume => portal.resume_account(by, account).await,
                Step::Deactivate => portal.deactivate_account(by, account).await,
                Step::Live => portal.withdraw_death(by, account).await,
            }
        }
    };
    match done {
        Ok(()) => Ok(Redirect::to(&format!("/clinic/accounts/{patient}")).into_response()),
        Err(error) => of_patient(&staff, patient, Some(why_not(error)?)).await,
    }
}

async fn printed(staff: &Staff, patient: PatientId, code: &mychartum_core::account::LetterCode) -> Answer {
    let visitor = &staff.0;
    let whose = whose(&visitor.house.portal, patient).await?;
    let days = visitor.house.portal.policy().accounts().activation_letter.num_days();
    let days = usize::try_from(days).unwrap_or_default();
    Ok(visitor.frame().await?.plain(
        say("letter.title"),
        html! {
            (back(&format!("/clinic/accounts/{patient}"), say("clinic.accounts")))
            h1 { (say("letter.title")) }
            (letter(&whose.name, code, visitor.house.port, days))
        },
    ))
}

#[cfg(test)]
mod tests {
    use mychartum_core::account::LinkState;

    use super::*;

    #[test]
    fn every_state_step_and_way_has_words() {
        for step in Step::ALL {
            assert!(!step.title().is_empty(), "{step:?}");
        }
        for name in ["pending", "active", "frozen", "suspended", "deactivated", "deceased", "merged", "closed"] {
            assert!(look_up(&format!("account-state.{}", name)).is_some(), "{name}");
        }
        for way in WAYS {
            assert!(look_up(&format!("sent-by.{}", key(&way))).is_some(), "{way:?}");
        }
        for link in [
            LinkState::Issued,
            LinkState::Delivered,
            LinkState::DeliveryFailed,
            LinkState::Locked,
            LinkState::Redeemed,
            LinkState::Expired,
            LinkState::Revoked,
        ] {
            assert!(look_up(&format!("link-state.{}", key(&link))).is_some(), "{link:?}");
        }
    }
}
