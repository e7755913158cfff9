//! A child's growth chart: what was measured, its percentiles, and the curves behind it.

use chrono::NaiveDate;

use crate::chart::conversion::Conversions;
use crate::chart::item::Item;
use crate::chart::observation::Observation;
use crate::chart::provenance::SourceId;
use crate::kernel::id::ItemId;
use crate::kernel::{CodeSystem, Decimal, PartialDate, Quantity, Unit, hidden};

use super::lms::z_score_of;
use super::percentile::Percentile;
use super::references::{GrowthMeasure, GrowthReferences, MeasureTable, Reference};
use super::table::GrowthSex;

/// One measurement on a growth chart.
#[derive(Clone, PartialEq, Eq)]
pub struct GrowthPoint {
    /// Which observation it is.
    pub item: ItemId,
    /// Which source sent it.
    pub source: SourceId,
    /// When it was measured.
    pub at: PartialDate,
    /// The age then, in days.
    pub age: u32,
    /// The number as received, before any conversion.
    pub received: Quantity,
    /// The number in the unit of the chart.
    pub value: Decimal,
    /// How many of a hundred children of this age and sex measure less.
    pub percentile: Percentile,
    /// How many standard deviations it is above the median, to two decimals; below zero it is below. `None` outside of -3 to 3,
    /// where the WHO counts in another way.
    pub z_score: Option<Decimal>,
}

/// A curve to draw: what a percentile measures at each age.
#[derive(Clone, PartialEq, Eq)]
pub struct Curve {
    /// The percentile, from 1 to 99.
    pub percentile: u8,
    /// Ages in days and the measurement there, in the unit of the chart, to three decimals.
    pub points: Vec<(u32, Decimal)>,
}

/// The growth chart of one measure by one published reference.
#[derive(Clone, PartialEq, Eq)]
pub struct GrowthChart {
    /// What was measured.
    pub measure: GrowthMeasure,
    /// The name of the reference.
    pub reference: String,
    /// Where the reference was published.
    pub citation: String,
    /// The unit of all its numbers.
    pub unit: Unit,
    /// The points, youngest first. There is at least one.
    pub points: Vec<GrowthPoint>,
    /// The curves, lowest first.
    pub curves: Vec<Curve>,
}

hidden!(GrowthPoint, Curve, GrowthChart);

impl GrowthChart {
    /// The growth charts of a child by the shipped references: WHO below 24 months, CDC from then to 20 years.
    ///
    /// As [`by`](Self::by).
    #[must_use]
    pub fn of(sex: GrowthSex, birth_date: &PartialDate, observations: &[Item<Observation>]) -> Vec<Self> {
        Self::by(GrowthReferences::shipped(), sex, birth_date, observations)
    }

    /// The growth charts of a child: one for each reference and measure that has a point, youngest ages first.
    ///
    /// A point is a fact with a number that is no bound, under one of the table's LOINC codes, in the table's unit or one that the
    /// shipped [`Conversions`] lead to it. Both the date of birth and the measurement need a day: a percentile moves within
    /// weeks, so a month is not enough. Without a day of birth there is no chart.
    #[must_use]
    pub fn by(
        references: &GrowthReferences,
        sex: GrowthSex,
        birth_date: &PartialDate,
        observations: &[Item<Observation>],
    ) -> Vec<Self> {
        let Some(birth) = birth_date.day() else { return Vec::new() };
        let mut charts = Vec::new();
        for reference in &references.references {
            for table in &reference.tables {
                let place = Place { reference, table, sex, birth };
                let mut points: Vec<GrowthPoint> = observations.iter().filter_map(|item| place.point(item)).collect();
                points.sort_by(|a, b| a.at.order().cmp(&b.at.order()).then(a.item.cmp(&b.item)));
                if !points.is_empty() {
                    charts.push(Self {
                        measure: table.measure,
                        reference: reference.name.clone(),
                        citation: reference.citation.clone(),
                        unit: Unit::of(&table.unit),
                        points,
                        curves: place.curves(),
                    });
                }
            }
        }
        charts
    }
}

/// One table, and whose measurements are put into it.
struct Place<'a> {
    reference: &'a Reference,
    table: &'a MeasureTable,
    sex: GrowthSex,
    birth: NaiveDate,
}

impl Place<'_> {
    fn point(&self, item: &Item<Observation>) -> Option<GrowthPoint> {
        let observation = &item.view;
        if !observation.standing().is_fact() {
            return None;
        }
        let loinc = observation
            .code
            .codings
            .iter()
            .filter(|coding| coding.system == CodeSystem::Loinc)
            .find_map(|coding| self.table.codes.iter().find(|code| code.as_str() == coding.code.as_str()))?;
        let at = observation.at()?;
        let age = u32::try_from((at.day()? - self.birth).num_days()).ok()?;
        let days = f64::from(age);
        if days < self.reference.from || days >= self.reference.until {
            return None;
        }
        let received = observation.value.quantity().filter(|quantity| quantity.comparator.is_none())?;
        let value = Conversions::shipped().value_in(loinc, &received.value, &received.unit, &self.table.unit)?;
        if value.compare(&Decimal::from(0)).is_le() {
            return None;
        }
        let z_score = self.table.rows.at(self.sex, days / self.reference.days)?.z_score(value.for_drawing());
        let shown = (z_score.abs() <= 3.0).then(|| format!("{z_score:.2}").parse().ok()).flatten();
        Some(GrowthPoint {
            item: item.id,
            source: item.provenance.source.clone(),
            at: at.clone(),
            age,
            received: received.clone(),
            value,
            percentile: Percentile::of(z_score)?,
            z_score: shown,
        })
    }

    fn curves(&self) -> Vec<Curve> {
        let rows = &self.table.rows;
        let curve = |percentile: &u8| {
            let z_score = z_score_of(f64::from(*percentile) / 100.0);
            let point = |age: f64| {
                let measured = rows.at(self.sex, age)?.measurement(z_score);
                // Ages are no more than the 7,305 days of twenty years.
                #[allow(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "rounded, small and not negative"
                )]
                let days = (age * self.reference.days).round() as u32;
                Some((days, format!("{measured:.3}").parse().ok()?))
            };
            Curve { percentile: *percentile, points: rows.ages(self.sex).filter_map(point).collect() }
        };
        self.reference.percentiles.iter().map(curve).collect()
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Days};
    use proptest::prelude::*;

    use super::*;
    use crate::chart::{Provenance, SourceVersion};
    use crate::kernel::id::DeliveryId;
    use crate::kernel::text::Label;
    use crate::kernel::{Obligations, SensitivitySet};

    fn birth() -> NaiveDate {
        NaiveDate::from_ymd_opt(2023, 3, 10).unwrap()
    }

    fn measured(id: u8, loinc: &str, at: &str, value: &str, unit: &str) -> Item<Observation> {
        let json = serde_json::json!({
            "status": "final",
            "category": "vital-signs",
            "code": { "codes": [{ "s": "http://loinc.org", "c": loinc }] },
            "effective": at,
            "value": { "is": "quantity", "v": { "value": value, "unit": { "code": unit } } },
        });
        let provenance = Provenance {
            source: SourceId::parse("clinic").unwrap(),
            source_type: Label::parse("Observation").unwrap(),
            source_id: Label::parse(&id.to_string()).unwrap(),
            version: SourceVersion::default(),
            received_at: DateTime::UNIX_EPOCH,
            as_of: None,
            delivery: DeliveryId::from_bytes([0; 16]),
            original_hash: [0; 32],
            mapping: 1,
            labels: SensitivitySet::NONE,
        };
        let view = serde_json::from_value(json).unwrap();
        Item { id: ItemId::from_bytes([id; 16]), version: 1, view, provenance, obligations: Obligations::NONE }
    }

    fn after(days: u64) -> String {
        (birth() + Days::new(days)).to_string()
    }

    fn charts(sex: GrowthSex, items: &[Item<Observation>]) -> Vec<GrowthChart> {
        GrowthChart::of(sex, &PartialDate::from(birth()), items)
    }

    fn percentile(chart: &GrowthChart) -> &str {
        match &chart.points[0].percentile {
            Percentile::Below => "below",
            Percentile::At(percentile) => percentile.as_str(),
            Percentile::Above => "above",
        }
    }

    #[test]
    fn the_median_is_the_fiftieth() {
        for (loinc, days, value, unit) in [
            ("29463-7", 0, "3.3464", "kg"),
            ("8302-2", 0, "49.8842", "cm"),
            ("9843-4", 0, "34.4618", "cm"),
            ("29463-7", 746, "12.7425", "kg"),
        ] {
            let charts = charts(GrowthSex::Male, &[measured(1, loinc, &after(days), value, unit)]);
            assert_eq!(charts.len(), 1);
            assert_eq!(percentile(&charts[0]), "50", "{loinc}");
            assert!(charts[0].points[0].z_score.as_ref().unwrap().for_drawing().abs() < 0.011);
        }
    }

    #[test]
    fn units_are_converted_and_what_was_received_is_kept() {
        let items =
            [measured(1, "29463-7", &after(365), "21.3", "lb"), measured(2, "8302-2", &after(365), "29.8", "in")];
        let charts = charts(GrowthSex::Male, &items);
        let seen: Vec<_> = charts
            .iter()
            .map(|chart| (chart.measure, chart.points[0].value.as_str(), chart.points[0].received.value.as_str()))
            .collect();
        assert_eq!(seen, [(GrowthMeasure::Weight, "9.66", "21.3"), (GrowthMeasure::Length, "75.7", "29.8")]);
        // The median is 9.646 and S 0.10925: 0.013 standard deviations above it.
        assert_eq!(percentile(&charts[0]), "51");
    }

    #[test]
    fn the_reference_changes_at_two_years() {
        let at = |days| charts(GrowthSex::Female, &[measured(1, "29463-7", &after(days), "12", "kg")]);
        let name = |days| at(days).first().map(|chart| chart.reference.clone());
        assert_eq!(name(730).as_deref(), Some("WHO Child Growth Standards"));
        assert_eq!(name(731).as_deref(), Some("CDC Growth Charts"));
        assert_eq!(name(7_304).as_deref(), Some("CDC Growth Charts"));
        assert_eq!(name(7_305), None);
        let curves: Vec<_> = at(100)[0].curves.iter().map(|curve| curve.percentile).collect();
        assert_eq!(curves, [3, 15, 50, 85, 97]);
        let curves: Vec<_> = at(1_000)[0].curves.iter().map(|curve| curve.percentile).collect();
        assert_eq!(curves, [5, 10, 25, 50, 75, 90, 95]);
    }

    #[test]
    fn what_cannot_be_placed_is_left_out() {
        let fine = measured(1, "29463-7", &after(30), "4", "kg");
        assert_eq!(charts(GrowthSex::Male, core::slice::from_ref(&fine)).len(), 1);
        let mut bound = fine.clone();
        let crate::chart::Value::Quantity(quantity) = &mut bound.view.value else { panic!("a quantity") };
        quantity.comparator = Some(crate::kernel::Comparator::Below);
        let mut withdrawn = fine.clone();
        withdrawn.view.status = crate::chart::ObservationStatus::EnteredInError;
        for wrong in [
            bound,
            withdrawn,
            measured(1, "29463-7", "2023-04", "4", "kg"),
            measured(1, "29463-7", "2023-03-09", "4", "kg"),
            measured(1, "29463-7", &after(30), "4", "[stone_av]"),
            measured(1, "29463-7", &after(30), "0", "kg"),
            measured(1, "29463-7", &after(30), "-4", "kg"),
            // A percentile that somebody else worked out, and standing height below two years.
            measured(1, "8289-1", &after(30), "50", "%"),
            measured(1, "8308-9", &after(30), "55", "cm"),
        ] {
            assert!(charts(GrowthSex::Male, &[wrong]).is_empty());
        }
        assert!(GrowthChart::of(GrowthSex::Male, &"2023-03".parse().unwrap(), &[fine]).is_empty());
    }

    #[test]
    fn far_out_is_said_without_a_number() {
        let far = |value| charts(GrowthSex::Male, &[measured(1, "29463-7", &after(365), value, "kg")]);
        assert_eq!((percentile(&far("4")[0]), percentile(&far("30")[0])), ("below", "above"));
        assert!(far("4")[0].points[0].z_score.is_none());
    }

    proptest! {
        #[test]
        fn heavier_is_never_lower(days in 0u64..7_304, a in 20u32..2_000, b in 20u32..2_000) {
            let of = |tenths: u32| {
                let value = format!("{}.{}", tenths / 10, tenths % 10);
                charts(GrowthSex::Female, &[measured(1, "29463-7", &after(days), &value, "kg")])[0].points[0].percentile.clone()
            };
            prop_assert!(of(a.min(b)).compare(&of(a.max(b))).is_le());
        }

        #[test]
        fn curves_never_cross(days in 0u64..7_304) {
            let charts = charts(GrowthSex::Male, &[measured(1, "29463-7", &after(days), "10", "kg")]);
            for pair in charts[0].curves.windows(2) {
                prop_assert_eq!(pair[0].points.len(), pair[1].points.len());
                for (low, high) in pair[0].points.iter().zip(&pair[1].points) {
                    prop_assert!(low.0 == high.0 && low.1.compare(&high.1).is_lt());
                }
            }
        }
    }
}
