//! The rhythm of her care: every three months a blood draw, and a week later a visit with vital signs.

use chrono::NaiveDate;

use crate::world::calendar::{Moment, later, workday_from};
use crate::world::chart::{Chart, Frame};
use crate::world::clinician::Clinician;
use crate::world::decimal::Drift;
use crate::world::dice::Dice;
use crate::world::site::Place;
use crate::world::visit::{CHECK_UP, FOLLOW_UP, Manner, Visit};
use crate::world::vitals::{Bedside, OXYGEN, PULSE, TEMPERATURE, WEIGHT};

/// How many quarters her record covers.
pub(super) const COUNT: i64 = 40;

/// One quarter of a year in her care.
#[derive(Debug, Clone)]
pub(super) struct Quarter {
    /// Zero is the oldest.
    pub(super) index: i64,
    /// Names the quarter in labels: `q00` to `q39`.
    pub(super) label: String,
    /// When blood is drawn at Riverside.
    pub(super) draw: NaiveDate,
    /// When blood is drawn at Northgate, a month earlier, in the quarters where it is.
    pub(super) outside_draw: NaiveDate,
    /// When she is seen.
    pub(super) visit: NaiveDate,
}

impl Quarter {
    /// The minute at which blood is drawn at Riverside.
    pub(super) fn draw_at(&self) -> Moment {
        Moment::at(self.draw, 8, 5).plus(self.index * 7 % 50)
    }
}

/// All quarters, oldest first. The last draw is about four weeks ago.
pub(super) fn plan(frame: Frame) -> Vec<Quarter> {
    let mut dice = Dice::named(frame.seed, "grandmother/quarters");
    (0..COUNT)
        .map(|index| {
            let days = 22 + (COUNT - 1 - index) * 91 + dice.between(0, 9);
            let draw = frame.calendar.workday_ago(days);
            Quarter {
                index,
                label: format!("q{index:02}"),
                draw,
                outside_draw: frame.calendar.workday_ago(days + 31),
                visit: workday_from(later(draw, 7)),
            }
        })
        .collect()
}

const WEIGHTS: Drift = Drift(&[(0, 792), (8, 768), (20, 774), (27, 741), (39, 722)]);
const SYSTOLIC: Drift = Drift(&[(0, 148), (6, 136), (20, 139), (28, 131), (39, 129)]);
const REASONS: [&str; 4] = [
    "Diabetes and blood pressure check",
    "Diabetes follow-up and medicine review",
    "Kidney function follow-up",
    "Yearly physical and diabetes check",
];

/// Writes the visits with their vital signs, and returns their ids in order.
pub(super) fn visits(chart: &mut Chart, quarters: &[Quarter]) -> Vec<String> {
    quarters.iter().map(|quarter| visit(chart, quarter)).collect()
}

fn visit(chart: &mut Chart, quarter: &Quarter) -> String {
    let mut dice = chart.dice(&format!("visit/{}", quarter.label));
    let of_year = quarter.index % 4;
    let from = Moment::at(quarter.visit, dice.between(9, 14), dice.between(0, 3) * 15);
    let kidney = of_year == 2 && quarter.index >= 18;
    let (with, place) = match (kidney, of_year) {
        (true, _) => (Clinician::Corlett, Place::KidneyRoom),
        (false, 1) => (Clinician::Estrellano, Place::FamilyRoom),
        (false, _) => (Clinician::Brightwater, Place::FamilyRoom),
    };
    let label = format!("{}/visit", quarter.label);
    let reason = usize::try_from(of_year).ok().and_then(|index| REASONS.get(index)).copied().unwrap_or_default();
    let id = chart.visit(&Visit {
        label: &label,
        manner: Manner::Ambulatory,
        kind: if of_year == 3 { CHECK_UP } else { FOLLOW_UP },
        reason,
        from,
        to: from.plus(25 + dice.between(0, 2) * 10),
        with,
        place,
        labels: &[],
    });
    let bedside = Bedside {
        label: format!("{}/vitals", quarter.label),
        at: from.plus(5),
        by: with,
        visit: Some(id.clone()),
        labels: &[],
    };
    let systolic = SYSTOLIC.at(quarter.index) + dice.between(-6, 6);
    let weight = WEIGHTS.at(quarter.index) + dice.between(-6, 6);
    chart.take_pressure(&bedside, systolic, systolic * 57 / 100 + dice.between(-3, 3));
    chart.take(&bedside, PULSE, dice.between(64, 82));
    if of_year == 3 {
        chart.take_build(&bedside, weight, 1_580 - quarter.index / 8 * 4);
        chart.take(&bedside, TEMPERATURE, dice.between(363, 370));
        chart.take(&bedside, OXYGEN, dice.between(95, 99));
    } else {
        chart.take(&bedside, WEIGHT, weight);
    }
    id
}
