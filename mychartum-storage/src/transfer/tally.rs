//! A digest and counts of everything that passes, in order.

use mychartum_core::port::custody::Piece;
use mychartum_core::port::storage::Head;
use sha2::{Digest as _, Sha256};

use super::form::{encode_partition, encode_row};
use super::progress::Counts;

/// Sums up pieces; where pieces of one partition are cut makes no difference.
#[derive(Default)]
pub(crate) struct Tally {
    hash: Sha256,
    counts: Counts,
    scratch: Vec<u8>,
}

impl Tally {
    pub(crate) const fn counts(&self) -> Counts {
        self.counts
    }

    /// Adds a piece.
    pub(crate) fn add(&mut self, piece: &Piece) {
        if let Some((head, applied)) = &piece.first {
            self.counts.partitions += 1;
            self.scratch.clear();
            encode_partition(piece.partition, head, applied, &mut self.scratch);
            self.hash_scratch(b'p');
        }
        for row in &piece.rows {
            self.counts.rows += 1;
            self.counts.bytes += row.body.len() as u64;
            self.scratch.clear();
            encode_row(row, &mut self.scratch);
            self.hash_scratch(b'r');
        }
    }

    /// What was added, in 32 bytes.
    pub(crate) fn digest(self) -> [u8; 32] {
        self.hash.finalize().into()
    }

    /// Every part is led by its kind and length, so that two different sequences never feed the same bytes.
    fn hash_scratch(&mut self, kind: u8) {
        self.hash.update([kind]);
        self.hash.update((self.scratch.len() as u64).to_be_bytes());
        self.hash.update(&self.scratch);
    }
}

/// The piece for a bucket that arrives with this epoch, which its head gets too.
pub(crate) fn at_epoch(mut piece: Piece, epoch: u64) -> Piece {
    if let Some((head, _)) = &mut piece.first {
        *head = Head { epoch, ..*head };
    }
    Piece { epoch, ..piece }
}
