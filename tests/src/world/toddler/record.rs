//! His records put together: vaccines, problems, plans and the outside laboratory.

use super::visits::{self, BARKING_COUGH, DOCTOR, EARACHE, day};
use crate::world::allergy::{Allergy, NO_KNOWN_ALLERGY};
use crate::world::analyte::{HEMOGLOBIN_CHILD, LEAD};
use crate::world::appointment::Booking;
use crate::world::calendar::{Moment, later};
use crate::world::chart::{Chart, Frame, Turn};
use crate::world::clinician::Clinician;
use crate::world::code::{Code, loinc, rxnorm, snomed};
use crate::world::decimal::Decimal;
use crate::world::immunization::{
    CHICKENPOX, DTAP, DTAP_HEPB_IPV, FLU, HEPATITIS_A, HEPATITIS_B, HIB, MMR, PNEUMOCOCCAL_20, POLIO, ROTAVIRUS, Shot,
};
use crate::world::laboratory::CAPILLARY_BLOOD;
use crate::world::medicine::{BY_MOUTH, Medicine};
use crate::world::observation::{Reading, Value};
use crate::world::person::Role;
use crate::world::problem::Problem;
use crate::world::procedure::Procedure;
use crate::world::site::{Place, Site};
use crate::world::visit::WELL_CHILD;

const CROUP: Code = snomed("71186008", "Croup");
const LEAD_PANEL: Code = loinc("10368-9", "Lead [Mass/volume] in Capillary blood");

/// His records, in the order in which they arrive.
pub(in crate::world) fn charts(frame: Frame) -> Vec<Chart> {
    let mut lakeside = Chart::open(frame, Site::Lakeside, Role::Toddler, Turn::First);
    visits::write(&mut lakeside);
    immunizations(&mut lakeside);
    background(&mut lakeside);
    plans(&mut lakeside);

    let mut northgate = Chart::open(frame, Site::Northgate, Role::Toddler, Turn::First);
    lead_test(&mut northgate);

    vec![lakeside, northgate]
}

fn immunizations(chart: &mut Chart) {
    let schedule: [(i64, &[(Code, i64)]); 7] = [
        (4, &[(HEPATITIS_B, 1)]),
        (62, &[(DTAP_HEPB_IPV, 1), (HIB, 1), (PNEUMOCOCCAL_20, 1), (ROTAVIRUS, 1)]),
        (124, &[(DTAP_HEPB_IPV, 2), (HIB, 2), (PNEUMOCOCCAL_20, 2), (ROTAVIRUS, 2)]),
        (185, &[(DTAP, 3), (POLIO, 3), (HIB, 3), (PNEUMOCOCCAL_20, 3), (ROTAVIRUS, 3), (FLU, 1)]),
        (368, &[(MMR, 1), (CHICKENPOX, 1), (HEPATITIS_A, 1), (PNEUMOCOCCAL_20, 4)]),
        (459, &[(DTAP, 4), (HIB, 4)]),
        (551, &[(HEPATITIS_A, 2), (FLU, 2)]),
    ];
    for (age, shots) in schedule {
        let visit = chart.id("Encounter", &format!("well-{age}"));
        let at = Moment::at(day(chart, age), 9, 58);
        for &(vaccine, dose) in shots {
            let shot = Shot { vaccine, dose, at, by: DOCTOR, place: Place::ChildrensRoom, not_given: None };
            chart.immunize(shot, Some(&visit));
        }
    }
}

fn background(chart: &mut Chart) {
    let recorded = Moment::at(day(chart, 655), 11, 30);
    let ears = Problem {
        label: "ears",
        code: EARACHE,
        icd10: "H66.93",
        name: "Ear infections, three so far",
        state: "active",
        verification: "confirmed",
        onset: Some(day(chart, 318).format("%Y-%m").to_string()),
        end: None,
        recorded,
        by: DOCTOR,
        note: Some("If there are more this winter: hearing test, and a talk about ear tubes."),
        labels: &[],
    };
    let croup = Problem {
        label: "croup",
        code: CROUP,
        icd10: "J05.0",
        name: "Croup",
        state: "resolved",
        onset: Some(later(Role::Toddler.birth_date(chart.calendar()), BARKING_COUGH).to_string()),
        end: Some(day(chart, BARKING_COUGH + 5).to_string()),
        by: Clinician::AbernethyCho,
        note: None,
        ..ears.clone()
    };
    chart.problem(ears);
    chart.problem(croup);
    chart.allergy(Allergy {
        label: "none-known",
        code: NO_KNOWN_ALLERGY,
        kind: None,
        category: None,
        criticality: None,
        state: "active",
        verification: "confirmed",
        reaction: None,
        recorded: Moment::at(day(chart, 551), 9, 40),
        by: DOCTOR,
        note: None,
    });
    let drops = Medicine {
        label: "vitamin-d",
        code: rxnorm("636672", "cholecalciferol 400 UNT/ML Oral Solution"),
        name: "Vitamin D drops, 400 units in 1 mL",
        reason: snomed("34713006", "Vitamin D deficiency"),
        dosage: "Give 1 mL by mouth once a day.",
        told: None,
        route: BY_MOUTH,
        a_day: 1,
        on: day(chart, 551),
        by: DOCTOR,
        status: "active",
        stopped: None,
        supply: (50, "mL", 50),
        repeats: 5,
        labels: &[],
    };
    chart.prescribe(drops, None);
}

fn plans(chart: &mut Chart) {
    let calendar = chart.calendar();
    let visit = chart.id("Encounter", "well-368");
    let varnish = Procedure {
        label: "fluoride",
        code: Code::new("http://www.ada.org/cdt", "D1206", "Topical application of fluoride varnish"),
        name: "Fluoride varnish on the teeth",
        at: Moment::at(day(chart, 368), 9, 55),
        by: DOCTOR,
        place: Place::ChildrensRoom,
        not_done: None,
        note: None,
    };
    chart.procedure(varnish, Some(&visit));
    chart.book(Booking {
        label: "two-year-visit",
        status: "booked",
        kind: WELL_CHILD,
        title: "Two-year well-child visit",
        start: Moment::at(calendar.workday_ahead(9), 9, 30),
        minutes: 35,
        with: DOCTOR,
        place: Place::ChildrensRoom,
        prepare: Some(
            "Please fill in the questions about speech and play beforehand. A finger stick for lead is due. Bring his \
             favorite book.",
        ),
        made: Moment::at(calendar.workday_ago(25), 10, 0),
        labels: &[],
    });
}

fn lead_test(chart: &mut Chart) {
    let at = Moment::at(day(chart, 370), 8, 20);
    let draw = chart.draw("one-year", at, CAPILLARY_BLOOD, Site::Northgate, &[]);
    let hemoglobin = chart.measure(&draw, HEMOGLOBIN_CHILD, 117);
    let reading = Reading {
        value: Value::Below(Decimal::new(33, 1), LEAD.unit),
        note: Some("Below what the method can measure."),
        ..chart.amount("one-year/lead", &draw, LEAD, 32)
    };
    let lead = chart.observe(reading);
    let mut report = chart.panel("one-year/report", &draw, LEAD_PANEL, vec![lead, hemoglobin]);
    report.conclusion = Some("No lead found. Blood count normal for his age.");
    chart.report(report);
}
