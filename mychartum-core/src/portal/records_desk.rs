//! The records team's desk: what could not be filed, and whose it is.

use crate::audit::Facts;
use crate::chart::{SourceId, SourceRef};
use crate::kernel::id::{AccountId, DeliveryId, PatientId, QuarantineId};
use crate::ledger::Failure;
use crate::port::storage::{Partition, Position};
use crate::sync::{Dismissal, LinkError, MergeCase, QuarantineError, QuarantinePage, Quarantined, Tie, by_staff};

use super::portal::Portal;

impl Portal {
    /// A page of what a source sent and could not be filed, the oldest first. It tells nothing of what the
    /// parcels say but what the source calls the patient.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn quarantine(
        &self,
        source: &SourceId,
        after: Option<Position>,
        limit: u32,
    ) -> Result<QuarantinePage, Failure> {
        self.ledger.quarantine_page(source, after, limit).await
    }

    /// A member of the records team looks at a parcel in quarantine; the source's trail says so first.
    ///
    /// # Errors
    /// [`QuarantineError::NotFound`].
    pub async fn open_quarantined(
        &self,
        staff: AccountId,
        source: &SourceId,
        id: QuarantineId,
    ) -> Result<Quarantined, QuarantineError> {
        self.ledger.look_at_quarantined(source, id, self.desk_facts(staff)?).await
    }

    /// Staff say that a parcel stays in quarantine and needs nobody any more. Sending it again changes nothing;
    /// [`reopen_quarantined`](Self::reopen_quarantined) takes it back.
    ///
    /// # Errors
    /// [`QuarantineError::NotFound`].
    pub async fn dismiss_quarantined(
        &self,
        staff: AccountId,
        source: &SourceId,
        id: QuarantineId,
    ) -> Result<(), QuarantineError> {
        let facts = self.desk_facts(staff)?;
        self.ledger.dismiss(source, id, Some(Dismissal { by: staff, at: facts.at }), facts).await
    }

    /// Staff say that a parcel needs somebody again.
    ///
    /// # Errors
    /// [`QuarantineError::NotFound`].
    pub async fn reopen_quarantined(
        &self,
        staff: AccountId,
        source: &SourceId,
        id: QuarantineId,
    ) -> Result<(), QuarantineError> {
        self.ledger.dismiss(source, id, None, self.desk_facts(staff)?).await
    }

    /// Staff say whose a parcel is. Its patient at the source is tied to the chart, and everything that waits for that patient is filed;
    /// returns how many parcels that were. [`retract`](Self::retract) takes it back.
    ///
    /// Of two versions between which nothing decides, it says that this one counts.
    ///
    /// # Errors
    /// [`QuarantineError::Unreadable`] for what no adapter could read; [`LinkError::NoSuchPatient`],
    /// [`LinkError::LinkedElsewhere`].
    pub async fn file_quarantined(
        &self,
        staff: AccountId,
        source: &SourceId,
        id: QuarantineId,
        patient: PatientId,
    ) -> Result<u64, QuarantineError> {
        if !self.ledger.exists(Partition::patient(patient)).await? {
            return Err(LinkError::NoSuchPatient.into());
        }
        self.ledger.file_quarantined(source, id, patient, self.desk_facts(staff)?).await
    }

    /// Staff say that what a source sent of a patient is not this chart's: all of it leaves the chart at once and waits in quarantine
    /// until somebody says whose it is. Both trails keep what happened.
    ///
    /// # Errors
    /// [`LinkError::OwnChart`] for a chart that was made for this very patient of the source: then another chart's link is wrong.
    pub async fn retract(&self, staff: AccountId, source: &SourceId, at_source: &SourceRef) -> Result<(), LinkError> {
        self.ledger.relink(source, at_source, None, self.desk_facts(staff)?).await.map(drop)
    }

    /// Staff say that what a source sent of a patient belongs to another chart: all of it moves there.
    ///
    /// # Errors
    /// [`LinkError::NoSuchPatient`].
    pub async fn refile(
        &self,
        staff: AccountId,
        source: &SourceId,
        at_source: &SourceRef,
        patient: PatientId,
    ) -> Result<(), LinkError> {
        if !self.ledger.exists(Partition::patient(patient)).await? {
            return Err(LinkError::NoSuchPatient);
        }
        self.ledger.relink(source, at_source, Some(patient), self.desk_facts(staff)?).await.map(drop)
    }

    /// What a source said of its names for patients, and how that stands now; the newest first.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn patient_merges(&self, source: &SourceId, limit: u32) -> Result<Vec<MergeCase>, Failure> {
        self.ledger.merge_cases(source, limit).await
    }

    /// Staff tie two of a source's names for patients, or take them apart. It counts from now on: what the source said before, and says
    /// again, does not undo it.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn say_of_patients(
        &self,
        staff: AccountId,
        source: &SourceId,
        (survivor, merged): (&SourceRef, &SourceRef),
        tie: Tie,
    ) -> Result<(), Failure> {
        self.ledger.say_of_names(source, (survivor, merged), tie, self.desk_facts(staff)?).await.map(drop)
    }

    fn desk_facts(&self, staff: AccountId) -> Result<Facts, Failure> {
        Ok(by_staff(staff, DeliveryId::from_bytes(self.ledger.random_id()?), self.ledger.now()))
    }
}
