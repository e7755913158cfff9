//! Trends: one analyte through time, never joining what cannot be compared (F07).

use crate::kernel::id::ItemId;
use crate::kernel::text::Label;
use crate::kernel::{Comparator, Decimal, PartialDate, Quantity, Unit, UnitConversion, hidden};

use super::conversion::UnitChoice;
use super::item::Item;
use super::observation::{Interpretation, Observation, ObservationStatus, ReferenceRange};
use super::provenance::SourceId;

/// One measured point of a trend.
#[derive(Clone, PartialEq, Eq)]
pub struct Point {
    /// Which observation it is.
    pub item: ItemId,
    /// Which source sent it: points of one series may come from several.
    pub source: SourceId,
    /// The LOINC code it came under: one analyte may have several, such as one by mass and one by moles.
    pub analyte: Label,
    /// When.
    pub at: PartialDate,
    /// The number as received, before any conversion.
    pub received: Quantity,
    /// The number in the series' unit.
    pub value: Decimal,
    /// Set where the number is only a bound; it is drawn as one.
    pub comparator: Option<Comparator>,
    /// How far the observation got.
    pub status: ObservationStatus,
    /// What the source says of it.
    pub interpretation: Vec<Interpretation>,
    /// The laboratory's own ranges for this very point, in the unit they came in.
    pub ranges: Vec<ReferenceRange>,
    /// The conversion that was asked for and made, with its citation.
    pub conversion: Option<UnitConversion>,
}

impl Point {
    /// Whether a conversion was asked for and made.
    #[must_use]
    pub const fn is_converted(&self) -> bool {
        self.conversion.is_some()
    }
}

/// The points of one analyte in one unit by one method, oldest first.
#[derive(Clone, PartialEq, Eq)]
pub struct Series {
    /// The unit of all its points.
    pub unit: Unit,
    /// How they were measured, where the sources say so. Unsaid is a method of its own: it may be any.
    pub method: Option<Label>,
    /// The points, oldest first.
    pub points: Vec<Point>,
}

/// One analyte through time: a series for each unit and method.
#[derive(Clone, PartialEq, Eq)]
pub struct Trend {
    /// The LOINC code of the analyte that was asked for.
    pub analyte: String,
    /// The series, the one with the newest point first.
    pub series: Vec<Series>,
}

hidden!(Point, Series, Trend);

impl Trend {
    /// The trend of an analyte over observations.
    ///
    /// Only facts with a number and a time are points. Units are joined where their [`Unit::key`] is the same, or where one
    /// of the conversions says so; methods where their names are the same in any case. INVARIANT (units apart): without a
    /// conversion that names the analyte, a value never appears in a series of another unit.
    #[must_use]
    pub fn of(analyte: &str, observations: &[Item<Observation>], conversions: &[UnitConversion]) -> Self {
        Self::joined(analyte, &[analyte], observations, conversions)
    }

    /// The trend of an analyte in the unit that a person chose, with what came under the other codes of the same analyte.
    ///
    /// What cannot be converted stays in a series of its own unit. An observation that carries two of the codes is one point,
    /// under the code that was asked for.
    #[must_use]
    pub fn in_unit(observations: &[Item<Observation>], choice: &UnitChoice) -> Self {
        let codes: Vec<&str> = choice.analytes().collect();
        Self::joined(choice.analyte(), &codes, observations, choice.conversions())
    }

    fn joined(
        analyte: &str,
        codes: &[&str],
        observations: &[Item<Observation>],
        conversions: &[UnitConversion],
    ) -> Self {
        let mut series: Vec<Series> = Vec::new();
        for item in observations {
            let Some((unit, point)) = codes.iter().find_map(|code| point(code, item, conversions)) else { continue };
            let method = item.view.method.as_ref();
            match series.iter_mut().find(|series| series.takes(&unit, method)) {
                Some(series) => series.points.push(point),
                None => series.push(Series { unit, method: method.cloned(), points: vec![point] }),
            }
        }
        for series in &mut series {
            series.points.sort_by(|a, b| a.at.order().cmp(&b.at.order()).then(a.item.cmp(&b.item)));
        }
        let newest = |series: &Series| series.points.last().map(|point| point.at.order());
        series.sort_by_key(|series| core::cmp::Reverse(newest(series)));
        Self { analyte: analyte.to_owned(), series }
    }
}

impl Series {
    /// Whether a point in this unit by this method belongs here (F07).
    fn takes(&self, unit: &Unit, method: Option<&Label>) -> bool {
        let name = |method: &Label| method.as_str().to_lowercase();
        self.unit.key() == unit.key() && self.method.as_ref().map(name) == method.map(name)
    }
}

fn point(analyte: &str, item: &Item<Observation>, conversions: &[UnitConversion]) -> Option<(Unit, Point)> {
    let observation = &item.view;
    if !observation.standing().is_fact() {
        return None;
    }
    let (value, interpretation, ranges) = observation.measured(analyte)?;
    let received = value.quantity()?.clone();
    let made = conversions
        .iter()
        .filter(|conversion| conversion.analyte.as_str() == analyte && conversion.from.as_str() == received.unit.key())
        .find_map(|conversion| Some((conversion.clone(), conversion.convert(&received.value)?)));
    let (unit, value, conversion) = match made {
        Some((conversion, value)) => (Unit::of(conversion.to.as_str()), value, Some(conversion)),
        None => (received.unit.clone(), received.value.clone(), None),
    };
    let point = Point {
        item: item.id,
        source: item.provenance.source.clone(),
        analyte: Label::clipped(analyte)?,
        at: observation.at()?.clone(),
        comparator: received.comparator,
        received,
        value,
        status: observation.status,
        interpretation: interpretation.to_vec(),
        ranges: ranges.to_vec(),
        conversion,
    };
    Some((unit, point))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;
    use crate::chart::{AnalyteGroup, Conversions, DiagnosticReport, Provenance, ReportGroup, SourceVersion, Value};
    use crate::kernel::Obligations;
    use crate::kernel::id::DeliveryId;

    const GLUCOSE: &str = "2345-7";

    fn label(text: &str) -> Label {
        Label::parse(text).unwrap()
    }

    fn observation(id: u8, loinc: &str, day: u32, value: Value, status: &str) -> Item<Observation> {
        let json = serde_json::json!({
            "status": status,
            "category": "laboratory",
            "code": { "codes": [{ "s": "http://loinc.org", "c": loinc }] },
            "effective": format!("2025-01-{day:02}"),
            "value": serde_json::to_value(&value).unwrap(),
        });
        let provenance = Provenance {
            source: SourceId::parse("lab").unwrap(),
            source_type: label("Observation"),
            source_id: label(&id.to_string()),
            version: SourceVersion::default(),
            received_at: DateTime::UNIX_EPOCH,
            as_of: None,
            delivery: DeliveryId::from_bytes([0; 16]),
            original_hash: [0; 32],
            mapping: 1,
            labels: crate::kernel::SensitivitySet::NONE,
        };
        let view = serde_json::from_value(json).unwrap();
        Item { id: ItemId::from_bytes([id; 16]), version: 1, view, provenance, obligations: Obligations::NONE }
    }

    fn amount(number: &str, comparator: Option<Comparator>, unit: &str) -> Value {
        Value::Quantity(Quantity { value: number.parse().unwrap(), comparator, unit: Unit::of(unit) })
    }

    #[test]
    fn units_are_joined_only_by_a_conversion_that_names_the_analyte() {
        let items = [
            observation(1, GLUCOSE, 1, amount("5.5", None, "mmol/L"), "final"),
            observation(2, GLUCOSE, 2, amount("99", None, "mg/dL"), "final"),
            observation(3, GLUCOSE, 3, amount("100", None, "MG/DL"), "corrected"),
        ];
        let apart = Trend::of(GLUCOSE, &items, &[]);
        assert_eq!(apart.series.iter().map(|series| series.points.len()).collect::<Vec<_>>(), [2, 1]);
        let conversion = |analyte: &str| {
            UnitConversion::by_factor(label(analyte), label("mmol/L"), label("mg/dL"), "18.0182".parse().unwrap())
        };
        assert_eq!(Trend::of(GLUCOSE, &items, &[conversion("2339-0")]).series.len(), 2);
        let joined = Trend::of(GLUCOSE, &items, &[conversion(GLUCOSE)]);
        assert_eq!(joined.series.len(), 1);
        let first = &joined.series[0].points[0];
        assert!(first.is_converted());
        assert_eq!((first.value.as_str(), first.received.value.as_str()), ("99", "5.5"));
        assert_eq!((first.analyte.as_str(), first.source.as_str()), (GLUCOSE, "lab"));
    }

    #[test]
    fn two_codes_of_one_analyte_are_one_trend_in_the_unit_that_was_chosen() {
        let items = [
            observation(1, "14749-6", 1, amount("5.5", None, "mmol/L"), "final"),
            observation(2, GLUCOSE, 2, amount("99", None, "mg/dL"), "final"),
            observation(3, "15074-8", 3, amount("5.4", None, "mmol/L"), "final"),
            observation(4, GLUCOSE, 4, amount("12", None, "mg/g"), "final"),
        ];
        let choice = Conversions::shipped().choice(GLUCOSE, "mmol/L").unwrap();
        let trend = Trend::in_unit(&items, &choice);
        let seen: Vec<_> = trend
            .series
            .iter()
            .map(|series| {
                let of = |point: &Point| {
                    format!("{} {} {}", point.analyte.as_str(), point.value.as_str(), point.received.value.as_str())
                };
                (series.unit.key(), series.points.iter().map(of).collect::<Vec<_>>())
            })
            .collect();
        let both = vec!["14749-6 5.5 5.5".to_owned(), "2345-7 5.5 99".to_owned()];
        assert_eq!(seen, [("mg/g", vec!["2345-7 12 12".to_owned()]), ("mmol/L", both)]);
        let made = trend.series[1].points[1].conversion.as_ref().unwrap();
        assert!(made.citation.is_some() && trend.series[1].points[0].conversion.is_none());
    }

    #[test]
    fn methods_are_kept_apart() {
        let mut items: Vec<_> =
            (1..=4).map(|id| observation(id, GLUCOSE, id.into(), amount("5", None, "mg/dL"), "final")).collect();
        items[0].view.method = Some(label("Hexokinase"));
        items[1].view.method = Some(label("hexokinase"));
        items[2].view.method = Some(label("Glucose oxidase"));
        let trend = Trend::of(GLUCOSE, &items, &[]);
        let seen: Vec<_> = trend
            .series
            .iter()
            .map(|series| (series.method.as_ref().map(Label::as_str), series.points.len()))
            .collect();
        assert_eq!(seen, [(None, 1), (Some("Glucose oxidase"), 1), (Some("Hexokinase"), 2)]);
    }

    #[test]
    fn words_are_no_points_and_censored_values_say_so() {
        let items = [
            observation(
                1,
                GLUCOSE,
                1,
                Value::Text(crate::kernel::text::Narrative::parse("SEE NOTE").unwrap()),
                "final",
            ),
            observation(2, GLUCOSE, 2, amount("0.01", Some(Comparator::Below), "mg/dL"), "final"),
            observation(3, GLUCOSE, 3, amount("5", None, "mg/dL"), "cancelled"),
        ];
        let trend = Trend::of(GLUCOSE, &items, &[]);
        assert_eq!(trend.series[0].points.len(), 1);
        assert_eq!(trend.series[0].points[0].comparator, Some(Comparator::Below));
    }

    #[test]
    fn results_of_one_analyte_are_one_group() {
        let items = vec![
            observation(1, GLUCOSE, 1, amount("5", None, "mg/dL"), "final"),
            observation(2, "4548-4", 3, amount("6", None, "%"), "final"),
            observation(3, GLUCOSE, 2, amount("7", None, "mmol/L"), "final"),
        ];
        let groups = AnalyteGroup::of(items);
        let seen: Vec<_> = groups.iter().map(|group| (group.loinc().unwrap(), group.results.len())).collect();
        assert_eq!(seen, [("4548-4", 1), (GLUCOSE, 2)]);
        assert_eq!(groups[1].results[0].id, ItemId::from_bytes([3; 16]));
    }

    #[test]
    fn each_result_is_in_one_group_and_reports_are_dated_by_their_results_where_need_be() {
        let json = serde_json::json!({ "status": "final", "code": { "text": "panel" } });
        let of = observation(9, GLUCOSE, 1, amount("1", None, "mg/dL"), "final").provenance;
        let report = |id: u8| Item {
            id: ItemId::from_bytes([id; 16]),
            version: 1,
            view: serde_json::from_value(json.clone()).unwrap(),
            provenance: of.clone(),
            obligations: Obligations::NONE,
        };
        let results = (1..=4).map(|id| observation(id, GLUCOSE, id.into(), amount("5", None, "mg/dL"), "final"));
        let member = |report: &Item<DiagnosticReport>| match report.id.to_bytes()[0] {
            7 => vec![ItemId::from_bytes([3; 16]), ItemId::from_bytes([1; 16]), ItemId::from_bytes([3; 16])],
            _ => Vec::new(),
        };
        let groups = ReportGroup::of(vec![report(7), report(8)], results.collect(), member);
        let seen: Vec<_> = groups
            .iter()
            .map(|group| {
                let at = group.at().map(|at| at.as_str().to_owned());
                (at, group.results.iter().map(|item| item.id.to_bytes()[0]).collect::<Vec<_>>())
            })
            .collect();
        let day = |day: u32| Some(format!("2025-01-{day:02}"));
        assert_eq!(seen, [(day(4), vec![4]), (day(3), vec![3, 1]), (day(2), vec![2]), (None, vec![])]);
    }

    proptest! {
        #[test]
        fn every_fact_with_a_number_is_in_exactly_one_series_of_its_unit(
            rows in proptest::collection::vec((1u32..29, 0usize..4, 0usize..3, proptest::bool::ANY), 0..40)
        ) {
            let units = ["mg/dL", "mmol/L", "MG/DL", "%"];
            let statuses = ["final", "entered-in-error", "preliminary"];
            let items: Vec<_> = rows.iter().enumerate().map(|(n, (day, unit, status, number))| {
                let value = if *number { amount("5", None, units[*unit]) } else { Value::Unstated };
                observation(u8::try_from(n).unwrap(), GLUCOSE, *day, value, statuses[*status])
            }).collect();
            let trend = Trend::of(GLUCOSE, &items, &[]);
            let expected = rows.iter().filter(|(_, _, status, number)| *number && *status != 1).count();
            prop_assert_eq!(trend.series.iter().map(|series| series.points.len()).sum::<usize>(), expected);
            for series in &trend.series {
                prop_assert!(series.points.iter().all(|point| point.received.unit.key() == series.unit.key()));
                prop_assert!(series.points.windows(2).all(|pair| pair[0].at.order() <= pair[1].at.order()));
            }
            let mut keys: Vec<_> = trend.series.iter().map(|series| series.unit.key()).collect();
            keys.sort_unstable();
            keys.dedup();
            prop_assert_eq!(keys.len(), trend.series.len());
        }
    }
}
