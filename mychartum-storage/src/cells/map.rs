//! Which cell keeps which bucket, as the cells themselves say.

use mychartum_core::port::custody::{BucketState, BucketStatus};
use mychartum_core::port::storage::Bucket;

/// Where a bucket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A cell serves it, or is about to give it away and can still be read.
    At(usize),
    /// No cell serves it at this moment, and one is about to: it is between two cells.
    Between,
    /// No cell that could be asked serves it, and some could not be asked.
    Unknown,
    /// No cell serves it.
    Nowhere,
    /// Two cells serve it.
    Twice(usize, usize),
}

/// The place of every bucket.
#[derive(Debug, Clone)]
pub(super) struct Map {
    places: Vec<Place>,
}

impl Map {
    /// Puts together what the cells say; `None` for a cell that could not be asked.
    ///
    /// Cells are asked one after another, so a bucket that moves meanwhile may seem to be in two places: leaving one and
    /// served by the next. Then the one that serves counts.
    pub(super) fn of(cells: &[Option<Vec<BucketStatus>>]) -> Self {
        let silent = cells.iter().any(Option::is_none);
        let place = |bucket: Bucket| {
            let in_state = |state| {
                cells.iter().enumerate().filter_map(move |(number, statuses)| {
                    let status = statuses.as_ref()?.get(usize::from(bucket.number()))?;
                    (status.bucket == bucket && status.state == state).then_some(number)
                })
            };
            let mut serving = in_state(BucketState::Serving);
            match (serving.next(), serving.next()) {
                (Some(one), Some(other)) => Place::Twice(one, other),
                (Some(one), None) => Place::At(one),
                (None, _) => match in_state(BucketState::Leaving).next() {
                    Some(one) => Place::At(one),
                    None if silent => Place::Unknown,
                    None if in_state(BucketState::Arriving).next().is_some() => Place::Between,
                    None => Place::Nowhere,
                },
            }
        };
        Self { places: Bucket::all().map(place).collect() }
    }

    /// Where a bucket is.
    pub(super) fn place(&self, bucket: Bucket) -> Place {
        self.places.get(usize::from(bucket.number())).copied().unwrap_or(Place::Nowhere)
    }

    /// Every bucket with its place.
    pub(super) fn places(&self) -> impl Iterator<Item = (Bucket, Place)> {
        Bucket::all().zip(self.places.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use BucketState::{Arriving, Elsewhere, Leaving, Serving};

    fn cell(state: BucketState) -> Option<Vec<BucketStatus>> {
        Some(Bucket::all().map(|bucket| BucketStatus { bucket, state, epoch: 0 }).collect())
    }

    fn place(cells: &[Option<Vec<BucketStatus>>]) -> Place {
        Map::of(cells).place(Bucket::new(4095).unwrap())
    }

    #[test]
    fn every_mixture_of_states_has_a_place() {
        assert_eq!(place(&[cell(Elsewhere), cell(Serving)]), Place::At(1));
        assert_eq!(place(&[cell(Leaving), cell(Arriving)]), Place::At(0));
        assert_eq!(place(&[cell(Leaving), cell(Serving)]), Place::At(1));
        assert_eq!(place(&[cell(Elsewhere), cell(Arriving)]), Place::Between);
        assert_eq!(place(&[cell(Elsewhere), cell(Elsewhere)]), Place::Nowhere);
        assert_eq!(place(&[cell(Serving), cell(Elsewhere), cell(Serving)]), Place::Twice(0, 2));
        assert_eq!(place(&[None, cell(Elsewhere)]), Place::Unknown);
        assert_eq!(place(&[None, cell(Arriving)]), Place::Unknown, "the silent cell may still serve it");
        assert_eq!(place(&[None, cell(Serving)]), Place::At(1));
        assert_eq!(place(&[]), Place::Nowhere);
    }
}
