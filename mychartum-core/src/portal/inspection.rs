//! Inspecting everything that is stored: before a restored storage is served, or now and then.

use std::sync::Arc;

use crate::ledger::{self, Failure, founding_in};
use crate::port::entropy::NoEntropy;
use crate::port::{Entropy, KeyProvider, Snapshot};
use crate::vault::{Vault, VaultSettings};

use super::error::OpenError;
use super::portal::Portal;

pub use crate::ledger::{Inspection, InspectionFault, InspectionFaultKind, InspectionProgress, InspectionReport};

/// Opens every seal in a snapshot with its partition's key and follows every audit chain to its head, without a portal.
///
/// This is how a restored or copied storage is checked before it is served: its buckets may still be arriving. Faults do not
/// end the inspection; they are counted, and the first ones named. It finds whatever was altered, moved or rolled back row by
/// row, and any gap in a trail. It cannot find a row that is missing where no entry tells of it, or a whole partition that is as
/// it was earlier.
///
/// It needs a page of rows in memory. It computes all the time (a row takes some microseconds), so run it where that holds up
/// nobody.
///
/// # Errors
/// [`OpenError::Key`] where the wrapping key is missing or another one; [`OpenError::Failure`] where storage fails or the
/// founding record is missing. An empty storage is sound.
pub async fn inspect(
    snapshot: &mut dyn Snapshot,
    keys: &dyn KeyProvider,
    report: InspectionReport<'_>,
) -> Result<Inspection, OpenError> {
    let Some(founding) = founding_in(snapshot).await? else { return Ok(Inspection::default()) };
    let vault = Vault::reopen(keys, &founding, Arc::new(Unused), VaultSettings::default()).await;
    let vault = vault.map_err(Failure::from)?;
    Ok(ledger::inspect(&vault, snapshot, report).await.map_err(Failure::from)?)
}

impl Portal {
    /// Opens every seal in a snapshot of the portal's own storage, and follows every audit chain to its head. See [`inspect`].
    ///
    /// # Errors
    /// [`Failure`] where storage fails.
    pub async fn inspect(
        &self,
        snapshot: &mut dyn Snapshot,
        report: InspectionReport<'_>,
    ) -> Result<Inspection, Failure> {
        Ok(ledger::inspect(&self.ledger.vault, snapshot, report).await?)
    }
}

/// Nothing is sealed in an inspection.
#[derive(Debug)]
struct Unused;

impl Entropy for Unused {
    fn fill(&self, _: &mut [u8]) -> Result<(), NoEntropy> {
        Err(NoEntropy)
    }
}
