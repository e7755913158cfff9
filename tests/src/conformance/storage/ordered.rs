//! Promise 10: `scan` sorts by (order, row id), wholly reversed when descending.

use mychartum_core::port::Storage;
use mychartum_core::port::storage::{Direction, Put, RowId, Scan};

use super::Factory;
use super::patient::{NOTES, Patient, next, note, row, row_number};
use crate::conformance::Breach;
use crate::conformance::case::ensure;

/// The orders and ids that a scan gives.
async fn listed(storage: &dyn Storage, scan: &Scan) -> Result<Vec<(i64, RowId)>, Breach> {
    Ok(storage.scan(scan).await?.iter().map(|row| (row.order, row.row)).collect())
}

/// Asks in both directions.
async fn lists(storage: &dyn Storage, scan: &Scan, wanted: &[(i64, RowId)], what: &str) -> Result<(), Breach> {
    ensure(listed(storage, scan).await? == wanted, what)?;
    let reversed: Vec<_> = wanted.iter().rev().copied().collect();
    let scan = Scan { direction: Direction::Descending, ..scan.clone() };
    ensure(listed(storage, &scan).await? == reversed, what)
}

/// Negative orders come first, and ids are compared as unsigned bytes from the left.
pub(super) async fn signed_orders_unsigned_ids(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    let ids = [
        row_number(0),
        row_number(0x7f),
        row_number(0x80),
        row_number(0xff),
        RowId::from_bytes([0x7f; 16]),
        RowId::from_bytes([0x80; 16]),
        RowId::from_bytes([0xff; 16]),
    ];
    let orders = [i64::MIN, -256, -1, 0, 1, 255, i64::from(i32::MAX) + 1, i64::MAX];
    let mut puts = Vec::new();
    for (number, order) in (0..).zip(orders) {
        for id in ids {
            // A row has one order, so each order gets ids of its own that keep their sequence.
            let mut bytes = id.to_bytes();
            if let Some(middle) = bytes.get_mut(8) {
                *middle = number;
            }
            puts.push(note(RowId::from_bytes(bytes), order));
        }
    }
    let mut wanted: Vec<_> = puts.iter().map(|put| (put.order, put.row)).collect();
    wanted.sort_unstable();
    // Put in another sequence than they sort in.
    let (first, second) = puts.split_at(30);
    patient.put(&*storage, second).await?;
    patient.put(&*storage, first.iter().rev().cloned().collect::<Vec<Put>>()).await?;
    let scan = Scan::new(patient.partition, NOTES, 1000);
    lists(&*storage, &scan, &wanted, "rows are not in the order of (order, row id)").await
}

/// `from` is included, `until` is not, and both hold in both directions.
pub(super) async fn ranges(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    let orders = [i64::MIN, -10, -1, 0, 0, 1, 10, i64::MAX];
    let puts: Vec<Put> = (1..).zip(orders).map(|(number, order)| note(row_number(number), order)).collect();
    patient.put(&*storage, puts.clone()).await?;
    let bounds = [None, Some(i64::MIN), Some(-10), Some(0), Some(1), Some(11), Some(i64::MAX)];
    for from in bounds {
        for until in bounds {
            let inside = |put: &&Put| from.is_none_or(|from| put.order >= from) && until.is_none_or(|u| put.order < u);
            let wanted: Vec<_> = puts.iter().filter(inside).map(|put| (put.order, put.row)).collect();
            let scan = Scan { from, until, ..Scan::new(patient.partition, NOTES, 100) };
            lists(&*storage, &scan, &wanted, "a range did not give exactly its rows").await?;
        }
    }
    Ok(())
}

/// A row that is put with another order is found at its new place and not at the old one.
pub(super) async fn rows_move(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    let mut moving = note(row(), 0);
    let (low, high) = (note(row(), -5), note(row(), 5));
    patient.put(&*storage, [moving.clone(), low.clone(), high.clone()]).await?;
    for order in [-9, 9, 5, 0] {
        moving = Put { order, ..next(&moving) };
        patient.put(&*storage, [moving.clone()]).await?;
        let mut wanted = [&moving, &low, &high].map(|put| (put.order, put.row));
        wanted.sort_unstable();
        let scan = Scan::new(patient.partition, NOTES, 100);
        lists(&*storage, &scan, &wanted, "a row did not move with its order").await?;
    }
    Ok(())
}
