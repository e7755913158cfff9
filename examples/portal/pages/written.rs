//! Written consents to records of programmes for substance use: what is open to one person, signing, revoking.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use mychartum_core::access::consent::{
    ConsentEnd, ConsentPurpose, Covers, NewPart2Consent, Part2Accompaniment, Part2Consent, Recipient,
};
use mychartum_core::access::grant::ProxyGrant;
use mychartum_core::chart::{Section, SectionSet};
use mychartum_core::kernel::id::{AccountId, ConsentId, GrantId};
use mychartum_core::kernel::text::Label;
use mychartum_core::portal::ProxyError;

use super::parts::back;
use super::people_change::{end, ends};
use super::sections::Place;
use crate::show::grants;
use crate::web::refusal::{Answer, Refusal};
use crate::web::sent::Sent;
use crate::web::visitor::{Opened, Visitor};
use crate::words::{fill, say};

/// Which wording of the page is signed; a change of its words is a new name.
const TEXT: &str = "reference-host-part2-1";

type Asked = Path<(String, String)>;

/// What the pages are about: somebody who acts for the patient.
struct Person {
    opened: Opened,
    grant: ProxyGrant,
    account: AccountId,
}

async fn find(visitor: &Visitor, (patient, grant): &(String, String)) -> Result<Person, Refusal> {
    let opened = visitor.open_own(patient, &[Section::Demographics]).await?;
    let id: GrantId = grant.parse().map_err(|_| Refusal::NotFound)?;
    let all = visitor.session.grants(opened.patient()).await?;
    let grant = all.into_iter().find(|grant| grant.id() == id && grant.state().is_live()).ok_or(Refusal::NotFound)?;
    let account = grant.proxy().ok_or(Refusal::NotFound)?;
    Ok(Person { opened, grant, account })
}

/// The page.
pub(crate) async fn page(visitor: Visitor, Path(asked): Asked) -> Answer {
    let person = find(&visitor, &asked).await?;
    shown(&visitor, &person, None).await
}

async fn shown(visitor: &Visitor, person: &Person, trouble: Option<&str>) -> Answer {
    let Person { opened, grant, account } = person;
    let (frame, now) = (&opened.frame, visitor.house.now());
    let all = visitor.session.part2_consents(opened.patient()).await?;
    let of_them = all.iter().filter(|consent| consent.recipient() == Recipient::Account(*account));
    let (open, over): (Vec<_>, Vec<_>) = of_them.partition(|consent| consent.in_force(now));
    let to = frame.to(&format!("people/{}/written", grant.id()));
    let whom = fill("people.your", &[("relation", grants::relation(grant.relation()))]);
    let page = frame.page(
        Place::People,
        say("written.title"),
        html! {
            (back(&frame.to("people"), Place::People.name()))
            h1 { (say("written.title")) }
            @if let Some(trouble) = trouble { div.trouble role="alert" { p { (trouble) } } }
            p.lead { strong { (whom) } }
            p { (say("written.about")) }
            @if open.is_empty() { p { (say("written.none")) } }
            ul.cards { @for consent in &open { li { article.card {
                (facts(consent))
                form method="post" action=(format!("{to}/{}/revoke", consent.id())) {
                    input type="hidden" name="token" value=(visitor.form_token);
                    button type="submit" { (say("written.revoke")) }
                }
            } } } }
            section.card {
                h2 { (say("written.sign")) }
                (form(visitor, &to))
            }
            @if !over.is_empty() {
                details.card {
                    summary { (say("written.over")) }
                    ul.brief { @for consent in &over { li { (facts(consent)) } } }
                }
            }
        },
    );
    Ok(page)
}

/// The consent as it is signed: every element that 42 CFR 2.31(a) asks for, in words.
fn form(visitor: &Visitor, to: &str) -> Markup {
    html! {
        form method="post" action=(to) {
            input type="hidden" name="token" value=(visitor.form_token);
            fieldset.ticks {
                legend { (say("written.what")) }
                @for (value, words) in [("records", "written.records"), ("notes", "written.notes")] {
                    @let id = format!("what-{value}");
                    div.check {
                        input type="radio" name="what" value=(value) id=(id) required;
                        label for=(id) { (say(words)) }
                    }
                }
            }
            (ends(visitor.house.portal.policy(), visitor.house.now()))
            @for words in ["written.who", "written.why", "written.may-revoke", "written.proceedings"] { p { (say(words)) } }
            div.check {
                input type="checkbox" name="signed" value="yes" id="signed" required;
                label for="signed" { (say("written.signature")) }
            }
            div.actions { button type="submit" { (say("written.button")) } }
        }
    }
}

/// Signs one.
pub(crate) async fn sign(visitor: Visitor, Path(asked): Asked, sent: Sent) -> Answer {
    sent.is_from(&visitor)?;
    let person = find(&visitor, &asked).await?;
    let until = end(sent.one("days"), visitor.house.portal.policy(), visitor.house.now());
    let sections = SectionSet::chart();
    let covers = match sent.one("what") {
        "records" => Some(Covers::Records(sections)),
        "notes" => Some(Covers::CounsellingNotes(sections)),
        _ => None,
    };
    let (Some(until), Some(covers), "yes") = (until, covers, sent.one("signed")) else {
        return refused(&visitor, &person).await;
    };
    let new = NewPart2Consent {
        covers,
        recipient: Recipient::Account(person.account),
        purpose: ConsentPurpose::AtThePatientsRequest,
        end: ConsentEnd::At(until),
        text: Label::parse(TEXT).map_err(|_| Refusal::Broken)?,
    };
    match visitor.session.sign_part2(person.opened.patient(), new).await {
        Ok(_) => Ok(back_to(&person)),
        Err(ProxyError::Consent(_)) => refused(&visitor, &person).await,
        Err(error) => Err(error.into()),
    }
}

/// Revokes one.
pub(crate) async fn revoke(
    visitor: Visitor,
    Path((patient, grant, consent)): Path<(String, String, String)>,
    sent: Sent,
) -> Answer {
    sent.is_from(&visitor)?;
    let person = find(&visitor, &(patient, grant)).await?;
    let id: ConsentId = consent.parse().map_err(|_| Refusal::NotFound)?;
    match visitor.session.revoke_part2(person.opened.patient(), id).await {
        Ok(()) => Ok(back_to(&person)),
        Err(ProxyError::Consent(_)) => refused(&visitor, &person).await,
        Err(error) => Err(error.into()),
    }
}

async fn refused(visitor: &Visitor, person: &Person) -> Answer {
    let page = shown(visitor, person, Some(say("form.not-possible"))).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

fn back_to(person: &Person) -> Response {
    let to = person.opened.frame.to(&format!("people/{}/written", person.grant.id()));
    Redirect::to(&to).into_response()
}

fn facts(consent: &Part2Consent) -> Markup {
    html! {
        dl.facts {
            div { dt { (say("written.what")) } dd { (covers(consent.covers())) } }
            div { dt { (say("written.signed")) } dd { (grants::day(consent.signed_at())) } }
            div { dt { (say("grant.time")) } dd { (until(consent.end())) } }
            @if let Some(revoked) = consent.revoked_at() {
                div { dt { (say("written.revoked")) } dd { (grants::day(revoked)) } }
            }
        }
    }
}

fn covers(covers: Covers) -> &'static str {
    match covers {
        Covers::Records(_) => say("written.records"),
        Covers::CounsellingNotes(_) => say("written.notes"),
    }
}

fn until(end: ConsentEnd) -> String {
    match end {
        ConsentEnd::At(end) => fill("grant.until", &[("day", &grants::day(end))]),
        ConsentEnd::WhenRevoked => say("written.when-revoked").to_owned(),
    }
}

/// What goes with such a record: the notice, and the consent explained.
pub(crate) fn in_words(part2: &Part2Accompaniment) -> Vec<String> {
    let purpose = match part2.purpose {
        ConsentPurpose::AtThePatientsRequest => say("written.why"),
        ConsentPurpose::TreatmentPaymentOperations => say("written.why-tpo"),
    };
    vec![
        part2.notice().to_owned(),
        fill("written.explained", &[("day", &grants::day(part2.signed_at))]),
        covers(part2.covers).to_owned(),
        purpose.to_owned(),
        until(part2.end),
    ]
}

/// The same on a page.
pub(crate) fn explained(part2: &Part2Accompaniment) -> Markup {
    html! { @for (place, line) in in_words(part2).iter().enumerate() { @if place == 0 { p { strong { (line) } } } @else { p { (line) } } } }
}
