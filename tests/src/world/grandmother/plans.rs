//! Procedures done and declined, and appointments kept, cancelled and to come.

use super::quarters::Quarter;
use crate::world::appointment::Booking;
use crate::world::calendar::Moment;
use crate::world::chart::Chart;
use crate::world::clinician::Clinician;
use crate::world::code::snomed;
use crate::world::procedure::Procedure;
use crate::world::site::Place;
use crate::world::visit::{CHECK_UP, FOLLOW_UP};

/// Writes both.
pub(super) fn write(chart: &mut Chart, quarters: &[Quarter]) {
    procedures(chart, quarters);
    appointments(chart);
}

fn procedures(chart: &mut Chart, quarters: &[Quarter]) {
    let foot = Procedure {
        label: "",
        code: snomed("401191002", "Diabetic foot examination"),
        name: "Diabetes foot check",
        at: Moment::at(chart.calendar().today, 10, 0),
        by: Clinician::Estrellano,
        place: Place::FamilyRoom,
        not_done: None,
        note: Some("Skin whole, pulses felt, all ten monofilament points felt on both sides."),
    };
    let of_years = [
        (9, "foot-check-1"),
        (13, "foot-check-2"),
        (17, "foot-check-3"),
        (21, "foot-check-4"),
        (25, "foot-check-5"),
        (29, "foot-check-6"),
        (33, "foot-check-7"),
        (37, "foot-check-8"),
    ];
    for (index, label) in of_years {
        let Some(quarter) = quarters.iter().find(|quarter| quarter.index == index) else { continue };
        let visit = chart.id("Encounter", &format!("{}/visit", quarter.label));
        chart.procedure(Procedure { label, at: Moment::at(quarter.visit, 9, 40), ..foot }, Some(&visit));
    }
    let eyes = Procedure {
        label: "eye-photographs",
        code: snomed("134395001", "Diabetic retinal screening"),
        name: "Photographs of the back of the eyes",
        at: Moment::at(chart.calendar().workday_ago(205), 13, 15),
        by: Clinician::Brightwater,
        note: Some("No damage from diabetes in either eye. Next photographs in one year."),
        ..foot
    };
    chart.procedure(eyes, None);
    let colonoscopy = Procedure {
        label: "colonoscopy",
        code: snomed("73761001", "Colonoscopy"),
        name: "Colonoscopy",
        at: Moment::at(chart.calendar().workday_ago(660), 9, 0),
        by: Clinician::Brightwater,
        place: Place::ShortStay,
        not_done: Some(snomed("443390004", "Refused")),
        note: Some("She chose a yearly stool test instead, after talking it over with her daughter."),
    };
    chart.procedure(colonoscopy, None);
}

fn appointments(chart: &mut Chart) {
    let calendar = chart.calendar();
    let made = Moment::at(calendar.workday_ago(16), 11, 20);
    let kidney = Booking {
        label: "next-kidney",
        status: "booked",
        kind: FOLLOW_UP,
        title: "Kidney clinic follow-up",
        start: Moment::at(calendar.workday_ahead(8), 10, 30),
        minutes: 30,
        with: Clinician::Corlett,
        place: Place::KidneyRoom,
        prepare: Some(
            "Please bring all your medicines, also those without a prescription. Have blood drawn two days before. \
             An interpreter for Spanish is booked.",
        ),
        made,
        labels: &[],
    };
    let check = Booking {
        label: "next-check",
        kind: CHECK_UP,
        title: "Diabetes and blood pressure check",
        start: Moment::at(calendar.workday_ahead(69), 9, 15),
        with: Clinician::Brightwater,
        place: Place::FamilyRoom,
        prepare: Some("Do not eat after midnight; water is fine. Bring your sugar diary."),
        ..kidney
    };
    let cancelled = Booking {
        label: "cancelled-education",
        status: "cancelled",
        title: "Cooking for healthy kidneys, a class in Spanish",
        start: Moment::at(calendar.workday_ahead(3), 14, 0),
        minutes: 90,
        with: Clinician::Estrellano,
        place: Place::FamilyRoom,
        prepare: None,
        made: Moment::at(calendar.workday_ago(2), 16, 45),
        ..kidney
    };
    for booking in [kidney, check, cancelled] {
        chart.book(booking);
    }
}
