//! A small line without words, beside the latest value of an analyte.

use maud::{Markup, html};
use mychartum_core::chart::Series;

use super::scale::Scale;

/// The last points of a series; nothing where there are fewer than three or one of them is only a bound.
pub(crate) fn draw(series: &Series) -> Markup {
    let recent = series.points.get(series.points.len().saturating_sub(12)..).unwrap_or_default();
    let is_plain = recent.len() >= 3 && recent.iter().all(|point| point.comparator.is_none());
    let spots: Vec<(f64, f64)> =
        recent.iter().map(|point| (point.at.lower().timestamp() as f64, point.value.for_drawing())).collect();
    let ends = |pick: fn(&(f64, f64)) -> f64| {
        spots.iter().map(pick).fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), at| (low.min(at), high.max(at)))
    };
    let ((left, right), (low, high)) = (ends(|spot| spot.0), ends(|spot| spot.1));
    let across = Scale { low: left, high: right, from: 4.0, to: 84.0 };
    let down = Scale { low, high, from: 22.0, to: 4.0 };
    let path = spots
        .iter()
        .enumerate()
        .map(|(index, spot)| {
            format!("{}{:.1} {:.1}", if index == 0 { "M" } else { "L" }, across.at(spot.0), down.at(spot.1))
        })
        .collect::<Vec<_>>()
        .join(" ");
    html! {
        @if is_plain {
            svg.spark width="88" height="26" viewBox="0 0 88 26" aria-hidden="true" {
                path d=(path) {}
                @if let Some(last) = spots.last() { circle cx=(format!("{:.1}", across.at(last.0))) cy=(format!("{:.1}", down.at(last.1))) r="3" {} }
            }
        }
    }
}
