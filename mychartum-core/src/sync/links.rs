//! Links: the tie between a patient here and the patient at a source.

use serde::{Deserialize, Serialize};

use crate::audit::{Action, Actor, Facts, Outcome, Purpose};
use crate::chart::{SourceId, SourceRef};
use crate::kernel::id::PatientId;
use crate::ledger::{Change, Draft, Failure, Ledger, Stored, encode};
use crate::port::storage::{Partition, StorageErrorKind};
use crate::vault::{IdDomain, TagDomain};

/// The record of a link's entry in the directory.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct LinkRecord {
    patient: PatientId,
}

/// A link was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// The patient at the source is already linked to another chart.
    #[error("link: the patient at the source is linked to another chart")]
    LinkedElsewhere,
    /// The chart does not exist.
    #[error("link: no such chart")]
    NoSuchPatient,
    /// The machinery below failed.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl Ledger {
    fn link_partition(&self, source: &SourceId, patient: &SourceRef) -> Partition {
        let parts = [source.as_str().as_bytes(), patient.kind.as_str().as_bytes(), patient.id.as_str().as_bytes()];
        Partition::directory(self.vault.index().tag(TagDomain::SourcePatient, &parts))
    }

    /// The patient here whom a source calls so.
    pub(crate) async fn linked(&self, source: &SourceId, patient: &SourceRef) -> Result<Option<PatientId>, Failure> {
        let record = self.only_record::<LinkRecord>(self.link_partition(source, patient)).await?;
        Ok(record.map(|(LinkRecord { patient }, _)| patient))
    }

    /// The id that a new patient of a source gets: it follows from what the source calls the patient, so that an import
    /// that was cut off and begins again makes no second chart.
    pub(super) fn new_patient(&self, source: &SourceId, patient: &SourceRef) -> PatientId {
        let parts = [source.as_str().as_bytes(), patient.id.as_str().as_bytes()];
        PatientId::from_bytes(self.vault.index().id(IdDomain::Patient, &parts))
    }

    /// Ties a patient at a source to a chart here. Repeating it changes nothing.
    pub(crate) async fn link(
        &self,
        source: &SourceId,
        at_source: &SourceRef,
        patient: PatientId,
    ) -> Result<(), LinkError> {
        match self.linked(source, at_source).await? {
            Some(known) if known == patient => return Ok(()),
            Some(_) => return Err(LinkError::LinkedElsewhere),
            None => {}
        }
        let put = Draft::first(Stored::RECORD, Stored::ONLY, 0, encode(&LinkRecord { patient })?);
        let facts = Facts {
            subject: Some(patient),
            ..Facts::new(self.now(), Actor::Host, Action::ChartLinked, Purpose::Operations, Outcome::Permitted)
        };
        let partition = self.link_partition(source, at_source);
        match self.record(Change::puts(partition, vec![put]), facts).await {
            Ok(_) => Ok(()),
            Err(Failure::Storage(error)) if error.kind() == StorageErrorKind::Conflict => {
                // Someone was first: fine if it is the same link.
                let same = self.linked(source, at_source).await? == Some(patient);
                if same { Ok(()) } else { Err(LinkError::LinkedElsewhere) }
            }
            Err(failure) => Err(failure.into()),
        }
    }
}
