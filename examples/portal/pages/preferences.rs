//! How the patient wants to meet new results: at once, after a tap, or some days later.

use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};
use mychartum_core::access::Wish;
use mychartum_core::chart::Section;
use serde::Deserialize;

use super::sections::Place;
use crate::web::refusal::{Answer, Refusal};
use crate::web::sent::Sent;
use crate::web::visitor::Visitor;
use crate::words::{count, fill, look_up, say};

/// Something that can be met in several ways: its name, its sections, and whether it can wait.
struct Kind {
    name: &'static str,
    sections: &'static [Section],
    waits: bool,
}

/// Only results wait for a clinician's word.
const KINDS: [Kind; 2] = [
    Kind { name: "results", sections: &[Section::Results, Section::Reports], waits: true },
    Kind { name: "findings", sections: &[Section::Findings], waits: false },
];

/// Whether it was saved just now, as it stands in the address.
#[derive(Debug, Deserialize)]
pub(crate) struct Saved {
    #[serde(default)]
    saved: String,
}

/// The page.
pub(crate) async fn page(visitor: Visitor, Path(patient): Path<String>, Query(saved): Query<Saved>) -> Answer {
    let opened = visitor.open_own(&patient, &[]).await?;
    let frame = &opened.frame;
    let wishes = visitor.session.wishes(opened.patient()).await?;
    let most = visitor.house.portal.policy().release().max_wish_days;
    Ok(frame.page(
        Place::Preferences,
        Place::Preferences.name(),
        html! {
            h1 { (Place::Preferences.name()) }
            @if !saved.saved.is_empty() { p.notice.good role="status" { (say("preferences.saved")) } }
            p.lead { (say("preferences.lead")) }
            form.choices method="post" action=(frame.to("preferences")) {
                input type="hidden" name="token" value=(visitor.form_token);
                @for kind in &KINDS { (choice(kind, wish_of(kind, &wishes), most)) }
                p.quiet { (fill("preferences.limit", &[("days", &most.to_string())])) }
                div.actions { button type="submit" { (say("preferences.save")) } }
            }
        },
    ))
}

fn wish_of(kind: &Kind, wishes: &[(Section, Wish)]) -> Wish {
    let found = wishes.iter().find(|(section, _)| kind.sections.contains(section));
    found.map_or(Wish::AtOnce, |(_, wish)| *wish)
}

fn choice(kind: &Kind, wish: Wish, most: u16) -> Markup {
    let name = kind.name;
    let id = |way: &str| format!("{name}-{way}");
    let days = if let Wish::Wait(days) = wish { u16::from(days) } else { most.min(3) };
    let radio = |way: &'static str, is: bool| {
        html! {
            div.check {
                input type="radio" name=(name) value=(way) id=(id(way)) checked[is];
                label for=(id(way)) { (look_up(&format!("wish.{}", way)).unwrap_or_default()) }
            }
        }
    };
    html! {
        fieldset.ticks.one-by-one {
            legend { (look_up(&format!("wish-kind.{}", name)).unwrap_or_default()) }
            (radio("at-once", wish == Wish::AtOnce))
            (radio("after-tap", wish == Wish::AfterTap))
            @if kind.waits && most > 0 {
                (radio("wait", matches!(wish, Wish::Wait(_))))
                div.field.narrow {
                    label for=(id("days")) { (say("preferences.days")) }
                    select name={ (name) "-days" } id=(id("days")) {
                        @for day in 1..=most { option value=(day) selected[day == days] { (count("count.days", usize::from(day))) } }
                    }
                }
            }
        }
    }
}

/// Saves what was chosen; what did not change is not written.
pub(crate) async fn save(visitor: Visitor, Path(patient): Path<String>, sent: Sent) -> Answer {
    sent.is_from(&visitor)?;
    let opened = visitor.open_own(&patient, &[]).await?;
    let (session, patient) = (&visitor.session, opened.patient());
    let before = session.wishes(patient).await?;
    let most = visitor.house.portal.policy().release().max_wish_days;
    for kind in &KINDS {
        let wish = chosen(kind, &sent, most).ok_or(Refusal::NotPossible)?;
        for section in kind.sections {
            let known = before.iter().find(|(known, _)| known == section).map_or(Wish::AtOnce, |(_, wish)| *wish);
            if wish != known {
                session.wish(patient, *section, wish).await?;
            }
        }
    }
    Ok(Redirect::to(&format!("{}?saved=yes", opened.frame.to("preferences"))).into_response())
}

fn chosen(kind: &Kind, sent: &Sent, most: u16) -> Option<Wish> {
    match sent.one(kind.name) {
        "at-once" => Some(Wish::AtOnce),
        "after-tap" => Some(Wish::AfterTap),
        "wait" if kind.waits => {
            let days: u8 = sent.one(&format!("{}-days", kind.name)).parse().ok()?;
            (days > 0 && u16::from(days) <= most).then_some(Wish::Wait(days))
        }
        _ => None,
    }
}
