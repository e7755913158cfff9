//! Her visits, with vital signs and notes.

use super::record::CONFIDENTIAL;
use crate::world::calendar::Moment;
use crate::world::chart::Chart;
use crate::world::clinician::Clinician;
use crate::world::code::Code;
use crate::world::document::{Document, HISTORY_AND_PHYSICAL, PROGRESS_NOTE};
use crate::world::site::Place;
use crate::world::visit::{CHECK_UP, FOLLOW_UP, FOR_A_PROBLEM, Manner, Visit};
use crate::world::vitals::{Bedside, OXYGEN, PULSE, TEMPERATURE};

struct Seen {
    days: i64,
    kind: Code,
    reason: &'static str,
    with: Clinician,
    note: Option<(Code, &'static str)>,
    labels: &'static [Code],
}

const VISITS: [Seen; 6] = [
    Seen {
        days: 1_170,
        kind: CHECK_UP,
        reason: "Yearly check-up, 12 years",
        with: Clinician::HollowaySen,
        note: None,
        labels: &[],
    },
    Seen {
        days: 702,
        kind: FOR_A_PROBLEM,
        reason: "Swollen lips after a cashew cookie",
        with: Clinician::HollowaySen,
        note: Some((PROGRESS_NOTE, include_str!("../notes/teenager_nuts.txt"))),
        labels: &[],
    },
    Seen {
        days: 377,
        kind: FOR_A_PROBLEM,
        reason: "Sore throat and fever",
        with: Clinician::HollowaySen,
        note: None,
        labels: &[],
    },
    Seen {
        days: 148,
        kind: CHECK_UP,
        reason: "Sports physical",
        with: Clinician::CallowayNoor,
        note: Some((HISTORY_AND_PHYSICAL, include_str!("../notes/teenager_sports.txt"))),
        labels: &[],
    },
    Seen {
        days: 62,
        kind: FOLLOW_UP,
        reason: "Asthma follow-up",
        with: Clinician::CallowayNoor,
        note: Some((PROGRESS_NOTE, include_str!("../notes/teenager_asthma.txt"))),
        labels: &[],
    },
    Seen {
        days: 33,
        kind: FOR_A_PROBLEM,
        reason: "Confidential visit",
        with: Clinician::CallowayNoor,
        note: Some((PROGRESS_NOTE, include_str!("../notes/teenager_confidential.txt"))),
        labels: CONFIDENTIAL,
    },
];

/// Writes all visits, oldest first.
pub(super) fn write(chart: &mut Chart) {
    VISITS.iter().for_each(|seen| visit(chart, seen));
}

fn visit(chart: &mut Chart, seen: &Seen) {
    let label = format!("visit-{}", seen.days);
    let from = Moment::at(chart.calendar().workday_ago(seen.days), 15, 45);
    let id = chart.visit(&Visit {
        label: &label,
        manner: Manner::Ambulatory,
        kind: seen.kind,
        reason: seen.reason,
        from,
        to: from.plus(35),
        with: seen.with,
        place: Place::ChildrensRoom,
        labels: seen.labels,
    });
    let label = format!("vitals-{}", seen.days);
    let mut dice = chart.dice(&label);
    let bedside = Bedside { label, at: from.plus(5), by: seen.with, visit: Some(id.clone()), labels: seen.labels };
    chart.take_pressure(&bedside, dice.between(104, 116), dice.between(62, 72));
    chart.take(&bedside, PULSE, dice.between(66, 84));
    if seen.kind == CHECK_UP || seen.kind == FOLLOW_UP {
        chart.take_build(&bedside, 562 - seen.days / 9, 1_652 - seen.days / 8);
        chart.take(&bedside, OXYGEN, dice.between(97, 99));
    } else if seen.labels.is_empty() {
        chart.take(&bedside, TEMPERATURE, if seen.days == 377 { 386 } else { 368 });
    }
    if let Some((kind, text)) = seen.note {
        let label = format!("note-{}", seen.days);
        let note = Document::note(kind, &label, text, from.plus(45), seen.with);
        chart.document(Document { visit: Some(id), labels: seen.labels, ..note });
    }
}
