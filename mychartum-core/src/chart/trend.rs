//! Trends: one analyte through time, never joining what cannot be compared (F07).

use crate::kernel::id::ItemId;
use crate::kernel::{Comparator, Decimal, PartialDate, Quantity, Unit, UnitConversion, hidden};

use super::item::Item;
use super::observation::{Interpretation, Observation, ObservationStatus, ReferenceRange};

/// One measured point of a trend.
#[derive(Clone, PartialEq, Eq)]
pub struct Point {
    /// Which observation it is.
    pub item: ItemId,
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
    /// Whether a conversion was asked for and made.
    pub converted: bool,
}

/// The points of one analyte in one unit, oldest first.
#[derive(Clone, PartialEq, Eq)]
pub struct Series {
    /// The unit of all its points.
    pub unit: Unit,
    /// The points, oldest first.
    pub points: Vec<Point>,
}

/// One analyte through time: a series for each unit.
#[derive(Clone, PartialEq, Eq)]
pub struct Trend {
    /// The LOINC code of the analyte.
    pub analyte: String,
    /// The series, the one with the newest point first.
    pub series: Vec<Series>,
}

hidden!(Point, Series, Trend);

impl Trend {
    /// The trend of an analyte over observations.
    ///
    /// Only facts with a number and a time are points. Units are joined where their [`Unit::key`] is the same, or where one
    /// of the conversions says so. INVARIANT (units apart): without a conversion that names the analyte, a value never
    /// appears in a series of another unit.
    #[must_use]
    pub fn of(analyte: &str, observations: &[Item<Observation>], conversions: &[UnitConversion]) -> Self {
        let mut series: Vec<Series> = Vec::new();
        for item in observations {
            let Some((unit, point)) = point(analyte, item, conversions) else { continue };
            match series.iter_mut().find(|series| series.unit.key() == unit.key()) {
                Some(series) => series.points.push(point),
                None => series.push(Series { unit, points: vec![point] }),
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

fn point(analyte: &str, item: &Item<Observation>, conversions: &[UnitConversion]) -> Option<(Unit, Point)> {
    let observation = &item.view;
    if !observation.standing().is_fact() {
        return None;
    }
    let (value, interpretation, ranges) = observation.measured(analyte)?;
    let received = value.quantity()?.clone();
    let conversion = conversions
        .iter()
        .find(|conversion| conversion.analyte.as_str() == analyte && conversion.from.as_str() == received.unit.key());
    let (unit, value, converted) = match conversion {
        Some(conversion) => (Unit::of(conversion.to.as_str()), received.value.times(&conversion.factor)?, true),
        None => (received.unit.clone(), received.value.clone(), false),
    };
    let point = Point {
        item: item.id,
        at: observation.at()?.clone(),
        comparator: received.comparator,
        received,
        value,
        status: observation.status,
        interpretation: interpretation.to_vec(),
        ranges: ranges.to_vec(),
        converted,
    };
    Some((unit, point))
}
