//! Promise 11: pages have at most `limit` rows, and join without a gap.

use mychartum_core::port::Storage;
use mychartum_core::port::storage::{Direction, Position, Put, Row, Scan};

use super::Factory;
use super::patient::{NOTES, Patient, delete, note, row, row_number};
use crate::conformance::Breach;
use crate::conformance::case::ensure;

/// Follows a scan page by page to its end.
pub(super) async fn page_through(storage: &dyn Storage, scan: &Scan) -> Result<Vec<Row>, Breach> {
    let (mut scan, mut all) = (scan.clone(), Vec::new());
    for _ in 0..1000 {
        let page = storage.scan(&scan).await?;
        let full = page.len() == scan.limit as usize;
        ensure(page.len() <= scan.limit as usize, "a page has more rows than its limit")?;
        scan.after = page.last().map(Row::position);
        all.extend(page);
        if !full {
            return Ok(all);
        }
    }
    Err("the pages of a scan never end".into())
}

/// Thirteen rows, some of them with the same order.
async fn thirteen(storage: &dyn Storage) -> Result<Patient, Breach> {
    let mut patient = Patient::new();
    let puts: Vec<Put> = (0..13).map(|number| note(row(), i64::from(number) / 3 - 2)).collect();
    patient.put(storage, puts).await?;
    Ok(patient)
}

/// Exactly the limit when there are enough, all when there are fewer.
pub(super) async fn limits(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let patient = thirteen(&*storage).await?;
    for direction in [Direction::Ascending, Direction::Descending] {
        for limit in [1, 2, 12, 13, 14, 1000, u32::MAX] {
            let scan = Scan { direction, ..Scan::new(patient.partition, NOTES, limit) };
            let count = storage.scan(&scan).await?.len();
            ensure(count == 13.min(limit as usize), "a page has not as many rows as its limit and the rows allow")?;
        }
    }
    Ok(())
}

/// Pages of every size, in both directions, in a range and out of it, give together what one large page gives.
pub(super) async fn pages_join(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let patient = thirteen(&*storage).await?;
    for direction in [Direction::Ascending, Direction::Descending] {
        for (from, until) in [(None, None), (Some(-1), None), (None, Some(2)), (Some(-1), Some(1))] {
            let whole = Scan { direction, from, until, ..Scan::new(patient.partition, NOTES, 1000) };
            let wanted = storage.scan(&whole).await?;
            ensure(wanted.len() >= 6, "a range lost rows")?;
            for limit in [1, 2, 3, 5, 13] {
                let paged = page_through(&*storage, &Scan { limit, ..whole.clone() }).await?;
                ensure(paged == wanted, "pages together missed or repeated a row")?;
            }
        }
    }
    Ok(())
}

/// A page may continue after a row that was deleted, or after a place where none ever was.
pub(super) async fn positions_without_rows(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    let puts: Vec<Put> = [10, 20, 30].map(|number| note(row_number(number), 0)).into();
    patient.put(&*storage, puts.clone()).await?;
    let middle: Vec<_> = puts.iter().skip(1).take(1).map(delete).collect();
    let set = patient.set_deleting(middle);
    patient.commit(&*storage, &set).await?;
    for (order, number, above, below) in
        [(0, 20, 1, 1), (0, 25, 1, 1), (0, 10, 1, 0), (0, 5, 2, 0), (0, 99, 0, 2), (-1, 99, 2, 0), (1, 0, 0, 2)]
    {
        let after = Some(Position { order, row: row_number(number) });
        for (direction, count) in [(Direction::Ascending, above), (Direction::Descending, below)] {
            let scan = Scan { after, direction, ..Scan::new(patient.partition, NOTES, 10) };
            ensure(storage.scan(&scan).await?.len() == count, "continuing after a place without a row went wrong")?;
        }
    }
    Ok(())
}
