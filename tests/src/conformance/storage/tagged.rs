//! Promise 12: with a tag, `scan` returns exactly the rows that carry it now.

use mychartum_core::port::Storage;
use mychartum_core::port::storage::{Direction, Put, RowId, Scan, Tag};

use super::Factory;
use super::paged::page_through;
use super::patient::{NOTES, Patient, delete, next, note, row, tag};
use crate::conformance::Breach;
use crate::conformance::case::ensure;

/// The rows with a tag, in both directions, which must agree.
async fn rows(storage: &dyn Storage, patient: &Patient, tag: Tag) -> Result<Vec<RowId>, Breach> {
    let scan = Scan { tag: Some(tag), ..Scan::new(patient.partition, NOTES, 1000) };
    let up: Vec<RowId> = storage.scan(&scan).await?.iter().map(|row| row.row).collect();
    let scan = Scan { direction: Direction::Descending, ..scan };
    let down: Vec<RowId> = storage.scan(&scan).await?.iter().map(|row| row.row).rev().collect();
    ensure(up == down, "a tagged scan gives other rows downwards than upwards")?;
    Ok(up)
}

/// Rows with no, one and several tags, and tags that differ in one bit.
pub(super) async fn exactly_its_rows(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    let one = tag();
    let mut bytes = one.to_bytes();
    bytes.iter_mut().rev().take(1).for_each(|last| *last ^= 1);
    let two = Tag::from_bytes(bytes);
    let tags = [vec![], vec![one], vec![two], vec![one, two], vec![two, one], vec![tag()]];
    let puts: Vec<Put> = (0..).zip(tags).map(|(order, tags)| Put { tags, ..note(row(), order) }).collect();
    patient.put(&*storage, puts.clone()).await?;
    for asked in [one, two, tag()] {
        let wanted: Vec<_> = puts.iter().filter(|put| put.tags.contains(&asked)).map(|put| put.row).collect();
        ensure(rows(&*storage, &patient, asked).await? == wanted, "a tag did not find exactly its rows")?;
    }
    Ok(())
}

/// Tags that are replaced, added, taken away, moved with the order, and deleted with the row.
pub(super) async fn follows_changes(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    let (one, two) = (tag(), tag());
    let mut put = note(row(), 0);
    for (tags, order) in [
        (vec![one], 0),
        (vec![one], 0),
        (vec![two], 0),
        (vec![two, one], 0),
        (vec![two, one], 5),
        (vec![one], -5),
        (vec![], -5),
        (vec![two], -5),
    ] {
        put = Put { tags, order, ..put };
        patient.put(&*storage, [put.clone()]).await?;
        for asked in [one, two] {
            let wanted: &[RowId] = if put.tags.contains(&asked) { &[put.row] } else { &[] };
            ensure(rows(&*storage, &patient, asked).await? == wanted, "a tag did not follow an update")?;
        }
        put = next(&put);
    }
    put.version -= 1;
    let set = patient.set_deleting([delete(&put)]);
    patient.commit(&*storage, &set).await?;
    ensure(rows(&*storage, &patient, two).await?.is_empty(), "a tag found a deleted row")?;
    patient.put(&*storage, [Put { version: 1, tags: vec![one], ..put }]).await?;
    ensure(rows(&*storage, &patient, two).await?.is_empty(), "a tag came back with a row put again")
}

/// Order, range, pages and limits hold for tagged scans too.
pub(super) async fn ordered_and_paged(factory: &dyn Factory) -> Result<(), Breach> {
    let storage = factory.fresh().await?;
    let mut patient = Patient::new();
    let tag = patient.tag;
    let puts: Vec<Put> = (0..30)
        .map(|number| Put {
            tags: if number % 2 == 0 { vec![tag] } else { Vec::new() },
            ..note(row(), (i64::from(number) * 7) % 10 - 5)
        })
        .collect();
    patient.put(&*storage, puts.clone()).await?;
    for direction in [Direction::Ascending, Direction::Descending] {
        for (from, until) in [(None, None), (Some(-3), Some(3))] {
            let inside = |put: &&Put| from.is_none_or(|from| put.order >= from) && until.is_none_or(|u| put.order < u);
            let mut wanted: Vec<_> = puts
                .iter()
                .filter(|put| put.tags.contains(&tag))
                .filter(inside)
                .map(|put| (put.order, put.row))
                .collect();
            wanted.sort_unstable();
            if direction == Direction::Descending {
                wanted.reverse();
            }
            for limit in [1, 4, 100] {
                let scan =
                    Scan { tag: Some(tag), from, until, direction, ..Scan::new(patient.partition, NOTES, limit) };
                let rows = page_through(&*storage, &scan).await?;
                let found: Vec<_> = rows.iter().map(|row| (row.order, row.row)).collect();
                ensure(found == wanted, "the pages of a tagged scan are not its rows in order")?;
            }
        }
    }
    Ok(())
}
