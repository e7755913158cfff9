//! The table under a chart: the same numbers, for eyes, ears and paper.

use maud::{Markup, html};

use super::trend::{Figure, judge, point_text};
use crate::show::status::Progress;
use crate::show::{date, value};
use crate::words::say;

/// The table of a figure, newest first, folded until asked for.
pub(crate) fn draw(figure: &Figure<'_>) -> Markup {
    html! {
        details.data {
            summary { (say("trend.table")) }
            @for (name, series) in &figure.series {
                div.scroll tabindex="0" role="group" aria-label=(format!("{}, {}", say("trend.table"), name)) {
                    table {
                        caption { (name) }
                        thead {
                            tr {
                                th scope="col" { (say("column.date")) }
                                th scope="col" { (say("column.value")) }
                                th scope="col" { (say("column.range")) }
                                th scope="col" { (say("column.flag")) }
                            }
                        }
                        tbody {
                            @for point in series.points.iter().rev() {
                                tr {
                                    th scope="row" { a href={ (figure.items_at) (point.item) } { (date::shown_day(&point.at)) } }
                                    td { (point_text(point)) " " (point.status.note()) }
                                    td { (point.ranges.iter().find_map(value::range).unwrap_or_default()) }
                                    td { (judge(point).tag()) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
