//! The daughter: a tired caregiver with an underactive thyroid, at Riverside and at Northgate.

use chrono::NaiveDate;

use super::allergy::{Allergy, HIVES};
use super::analyte::{FERRITIN, FREE_T4, HEMOGLOBIN, PLATELETS, TSH, VITAMIN_D, WHITE_CELLS};
use super::appointment::Booking;
use super::calendar::Moment;
use super::chart::{Chart, Frame, Turn};
use super::clinician::Clinician;
use super::code::{Code, loinc, rxnorm, snomed};
use super::document::{Document, PROGRESS_NOTE};
use super::immunization::{COVID, FLU, Shot, TDAP};
use super::laboratory::{Report, VENOUS_BLOOD};
use super::medicine::{BY_MOUTH, Medicine};
use super::person::Role;
use super::problem::Problem;
use super::procedure::Procedure;
use super::site::{Place, Site};
use super::visit::{BY_VIDEO, CHECK_UP, FOLLOW_UP, Manner, Visit};
use super::vitals::{Bedside, PULSE};

const DOCTOR: Clinician = Clinician::Brightwater;
const UNDERACTIVE: Code = snomed("40930008", "Hypothyroidism");
const MAMMOGRAM: Code = loinc("24606-6", "MG Breast Screening");
const THYROID_PANEL: Code = loinc("24348-5", "Free T4 and TSH panel - Serum or Plasma");

/// So many days ago she was seen, oldest first.
const VISITS: [(i64, Code, Manner, &str); 5] = [
    (1_150, CHECK_UP, Manner::Ambulatory, "Tired, cold and gaining weight"),
    (1_060, FOLLOW_UP, Manner::Ambulatory, "Thyroid follow-up"),
    (640, CHECK_UP, Manner::Ambulatory, "Yearly physical"),
    (232, CHECK_UP, Manner::Ambulatory, "Yearly physical and mammogram"),
    (41, BY_VIDEO, Manner::Virtual, "Sleep, and looking after her mother"),
];

/// Her records, in the order in which they arrive.
pub(super) fn charts(frame: Frame) -> Vec<Chart> {
    let mut riverside = Chart::open(frame, Site::Riverside, Role::Daughter, Turn::First);
    visits(&mut riverside);
    results(&mut riverside);
    background(&mut riverside);
    medicines(&mut riverside);
    mammogram(&mut riverside);
    plans(&mut riverside);

    let mut northgate = Chart::open(frame, Site::Northgate, Role::Daughter, Turn::First);
    let at = Moment::at(northgate.calendar().workday_ago(236), 7, 45);
    let draw = northgate.draw("yearly", at, VENOUS_BLOOD, Site::Northgate, &[]);
    northgate.measure(&draw, VITAMIN_D, 241);
    northgate.measure(&draw, FERRITIN, 22);

    vec![riverside, northgate]
}

fn visits(chart: &mut Chart) {
    for (days, kind, manner, reason) in VISITS {
        let label = format!("visit-{days}");
        let from = Moment::at(chart.calendar().workday_ago(days), 12, 15);
        let id = chart.visit(&Visit {
            label: &label,
            manner,
            kind,
            reason,
            from,
            to: from.plus(30),
            with: DOCTOR,
            place: Place::FamilyRoom,
            labels: &[],
        });
        if manner == Manner::Ambulatory {
            let label = format!("vitals-{days}");
            let mut dice = chart.dice(&label);
            let bedside = Bedside { label, at: from.plus(4), by: DOCTOR, visit: Some(id.clone()), labels: &[] };
            chart.take_pressure(&bedside, dice.between(112, 126), dice.between(70, 80));
            chart.take(&bedside, PULSE, if days > 1_100 { 56 } else { dice.between(64, 76) });
            chart.take_build(&bedside, 668 + days / 30, 1_634);
        }
        if let Some(text) = note_of(days) {
            let label = format!("note-{days}");
            let note = Document::note(PROGRESS_NOTE, &label, text, from.plus(50), DOCTOR);
            chart.document(Document { visit: Some(id), ..note });
        }
    }
}

const fn note_of(days: i64) -> Option<&'static str> {
    match days {
        1_150 => Some(include_str!("notes/daughter_tired.txt")),
        232 => Some(include_str!("notes/daughter_physical.txt")),
        41 => Some(include_str!("notes/daughter_caregiver.txt")),
        _ => None,
    }
}

fn results(chart: &mut Chart) {
    // Days ago, TSH in hundredths, free T4 in hundredths.
    for (days, tsh, t4) in [(1_148, 1_184, 68), (1_065, 512, 95), (960, 287, 112), (645, 331, 108), (236, 264, 115)] {
        let label = format!("thyroid-{days}");
        let at = Moment::at(chart.calendar().workday_ago(days), 8, 35);
        let draw = chart.draw(&label, at, VENOUS_BLOOD, Site::Riverside, &[]);
        let members = [(TSH, tsh), (FREE_T4, t4)].map(|(what, digits)| chart.measure(&draw, what, digits)).to_vec();
        let label = format!("thyroid-{days}/report");
        let report = chart.panel(&label, &draw, THYROID_PANEL, members);
        chart.report(report);
        if days == 236 {
            for (what, digits) in [(HEMOGLOBIN, 124), (WHITE_CELLS, 61), (PLATELETS, 271)] {
                chart.measure(&draw, what, digits);
            }
        }
    }
}

fn background(chart: &mut Chart) {
    let calendar = chart.calendar();
    let thyroid = Problem {
        label: "thyroid",
        code: UNDERACTIVE,
        icd10: "E03.9",
        name: "Underactive thyroid",
        state: "active",
        verification: "confirmed",
        onset: Some(calendar.months_ago(40).format("%Y").to_string()),
        end: None,
        recorded: Moment::at(calendar.workday_ago(1_140), 9, 20),
        by: DOCTOR,
        note: None,
        labels: &[],
    };
    let sleep = Problem {
        label: "caregiver-strain",
        code: snomed("276061003", "Caregiver stress syndrome"),
        icd10: "Z63.6",
        name: "Strain from looking after a relative",
        onset: Some(calendar.months_ago(5).format("%Y-%m").to_string()),
        recorded: Moment::at(calendar.workday_ago(41), 13, 5),
        ..thyroid.clone()
    };
    chart.problem(thyroid);
    chart.problem(sleep);
    chart.allergy(Allergy {
        label: "latex",
        code: snomed("111088007", "Latex"),
        kind: Some("allergy"),
        category: Some("environment"),
        criticality: Some("low"),
        state: "active",
        verification: "confirmed",
        reaction: Some((HIVES, "mild")),
        recorded: Moment::at(calendar.workday_ago(1_150), 12, 30),
        by: DOCTOR,
        note: Some("Itching and hives on both hands from rubber gloves."),
    });
    let shot = |vaccine, dose, days| Shot {
        vaccine,
        dose,
        at: Moment::at(calendar.workday_ago(days), 12, 50),
        by: Clinician::Estrellano,
        place: Place::FamilyRoom,
        not_given: None,
    };
    for (vaccine, dose, days) in [(TDAP, 1, 870), (FLU, 1, 498), (FLU, 1, 133), (COVID, 1, 498), (COVID, 2, 133)] {
        chart.immunize(shot(vaccine, dose, days), None);
    }
}

fn medicines(chart: &mut Chart) {
    let day = |chart: &Chart, days: i64| -> NaiveDate { chart.calendar().workday_ago(days) };
    let levothyroxine = Medicine {
        label: "levothyroxine",
        code: rxnorm("966247", "levothyroxine sodium 0.05 MG Oral Tablet"),
        name: "Levothyroxine 50 mcg tablet",
        reason: UNDERACTIVE,
        dosage: "Take 1 tablet by mouth every morning on an empty stomach, half an hour before breakfast or coffee.",
        told: None,
        route: BY_MOUTH,
        a_day: 1,
        on: day(chart, 232),
        by: DOCTOR,
        status: "active",
        stopped: None,
        supply: (90, "tablets", 90),
        repeats: 3,
        labels: &[],
    };
    let iron = Medicine {
        label: "iron",
        code: rxnorm("310325", "ferrous sulfate 325 MG Oral Tablet"),
        name: "Iron (ferrous sulfate) 325 mg tablet",
        reason: snomed("35240004", "Iron deficiency"),
        dosage: "Take 1 tablet by mouth every other day, at least four hours apart from levothyroxine.",
        a_day: 0,
        on: day(chart, 640),
        status: "stopped",
        stopped: Some("Stomach pain. Iron stores are being followed instead."),
        supply: (45, "tablets", 90),
        repeats: 1,
        ..levothyroxine
    };
    for (medicine, days) in [(levothyroxine, 232), (iron, 640)] {
        let visit = chart.id("Encounter", &format!("visit-{days}"));
        chart.prescribe(medicine, Some(&visit));
    }
}

fn mammogram(chart: &mut Chart) {
    let at = Moment::at(chart.calendar().workday_ago(232), 14, 0);
    let visit = chart.id("Encounter", "visit-232");
    chart.procedure(
        Procedure {
            label: "mammogram",
            code: snomed("24623002", "Screening mammography"),
            name: "Screening mammogram",
            at,
            by: DOCTOR,
            place: Place::Imaging,
            not_done: None,
            note: None,
        },
        Some(&visit),
    );
    chart.report(Report {
        label: "mammogram/report",
        version: 1,
        status: "final",
        category: ("RAD", "Radiology"),
        code: MAMMOGRAM,
        at,
        issued: at.plus(180),
        members: Vec::new(),
        performers: vec![chart.organization(Site::Riverside)],
        visit: Some(visit),
        conclusion: Some(
            "No sign of cancer in either breast (BI-RADS 1, negative). Breast tissue is dense, which is common and can \
             hide small changes. Next screening in one year.",
        ),
        labels: &[],
    });
}

fn plans(chart: &mut Chart) {
    let calendar = chart.calendar();
    chart.book(Booking {
        label: "next-physical",
        status: "booked",
        kind: FOLLOW_UP,
        title: "Thyroid check and talk about sleep",
        start: Moment::at(calendar.workday_ahead(20), 12, 15),
        minutes: 30,
        with: DOCTOR,
        place: Place::FamilyRoom,
        prepare: Some("Have blood drawn the week before, in the morning, before your tablet."),
        made: Moment::at(calendar.workday_ago(41), 13, 10),
        labels: &[],
    });
}
