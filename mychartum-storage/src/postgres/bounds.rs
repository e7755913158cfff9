//! The range of a scan as two ends that both belong to it.

use mychartum_core::port::storage::{Direction, Position, Scan};

use super::columns::Id;

/// A scan's range: from a position on, up to and with the last order, in the scan's direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) order: i64,
    pub(super) id: Id,
    pub(super) last: i64,
}

const LEAST_ID: [u8; 16] = [0; 16];
const GREATEST_ID: [u8; 16] = [0xff; 16];

impl Bounds {
    /// The bounds, or `None` where nothing can lie between them.
    pub(super) fn of(scan: &Scan) -> Option<Self> {
        let least = scan.from.unwrap_or(i64::MIN);
        let greatest = match scan.until {
            Some(until) => until.checked_sub(1)?,
            None => i64::MAX,
        };
        let (start, last) = match scan.direction {
            Direction::Ascending => {
                let edge = (least, LEAST_ID);
                (scan.after.map_or(Some(edge), |after| Some(next(after)?.max(edge)))?, greatest)
            }
            Direction::Descending => {
                let edge = (greatest, GREATEST_ID);
                (scan.after.map_or(Some(edge), |after| Some(previous(after)?.min(edge)))?, least)
            }
        };
        let (order, id) = start;
        let empty = match scan.direction {
            Direction::Ascending => order > last,
            Direction::Descending => order < last,
        };
        (!empty).then_some(Self { order, id: Id(id), last })
    }
}

/// The position right after another one, if there is one.
fn next(at: Position) -> Option<(i64, [u8; 16])> {
    match u128::from_be_bytes(at.row.to_bytes()).checked_add(1) {
        Some(id) => Some((at.order, id.to_be_bytes())),
        None => Some((at.order.checked_add(1)?, LEAST_ID)),
    }
}

/// The position right before another one, if there is one.
fn previous(at: Position) -> Option<(i64, [u8; 16])> {
    match u128::from_be_bytes(at.row.to_bytes()).checked_sub(1) {
        Some(id) => Some((at.order, id.to_be_bytes())),
        None => Some((at.order.checked_sub(1)?, GREATEST_ID)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mychartum_core::port::storage::{Collection, Partition, RowId};

    fn scan() -> Scan {
        Scan::new(Partition::SYSTEM, Collection::new(1), 1)
    }

    fn at(order: i64, id: [u8; 16]) -> Option<Position> {
        Some(Position { order, row: RowId::from_bytes(id) })
    }

    fn bounds(order: i64, id: [u8; 16], last: i64) -> Option<Bounds> {
        Some(Bounds { order, id: Id(id), last })
    }

    #[test]
    fn an_open_scan_reaches_from_end_to_end() {
        assert_eq!(Bounds::of(&scan()), bounds(i64::MIN, LEAST_ID, i64::MAX));
        let down = Scan { direction: Direction::Descending, ..scan() };
        assert_eq!(Bounds::of(&down), bounds(i64::MAX, GREATEST_ID, i64::MIN));
    }

    #[test]
    fn it_continues_right_after_a_position_in_both_directions() {
        let mut one = LEAST_ID;
        one[15] = 1;
        let up = Scan { after: at(5, LEAST_ID), ..scan() };
        assert_eq!(Bounds::of(&up), bounds(5, one, i64::MAX));
        let up = Scan { after: at(5, GREATEST_ID), ..scan() };
        assert_eq!(Bounds::of(&up), bounds(6, LEAST_ID, i64::MAX));
        let down = Scan { after: at(5, one), direction: Direction::Descending, ..scan() };
        assert_eq!(Bounds::of(&down), bounds(5, LEAST_ID, i64::MIN));
        let down = Scan { after: at(5, LEAST_ID), direction: Direction::Descending, ..scan() };
        assert_eq!(Bounds::of(&down), bounds(4, GREATEST_ID, i64::MIN));
    }

    #[test]
    fn a_range_cuts_off_what_the_position_does_not() {
        let range = Scan { from: Some(3), until: Some(7), ..scan() };
        assert_eq!(Bounds::of(&Scan { after: at(1, GREATEST_ID), ..range.clone() }), bounds(3, LEAST_ID, 6));
        let down = Scan { direction: Direction::Descending, after: at(9, LEAST_ID), ..range };
        assert_eq!(Bounds::of(&down), bounds(6, GREATEST_ID, 3));
    }

    #[test]
    fn empty_ranges_are_known_without_asking() {
        let beyond = Scan { after: at(i64::MAX, GREATEST_ID), ..scan() };
        let before = Scan { after: at(i64::MIN, LEAST_ID), direction: Direction::Descending, ..scan() };
        let none = Scan { until: Some(i64::MIN), ..scan() };
        let crossed = Scan { from: Some(7), until: Some(7), ..scan() };
        let passed = Scan { until: Some(7), after: at(6, GREATEST_ID), ..scan() };
        for scan in [beyond, before, none, crossed, passed] {
            assert_eq!(Bounds::of(&scan), None, "{scan:?}");
        }
    }
}
