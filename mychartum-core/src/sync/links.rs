//! Links: the tie between a patient here and what a source calls the patient.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::audit::{Action, Actor, Facts, Outcome, Purpose};
use crate::chart::{SourceId, SourceRef, SourceVersion};
use crate::kernel::hidden;
use crate::kernel::id::PatientId;
use crate::ledger::{Change, Draft, Failure, Ledger, Stored, encode};
use crate::port::storage::{Partition, StorageErrorKind};
use crate::vault::{IdDomain, TagDomain};

/// The record of what a source calls a patient.
///
/// INVARIANT (an item is where its subject leads): the chart of an item is the one that its subject's record leads to, by way of
/// the name that it was merged into. Whoever changes a record moves what is filed under it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LinkRecord {
    /// The chart that is its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) patient: Option<PatientId>,
    /// The name that it was merged into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) into: Option<SourceRef>,
    /// What is known of the last statement that merged it or took it apart; older ones change nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) said: Option<SourceVersion>,
    /// The name whose chart it goes on in, where it came by its chart in a merge; taken apart again, it gets one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) adopted: Option<SourceRef>,
    /// Names that were merged into it at any time; whether they lead here still, their own records say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) names: Vec<SourceRef>,
}

hidden!(LinkRecord);

/// A link was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// The patient at the source is already linked to another chart.
    #[error("link: the patient at the source is linked to another chart")]
    LinkedElsewhere,
    /// The chart does not exist.
    #[error("link: no such chart")]
    NoSuchPatient,
    /// The chart was made for this very patient of the source.
    #[error("link: the chart is the patient's own")]
    OwnChart,
    /// The machinery below failed.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl Ledger {
    fn link_partition(&self, source: &SourceId, patient: &SourceRef) -> Partition {
        let parts = [source.as_str().as_bytes(), patient.kind.as_str().as_bytes(), patient.id.as_str().as_bytes()];
        Partition::directory(self.vault.index().tag(TagDomain::SourcePatient, &parts))
    }

    /// What is known of a source's name for a patient, with the record's version; 0 where there is none.
    pub(super) async fn link_record(
        &self,
        source: &SourceId,
        patient: &SourceRef,
    ) -> Result<(LinkRecord, u64), Failure> {
        Ok(self.only_record(self.link_partition(source, patient)).await?.unwrap_or_default())
    }

    /// The patient here whom a source calls so: of the name itself or, where it was merged, of the one that goes on.
    pub(crate) async fn linked(&self, source: &SourceId, patient: &SourceRef) -> Result<Option<PatientId>, Failure> {
        let (record, _) = self.survivor(source, patient).await?;
        Ok(record.patient)
    }

    /// The record of the name that goes on for a name, and that name.
    pub(super) async fn survivor(
        &self,
        source: &SourceId,
        patient: &SourceRef,
    ) -> Result<(LinkRecord, SourceRef), Failure> {
        let mut name = patient.clone();
        let mut passed = HashSet::new();
        loop {
            let (record, _) = self.link_record(source, &name).await?;
            match &record.into {
                Some(into) if passed.insert(name.clone()) => name = into.clone(),
                // A circle leads nowhere: what belongs to it waits.
                Some(_) => return Ok((LinkRecord::default(), name)),
                None => return Ok((record, name)),
            }
        }
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
        let facts = Facts::new(self.now(), Actor::Host, Action::ChartLinked, Purpose::Operations, Outcome::Permitted);
        let outcome = self
            .change_link(source, at_source, facts, |record| match record.patient {
                Some(known) if known == patient => Ok(None),
                Some(_) => Err(LinkError::LinkedElsewhere),
                None => Ok(Some(LinkRecord { patient: Some(patient), ..record.clone() })),
            })
            .await?;
        outcome.map(drop)
    }

    /// Ties a patient at a source to another chart than before, or to none: what is filed goes along. Returns how many parcels of
    /// quarantine were filed.
    pub(crate) async fn relink(
        &self,
        source: &SourceId,
        name: &SourceRef,
        patient: Option<PatientId>,
        facts: Facts,
    ) -> Result<u64, LinkError> {
        let before = self.linked(source, name).await?;
        // The one that goes on is who is tied to a chart; a name that was merged into it follows.
        let (_, goes_on) = self.survivor(source, name).await?;
        let own = self.new_patient(source, &goes_on);
        let action = if patient.is_some() { Action::ChartLinked } else { Action::Retract };
        let facts = Facts { action, ..facts };
        self.change_link(source, &goes_on, facts, |record| match patient {
            None if record.patient == Some(own) => Err(LinkError::OwnChart),
            patient if patient == record.patient => Ok(None),
            patient => Ok(Some(LinkRecord { patient, ..record.clone() })),
        })
        .await??;
        let facts = Facts { action: Action::Retract, ..facts };
        Ok(self.settle_names(source, &[&goes_on, name], &[before], facts).await?)
    }

    /// Changes the record of a source's name for a patient, as long as a step says how; returns what it was and what it is.
    pub(super) async fn change_link<E>(
        &self,
        source: &SourceId,
        name: &SourceRef,
        facts: Facts,
        step: impl Fn(&LinkRecord) -> Result<Option<LinkRecord>, E>,
    ) -> Result<Result<(LinkRecord, LinkRecord), E>, Failure> {
        let partition = self.link_partition(source, name);
        let mut patience = crate::ledger::Patience::default();
        loop {
            let (before, version) = self.link_record(source, name).await?;
            let after = match step(&before) {
                Err(refused) => return Ok(Err(refused)),
                Ok(None) => return Ok(Ok((before.clone(), before))),
                Ok(Some(after)) => after,
            };
            let put = Draft { version: version + 1, ..Draft::first(Stored::RECORD, Stored::ONLY, 0, encode(&after)?) };
            let facts = Facts { subject: after.patient.or(before.patient), ..facts };
            match self.record(Change::puts(partition, vec![put]), facts).await {
                Ok(_) => return Ok(Ok((before, after))),
                // Someone was first: the step looks again.
                Err(Failure::Storage(error)) if error.kind() == StorageErrorKind::Conflict && patience.is_left() => {}
                Err(failure) => return Err(failure),
            }
        }
    }
}
