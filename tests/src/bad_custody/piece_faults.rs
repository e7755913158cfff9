//! Faults about what is installed.

use async_trait::async_trait;
use mychartum_core::port::Custody;
use mychartum_core::port::custody::Piece;
use mychartum_core::port::storage::StorageError;
use mychartum_storage::MemoryStorage;

use super::fault::Fault;

/// Takes heads without the change sets that made them.
#[derive(Debug, Default)]
pub(super) struct ForgetsApplied;

#[async_trait]
impl Fault for ForgetsApplied {
    async fn install(&self, sound: &MemoryStorage, pieces: &[Piece]) -> Result<(), StorageError> {
        Piece::check_all(pieces)?;
        let forget = |piece: &Piece| {
            let first = piece.first.as_ref().map(|(head, _)| (*head, Vec::new()));
            Piece { first, ..piece.clone() }
        };
        sound.install(&pieces.iter().map(forget).collect::<Vec<_>>()).await
    }
}

/// Adds the rows of a first piece to what was there.
#[derive(Debug, Default)]
pub(super) struct KeepsOldRows;

#[async_trait]
impl Fault for KeepsOldRows {
    async fn install(&self, sound: &MemoryStorage, pieces: &[Piece]) -> Result<(), StorageError> {
        let mut snapshot = sound.snapshot().await?;
        for piece in pieces {
            let mut kept = snapshot.rows(piece.partition, None, 1000).await?;
            kept.retain(|old| !piece.rows.iter().any(|row| (row.collection, row.row) == (old.collection, old.row)));
            sound.install(core::slice::from_ref(piece)).await?;
            sound.install(&[Piece { first: None, rows: kept, ..piece.clone() }]).await?;
        }
        Ok(())
    }
}

/// Does not ask which move a piece belongs to.
#[derive(Debug, Default)]
pub(super) struct IgnoresEpoch;

#[async_trait]
impl Fault for IgnoresEpoch {
    async fn install(&self, sound: &MemoryStorage, pieces: &[Piece]) -> Result<(), StorageError> {
        Piece::check_all(pieces)?;
        let statuses = sound.buckets().await?;
        let patch = |piece: &Piece| {
            let now = statuses.iter().find(|status| status.bucket == piece.partition.bucket());
            Piece { epoch: now.map_or(piece.epoch, |status| status.epoch), ..piece.clone() }
        };
        sound.install(&pieces.iter().map(patch).collect::<Vec<_>>()).await
    }
}
