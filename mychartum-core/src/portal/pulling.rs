//! Pulling a patient's record from a source, and how that goes.

use crate::chart::{SourceId, SourceRef};
use crate::ledger::Failure;
use crate::port::RecordSource;
use crate::sync::{LinkHealth, PullReport};

use super::portal::Portal;

impl Portal {
    /// Pulls what changed in a patient's record at a source, category by category. One that fails does not keep the others back, and
    /// goes on next time where it was.
    ///
    /// Call it for one patient of a source once at a time, and not before [`LinkHealth::retry_at`].
    ///
    /// # Errors
    /// [`Failure`] of storage or keys. What the source answers is in the report.
    pub async fn pull(
        &self,
        source: &SourceId,
        at_source: &SourceRef,
        from: &dyn RecordSource,
    ) -> Result<PullReport, Failure> {
        self.ledger.pull(self.intake(source.clone())?, (source, at_source), from).await
    }

    /// How pulling a patient's record from a source went so far, category by category.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn link_health(&self, source: &SourceId, at_source: &SourceRef) -> Result<LinkHealth, Failure> {
        self.ledger.link_health(source, at_source).await
    }
}
