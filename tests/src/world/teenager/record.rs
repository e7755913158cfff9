//! Her record put together: results, problems, medicines, vaccines and plans.

use super::visits;
use crate::world::allergy::{ANAPHYLAXIS, Allergy, SWELLING};
use crate::world::analyte::{HEMOGLOBIN, PLATELETS, WHITE_CELLS};
use crate::world::appointment::Booking;
use crate::world::calendar::Moment;
use crate::world::chart::{Chart, Frame, Turn};
use crate::world::clinician::Clinician;
use crate::world::code::{Code, loinc, rxnorm, snomed, system};
use crate::world::immunization::{FLU, HPV, MENINGOCOCCAL, Shot, TDAP};
use crate::world::laboratory::{NEGATIVE, POSITIVE, THROAT_SWAB, URINE, VENOUS_BLOOD};
use crate::world::medicine::{BY_MOUTH, INHALED, INTO_MUSCLE, Medicine};
use crate::world::observation::Value;
use crate::world::person::Role;
use crate::world::problem::Problem;
use crate::world::procedure::Procedure;
use crate::world::site::{Place, Site};
use crate::world::visit::FOLLOW_UP;

/// What belongs to her confidential visit carries these labels: sexual and reproductive health, restricted.
pub(super) const CONFIDENTIAL: &[Code] = &[
    Code::new(system::ACT_CODE, "SEX", "sexuality and reproductive health information sensitivity"),
    Code::new("http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "R", "restricted"),
];
const ASTHMA: Code = snomed("195967001", "Asthma");
const NUTS: Code = snomed("48821000119104", "Allergy to tree nut");
const STREP: Code = loinc("78012-2", "Streptococcus pyogenes Ag [Presence] in Throat by Rapid immunoassay");
const CHLAMYDIA: Code =
    loinc("21613-5", "Chlamydia trachomatis DNA [Presence] in Specimen by NAA with probe detection");
const CBC_PANEL: Code = loinc("58410-2", "CBC panel - Blood by Automated count");

/// Her record.
pub(in crate::world) fn charts(frame: Frame) -> Vec<Chart> {
    let mut chart = Chart::open(frame, Site::Lakeside, Role::Teenager, Turn::First);
    visits::write(&mut chart);
    results(&mut chart);
    problems(&mut chart);
    allergies(&mut chart);
    medicines(&mut chart);
    immunizations(&mut chart);
    plans(&mut chart);
    vec![chart]
}

fn results(chart: &mut Chart) {
    let calendar = chart.calendar();
    let swab = chart.draw("throat", Moment::at(calendar.workday_ago(377), 15, 55), THROAT_SWAB, Site::Lakeside, &[]);
    chart.find(&swab, "strep", STREP, Value::Coded(POSITIVE));
    let blood = chart.draw("sports", Moment::at(calendar.workday_ago(148), 16, 0), VENOUS_BLOOD, Site::Northgate, &[]);
    let members = [(HEMOGLOBIN, 129), (WHITE_CELLS, 68), (PLATELETS, 288)]
        .map(|(what, digits)| chart.measure(&blood, what, digits))
        .to_vec();
    let report = chart.panel("sports/cbc", &blood, CBC_PANEL, members);
    chart.report(report);
    let urine =
        chart.draw("private", Moment::at(calendar.workday_ago(33), 16, 0), URINE, Site::Northgate, CONFIDENTIAL);
    chart.find(&urine, "chlamydia", CHLAMYDIA, Value::Coded(NEGATIVE));
}

fn problems(chart: &mut Chart) {
    let calendar = chart.calendar();
    let asthma = Problem {
        label: "asthma",
        code: ASTHMA,
        icd10: "J45.30",
        name: "Asthma, mild, most days under control",
        state: "active",
        verification: "confirmed",
        onset: Some(calendar.months_ago(108).format("%Y").to_string()),
        end: None,
        recorded: Moment::at(calendar.workday_ago(1_170), 16, 10),
        by: Clinician::HollowaySen,
        note: Some("Worse with cold air and in spring."),
        labels: &[],
    };
    let strep = Problem {
        label: "strep-throat",
        code: snomed("43878008", "Streptococcal sore throat"),
        icd10: "J02.0",
        name: "Strep throat",
        state: "resolved",
        onset: Some(calendar.workday_ago(379).to_string()),
        end: Some(calendar.workday_ago(366).to_string()),
        recorded: Moment::at(calendar.workday_ago(377), 16, 10),
        note: None,
        ..asthma.clone()
    };
    chart.problem(asthma);
    chart.problem(strep);
}

fn allergies(chart: &mut Chart) {
    let nuts = Allergy {
        label: "tree-nuts",
        code: NUTS,
        kind: Some("allergy"),
        category: Some("food"),
        criticality: Some("high"),
        state: "active",
        verification: "confirmed",
        reaction: Some((ANAPHYLAXIS, "severe")),
        recorded: Moment::at(chart.calendar().workday_ago(702), 16, 15),
        by: Clinician::HollowaySen,
        note: Some("Cashew and pistachio. Peanut and almond are tolerated. Carries two auto-injectors."),
    };
    let stings = Allergy {
        label: "bee-stings",
        code: snomed("424213003", "Allergy to bee venom"),
        category: Some("environment"),
        criticality: Some("low"),
        verification: "unconfirmed",
        reaction: Some((SWELLING, "mild")),
        note: Some("One swollen hand at camp. Not tested."),
        ..nuts
    };
    chart.allergy(nuts);
    chart.allergy(stings);
}

fn medicines(chart: &mut Chart) {
    let calendar = chart.calendar();
    let reliever = Medicine {
        label: "albuterol",
        code: rxnorm("745679", "200 ACTUAT Albuterol 0.09 MG/ACTUAT Metered Dose Inhaler"),
        name: "Albuterol inhaler, 90 mcg a puff (the blue one)",
        reason: ASTHMA,
        dosage: "Breathe in 2 puffs through the spacer when you wheeze or cough, and 15 minutes before sport.",
        told: None,
        route: INHALED,
        a_day: 0,
        on: calendar.workday_ago(62),
        by: Clinician::CallowayNoor,
        status: "active",
        stopped: None,
        supply: (2, "inhalers", 60),
        repeats: 2,
        labels: &[],
    };
    let controller = Medicine {
        label: "fluticasone",
        code: rxnorm("895994", "120 ACTUAT Fluticasone propionate 0.044 MG/ACTUAT Metered Dose Inhaler"),
        name: "Fluticasone inhaler, 44 mcg a puff (the orange one)",
        dosage: "Breathe in 2 puffs through the spacer every morning and every evening. Rinse your mouth afterwards.",
        a_day: 2,
        supply: (1, "inhaler", 30),
        repeats: 5,
        ..reliever
    };
    let injector = Medicine {
        label: "epinephrine",
        code: rxnorm("1870230", "0.3 ML Epinephrine 1 MG/ML Auto-Injector"),
        name: "Epinephrine auto-injector 0.3 mg",
        reason: NUTS,
        dosage: "Inject 1 dose into the outer thigh at once if you have trouble breathing after food, then call 911.",
        route: INTO_MUSCLE,
        on: calendar.workday_ago(148),
        supply: (4, "auto-injectors", 365),
        repeats: 1,
        ..reliever
    };
    let antibiotic = Medicine {
        label: "amoxicillin",
        code: rxnorm("308191", "amoxicillin 500 MG Oral Capsule"),
        name: "Amoxicillin 500 mg capsule",
        reason: snomed("43878008", "Streptococcal sore throat"),
        dosage: "Take 1 capsule by mouth twice a day for 10 days.",
        route: BY_MOUTH,
        a_day: 2,
        on: calendar.workday_ago(377),
        by: Clinician::HollowaySen,
        status: "completed",
        supply: (20, "capsules", 10),
        repeats: 0,
        ..reliever
    };
    let private = Medicine {
        label: "norethindrone",
        code: rxnorm("198042", "norethindrone 0.35 MG Oral Tablet"),
        name: "Norethindrone 0.35 mg tablet",
        reason: snomed("13197004", "Contraception"),
        dosage: "Take 1 tablet by mouth at the same time every day.",
        route: BY_MOUTH,
        a_day: 1,
        on: calendar.workday_ago(33),
        supply: (84, "tablets", 84),
        repeats: 3,
        labels: CONFIDENTIAL,
        ..reliever
    };
    for (medicine, days) in [(reliever, 62), (controller, 62), (injector, 148), (antibiotic, 377), (private, 33)] {
        let visit = chart.id("Encounter", &format!("visit-{days}"));
        chart.prescribe(medicine, Some(&visit));
    }
}

fn immunizations(chart: &mut Chart) {
    let calendar = chart.calendar();
    for (vaccine, dose, days) in
        [(TDAP, 1, 1_170), (MENINGOCOCCAL, 1, 1_170), (HPV, 1, 1_170), (HPV, 2, 985), (FLU, 1, 510), (FLU, 1, 148)]
    {
        let at = Moment::at(calendar.workday_ago(days), 16, 12);
        let shot = Shot { vaccine, dose, at, by: Clinician::HollowaySen, place: Place::ChildrensRoom, not_given: None };
        chart.immunize(shot, None);
    }
}

fn plans(chart: &mut Chart) {
    let calendar = chart.calendar();
    let visit = chart.id("Encounter", "visit-62");
    let spirometry = Procedure {
        label: "spirometry",
        code: snomed("127783003", "Spirometry"),
        name: "Breathing test (spirometry)",
        at: Moment::at(calendar.workday_ago(62), 15, 55),
        by: Clinician::CallowayNoor,
        place: Place::ChildrensRoom,
        not_done: None,
        note: Some("Normal before the inhaler, a little better after it."),
    };
    chart.procedure(spirometry, Some(&visit));
    let asthma = Booking {
        label: "next-asthma",
        status: "booked",
        kind: FOLLOW_UP,
        title: "Asthma follow-up and new action plan",
        start: Moment::at(calendar.workday_ahead(27), 15, 45),
        minutes: 30,
        with: Clinician::CallowayNoor,
        place: Place::ChildrensRoom,
        prepare: Some("Bring both inhalers and the spacer. Part of every visit is for you alone with the doctor."),
        made: Moment::at(calendar.workday_ago(62), 16, 30),
        labels: &[],
    };
    let private = Booking {
        label: "next-private",
        title: "Confidential follow-up",
        start: Moment::at(calendar.workday_ahead(55), 16, 15),
        prepare: None,
        made: Moment::at(calendar.workday_ago(33), 16, 25),
        labels: CONFIDENTIAL,
        ..asthma
    };
    chart.book(asthma);
    chart.book(private);
}
