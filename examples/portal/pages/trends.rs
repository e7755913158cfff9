//! The trends that belong to an observation: its own, those of its parts, one picture a unit.

use maud::{Markup, html};
use mychartum_core::chart::{Observation, Trend, VitalSign};
use mychartum_core::kernel::CodeSystem;

use super::parts::named;
use super::sections::Place;
use crate::draw::trend::{Figure, point_text};
use crate::web::refusal::Refusal;
use crate::web::visitor::Opened;
use crate::words::{fill, say};

/// The trends, or nothing where there is only one value.
pub(crate) async fn of(opened: &Opened, place: Place, view: &Observation) -> Result<Markup, Refusal> {
    let items_at = format!("{}/", opened.frame.to(place.path()));
    let mut figures = Vec::new();
    if let Some(loinc) = view.code.code_in(&CodeSystem::Loinc) {
        let trend = opened.chart.trend(loinc, &[]).await?;
        figures.extend(by_unit(&trend, named(view.code.shown()), "trend", &items_at));
    }
    if VitalSign::of(view) == Some(VitalSign::BloodPressure) {
        let systolic = opened.chart.trend(VitalSign::SYSTOLIC, &[]).await?;
        let diastolic = opened.chart.trend(VitalSign::DIASTOLIC, &[]).await?;
        figures.extend(pressure(&systolic, &diastolic, &items_at));
    } else {
        for (index, part) in view.components.iter().enumerate() {
            let Some(loinc) = part.code.code_in(&CodeSystem::Loinc) else { continue };
            let trend = opened.chart.trend(loinc, &[]).await?;
            figures.extend(by_unit(&trend, named(part.code.shown()), &format!("part-{index}"), &items_at));
        }
    }
    Ok(html! {
        @if !figures.is_empty() {
            section.card.trends {
                h2 { (say("trend.heading")) }
                @for figure in figures { (figure) }
            }
        }
    })
}

/// One figure a unit and method; what is in another unit or by another method is never joined, and that is said.
pub(crate) fn by_unit(trend: &Trend, name: &str, id: &str, items_at: &str) -> Vec<Markup> {
    let is_split = trend.series.len() > 1;
    let first = trend.series.first();
    let other_units = trend.series.iter().any(|one| first.is_some_and(|first| first.unit.key() != one.unit.key()));
    let other_methods = trend.series.iter().any(|one| first.is_some_and(|first| first.method != one.method));
    let mut figures = Vec::new();
    for (index, series) in trend.series.iter().enumerate() {
        let unit = if series.unit.shown().is_empty() { say("trend.no-unit") } else { series.unit.shown() };
        let method = series.method.as_ref().map_or(say("trend.no-method"), |method| method.as_str());
        let unit = if other_methods { format!("{unit}, {method}") } else { unit.to_owned() };
        let unit = unit.as_str();
        let figure = Figure {
            id: format!("{id}-{index}"),
            name: if is_split { fill("trend.in-unit", &[("name", name), ("unit", unit)]) } else { name.to_owned() },
            series: vec![(name, series)],
            items_at: items_at.to_owned(),
        };
        let drawn = figure.draw();
        if is_split {
            let alone = series.points.first().map(point_text).unwrap_or_default();
            figures.push(html! {
                h3 { (fill("trend.in", &[("unit", unit)])) }
                @match drawn {
                    Some(drawn) => (drawn),
                    None => p { (fill("trend.alone", &[("value", &alone)])) },
                }
            });
        } else {
            figures.extend(drawn);
        }
    }
    if is_split {
        let why = if other_units { say("trend.units-apart") } else { say("trend.methods-apart") };
        figures.insert(0, html! { p.notice { (why) } });
    }
    figures
}

/// Systolic and diastolic pressure in one picture, where both are in one and the same unit.
pub(crate) fn pressure(systolic: &Trend, diastolic: &Trend, items_at: &str) -> Option<Markup> {
    let (upper, lower) = (systolic.series.first()?, diastolic.series.first()?);
    if upper.unit.key() != lower.unit.key() {
        return None;
    }
    let series = vec![(say("vital.systolic"), upper), (say("vital.diastolic"), lower)];
    let name = say("vital.pressure").to_owned();
    Figure { id: "pressure".to_owned(), name, series, items_at: items_at.to_owned() }.draw()
}
