//! The vital signs: the latest of each, with its trend.

use std::collections::BTreeMap;

use axum::extract::Path;
use maud::{Markup, html};
use mychartum_core::chart::{Item, Observation, Section, Trend, VitalSign};
use mychartum_core::kernel::CodeSystem;
use mychartum_core::portal::Page;

use super::layout::Frame;
use super::parts::{named, nothing};
use super::sections::Place;
use super::trends;
use crate::show::{date, value};
use crate::web::refusal::Answer;
use crate::web::visitor::Visitor;
use crate::words::{count, say};

/// The page.
pub(crate) async fn page(visitor: Visitor, Path(patient): Path<String>) -> Answer {
    let opened = visitor.open(&patient, &[Section::Vitals]).await?;
    let frame = &opened.frame;
    let all = opened.chart.vitals(Page::ALL).await?.items;
    let fresh = super::fresh::line(&visitor, &all).await?;
    let mut signs: BTreeMap<VitalSign, Vec<Item<Observation>>> = BTreeMap::new();
    let mut others: Vec<Item<Observation>> = Vec::new();
    for item in all {
        match VitalSign::of(&item.view) {
            Some(sign) => signs.entry(sign).or_default().push(item),
            None => others.push(item),
        }
    }
    Ok(frame.page(
        Place::Vitals,
        Place::Vitals.name(),
        html! {
            h1 { (Place::Vitals.name()) }
            (fresh)
            @if signs.is_empty() && others.is_empty() { (nothing(say("vitals.none"))) }
            @for (sign, items) in &signs { (shown(frame, *sign, items)) }
            @if !others.is_empty() {
                section.group {
                    h2 { (say("vitals.others")) }
                    (super::observation::rows(frame, "vitals", &others.iter().collect::<Vec<_>>()))
                }
            }
        },
    ))
}

fn shown(frame: &Frame, sign: VitalSign, items: &[Item<Observation>]) -> Markup {
    let Some(latest) = items.first() else { return html! {} };
    html! {
        section.card.vital {
            div.group-head {
                h2 { (name(sign)) }
                p.latest {
                    a href=(frame.item("vitals", latest.id)) { (value::of_observation(&latest.view)) }
                    " " span.when { (date::shown_or_unknown(latest.view.at())) }
                }
            }
            (figures(frame, sign, items))
            @if items.len() == 1 { p.quiet { (count("count.measured", 1)) } }
        }
    }
}

/// The trends of a sign; its LOINC codes differ, and each has its own.
fn figures(frame: &Frame, sign: VitalSign, items: &[Item<Observation>]) -> Markup {
    let at = format!("{}/", frame.to("vitals"));
    if sign == VitalSign::BloodPressure {
        let systolic = Trend::of(VitalSign::SYSTOLIC, items, &[]);
        let diastolic = Trend::of(VitalSign::DIASTOLIC, items, &[]);
        return html! { @if let Some(figure) = trends::pressure(&systolic, &diastolic, &at) { (figure) } };
    }
    let mut codes: Vec<&str> = Vec::new();
    for item in items {
        if let Some(code) = item.view.code.code_in(&CodeSystem::Loinc).filter(|code| !codes.contains(code)) {
            codes.push(code);
        }
    }
    html! {
        @for code in codes {
            @let called = items.iter().find(|item| item.view.code.has_code(code)).map_or("", |item| item.view.code.shown());
            @for figure in trends::by_unit(&Trend::of(code, items, &[]), named(called), &format!("vital-{code}"), &at) { (figure) }
        }
    }
}

/// What people call a vital sign.
pub(crate) fn name(sign: VitalSign) -> &'static str {
    match sign {
        VitalSign::BloodPressure => say("vital.pressure"),
        VitalSign::HeartRate => say("vital.heart"),
        VitalSign::RespiratoryRate => say("vital.breathing"),
        VitalSign::BodyTemperature => say("vital.temperature"),
        VitalSign::OxygenSaturation => say("vital.oxygen"),
        VitalSign::BodyHeight => say("vital.height"),
        VitalSign::BodyWeight => say("vital.weight"),
        VitalSign::BodyMassIndex => say("vital.bmi"),
        VitalSign::HeadCircumference => say("vital.head"),
    }
}
