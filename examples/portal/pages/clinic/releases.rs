//! The release worklist: results that are held back, why and for how long; those that ended by themselves are alarms.

use axum::extract::Path;
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};
use mychartum_core::chart::Section;
use mychartum_core::kernel::id::{ItemId, PatientId};
use mychartum_core::portal::{Harm, Held, Over, ProxyError};

use super::parts::{account, shown, ways, whose};
use crate::pages::layout::Whose;
use crate::pages::parts::nothing;
use crate::show::grants;
use crate::web::refusal::{Answer, Refusal};
use crate::web::sent::Sent;
use crate::web::staff::Staff;
use crate::words::{count, say};

/// The page. Alarms come first.
pub(crate) async fn page(staff: Staff) -> Answer {
    let visitor = &staff.0;
    let portal = &visitor.house.portal;
    let mut held = Vec::new();
    for one in portal.release_worklist().await? {
        held.push((whose(portal, one.patient).await?, one));
    }
    held.sort_by_key(|(_, one)| one.over == Over::NotYet);
    Ok(visitor.frame().await?.plain(
        say("clinic.releases"),
        html! {
            h1 { (say("clinic.title")) }
            (ways("/clinic/releases"))
            p.lead { (say("releases.lead")) }
            @if held.is_empty() { (nothing(say("releases.none"))) }
            ul.cards { @for (whose, one) in &held { li { (card(&staff, whose, one)) } } }
        },
    ))
}

fn card(staff: &Staff, whose: &Whose, held: &Held) -> Markup {
    let hold = &held.hold;
    let left = usize::try_from((hold.until - staff.0.house.now()).num_days().max(0)).unwrap_or_default();
    let harm = match hold.harm {
        Harm::LifeOrSafety => say("harm.life-or-safety"),
        Harm::SubstantialByProxy => say("harm.substantial-by-proxy"),
    };
    html! {
        article.card {
            h2 { (shown(whose)) }
            @if held.over == Over::ByItself { p.notice.bad role="alert" { (say("releases.alarm")) } }
            dl.facts {
                div { dt { (say("releases.item")) } dd { code { (held.item.to_string().chars().take(8).collect::<String>()) } } }
                div { dt { (say("releases.harm")) } dd { (harm) } }
                div { dt { (say("releases.until")) } dd {
                    (grants::day(hold.until))
                    @if held.over == Over::NotYet { ", " (count("count.days-left", left)) }
                } }
                div { dt { (say("releases.clinician")) } dd { code { (account(hold.clinician)) } } }
            }
            form method="post" action={ "/clinic/releases/" (held.patient) "/" (held.item) } {
                input type="hidden" name="token" value=(staff.0.form_token);
                div.actions { button.plain type="submit" { (say("releases.release")) span.unseen { ": " (whose.name) } } }
            }
        }
    }
}

/// Releases a result now.
pub(crate) async fn release(staff: Staff, Path((patient, item)): Path<(String, String)>, sent: Sent) -> Answer {
    sent.is_from(&staff.0)?;
    let patient: PatientId = patient.parse().map_err(|_| Refusal::NotFound)?;
    let item: ItemId = item.parse().map_err(|_| Refusal::NotFound)?;
    let portal = &staff.0.house.portal;
    let held = portal.release_worklist().await?;
    if !held.iter().any(|one| one.patient == patient && one.item == item) {
        return Err(Refusal::NotFound);
    }
    // The worklist does not say in which section an item is; it is in one of them.
    for section in Section::ALL {
        match portal.release(staff.account(), patient, (section, item)).await {
            Ok(()) => return Ok(Redirect::to("/clinic/releases").into_response()),
            Err(ProxyError::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Refusal::NotFound)
}
