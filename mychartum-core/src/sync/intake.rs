//! An intake: the parcels of one delivery from one source, taken in batch by batch.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use crate::audit::{Action, Actor, Facts, Outcome, Purpose};
use crate::chart::{SourceId, SourceRef};
use crate::kernel::hidden;
use crate::kernel::id::{DeliveryId, PatientId};
use crate::ledger::{Failure, Ledger};

use super::fate::{Fate, IntakeReport};
use super::filing::Arriving;
use super::links::LinkError;
use super::parcel::{Directory, Parcel, Place, Reading};
use super::quarantine::Doubtful;
use super::reason::Reason;
use super::together::{Work, together};

/// How many items of one patient go into one change set; each writes two or three rows.
const ITEMS_A_CHANGE: usize = 2_000;

/// How many links to patients are kept at hand.
const LINKS_AT_HAND: usize = 50_000;

/// Takes the parcels of one delivery from one source.
///
/// Offer patients before what is about them. Each call to [`offer`](Self::offer) is durable when it returns; an intake that
/// is cut off can simply be done again, since nothing is filed twice.
pub struct Intake {
    ledger: Arc<Ledger>,
    source: SourceId,
    delivery: DeliveryId,
    as_of: Option<DateTime<Utc>>,
    links: HashMap<SourceRef, PatientId>,
    seen: HashSet<PatientId>,
    report: IntakeReport,
}

hidden!(Intake);

/// A parcel that waits for its fate.
struct Waiting {
    place: Place,
    resource: Box<str>,
}

/// Parcels of a chart with what became of them.
type Filed = Vec<(Waiting, Arriving, Fate)>;

impl Intake {
    pub(crate) fn new(ledger: Arc<Ledger>, source: SourceId) -> Result<Self, Failure> {
        let delivery = DeliveryId::from_bytes(ledger.random_id()?);
        let report = IntakeReport::default();
        Ok(Self { ledger, source, delivery, as_of: None, links: HashMap::new(), seen: HashSet::new(), report })
    }

    /// Says of when the source's answer is, such as when it was asked for: for sources that give their items no versions.
    ///
    /// Then deliveries may come in any order and any number of times, and end in the same chart. Without it, what comes later
    /// counts as newer where the source says nothing.
    #[must_use]
    pub const fn as_of(mut self, time: DateTime<Utc>) -> Self {
        self.as_of = Some(time);
        self
    }

    /// Takes a batch of parcels, and returns when what became of them is durable.
    ///
    /// # Errors
    /// [`Failure`]: storage or keys failed. What was filed before stays; offering the same parcels again is safe.
    pub async fn offer(&mut self, parcels: Vec<Parcel>) -> Result<(), Failure> {
        let mut names: Vec<(Waiting, Directory, [u8; 32])> = Vec::new();
        let mut doubtful: Vec<(Waiting, Doubtful)> = Vec::new();
        let mut charts: Vec<(PatientId, Vec<(Waiting, Arriving)>)> = Vec::new();
        let mut index: HashMap<PatientId, usize> = HashMap::new();
        for parcel in parcels {
            let waiting = Waiting { place: parcel.place, resource: parcel.resource };
            match parcel.reading {
                Reading::Unusable(reason) => {
                    let resource = waiting.resource.clone();
                    doubtful.push((waiting, Doubtful { resource, reason, original: parcel.original }));
                }
                Reading::Directory(entry) => {
                    names.push((waiting, entry, Sha256::digest(&parcel.original).into()));
                }
                Reading::Item { identity, version, subject, view, mapping, labels } => {
                    match self.patient_of(&identity, &subject).await? {
                        Some(patient) => {
                            let original = parcel.original;
                            let item = Arriving { identity, version, view, mapping, labels, original };
                            let at = *index.entry(patient).or_insert_with(|| {
                                charts.push((patient, Vec::new()));
                                charts.len() - 1
                            });
                            if let Some((_, items)) = charts.get_mut(at) {
                                items.push((waiting, item));
                            }
                        }
                        None => {
                            let resource = waiting.resource.clone();
                            let reason = Reason::UnknownPatient;
                            doubtful.push((waiting, Doubtful { resource, reason, original: parcel.original }));
                        }
                    }
                }
            }
        }
        self.take_names(names).await?;
        self.take_charts(charts, &mut doubtful).await?;
        self.take_doubtful(doubtful).await
    }

    /// Ends the intake.
    #[must_use]
    pub fn finish(self) -> IntakeReport {
        self.report
    }

    /// What became of the parcels so far.
    #[must_use]
    pub const fn report(&self) -> &IntakeReport {
        &self.report
    }

    fn facts(&self, action: Action) -> Facts {
        let now = self.ledger.now();
        let delivery = Some(self.delivery);
        Facts { delivery, ..Facts::new(now, Actor::Host, action, Purpose::Operations, Outcome::Permitted) }
    }

    /// The chart that something belongs to. A patient who is new gets one; whatever else is about somebody unknown gets none.
    async fn patient_of(&mut self, identity: &SourceRef, subject: &SourceRef) -> Result<Option<PatientId>, Failure> {
        if let Some(patient) = self.links.get(subject) {
            return Ok(Some(*patient));
        }
        let known = self.ledger.linked(&self.source, subject).await?;
        let patient = match known {
            Some(patient) => patient,
            None if identity == subject => {
                let patient = self.ledger.new_patient(&self.source, subject);
                self.ledger.link(&self.source, subject, patient).await.map_err(|error| match error {
                    LinkError::Failure(failure) => failure,
                    LinkError::LinkedElsewhere | LinkError::NoSuchPatient => {
                        Failure::Damaged("link: changed while it was made")
                    }
                })?;
                patient
            }
            None => return Ok(None),
        };
        if self.links.len() >= LINKS_AT_HAND {
            self.links.clear();
        }
        self.links.insert(subject.clone(), patient);
        Ok(Some(patient))
    }

    async fn take_names(&mut self, names: Vec<(Waiting, Directory, [u8; 32])>) -> Result<(), Failure> {
        let facts = self.facts(Action::Import);
        let mut waiting = Vec::with_capacity(names.len());
        let mut entries = Vec::with_capacity(names.len());
        for (place, entry, hash) in names {
            waiting.push(place);
            entries.push((entry, hash));
        }
        let fates = self.ledger.file_names(&self.source, &entries, self.as_of, facts).await?;
        for (Waiting { place, resource }, fate) in waiting.into_iter().zip(fates) {
            self.report.count(place, resource, fate);
        }
        Ok(())
    }

    /// Files the items of several charts at once: their change sets are apart, and a storage flushes them together.
    async fn take_charts(
        &mut self,
        charts: Vec<(PatientId, Vec<(Waiting, Arriving)>)>,
        doubtful: &mut Vec<(Waiting, Doubtful)>,
    ) -> Result<(), Failure> {
        for (patient, _) in &charts {
            if self.seen.insert(*patient) {
                self.report.patients.push(*patient);
            }
        }
        let this = &*self;
        let work: Vec<Work<'_, Result<Filed, Failure>>> = charts
            .into_iter()
            .map(|(patient, items)| Box::pin(this.file_chart(patient, items)) as Work<'_, _>)
            .collect();
        // What was filed is counted even if another chart failed; the failure is told after that.
        let mut failed = None;
        for filed in together(work).await {
            match filed {
                Err(failure) => failed = Some(failure),
                Ok(filed) => filed.into_iter().for_each(|(waiting, item, fate)| match fate {
                    Fate::SetAside(reason) => {
                        let resource = waiting.resource.clone();
                        doubtful.push((waiting, Doubtful { resource, reason, original: item.original }));
                    }
                    fate => self.report.count(waiting.place, waiting.resource, fate),
                }),
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// Files the items of one chart, in their order.
    async fn file_chart(&self, patient: PatientId, items: Vec<(Waiting, Arriving)>) -> Result<Filed, Failure> {
        let mut filed = Vec::with_capacity(items.len());
        let mut waiting = Vec::new();
        let mut batch: Vec<Arriving> = Vec::new();
        let mut identities: HashSet<SourceRef> = HashSet::new();
        for (place, item) in items {
            // The same thing twice: the first has to be there before the second can be compared with it.
            if batch.len() >= ITEMS_A_CHANGE || identities.contains(&item.identity) {
                self.file(patient, &mut waiting, &mut batch, &mut filed).await?;
                identities.clear();
            }
            identities.insert(item.identity.clone());
            waiting.push(place);
            batch.push(item);
        }
        self.file(patient, &mut waiting, &mut batch, &mut filed).await?;
        Ok(filed)
    }

    async fn file(
        &self,
        patient: PatientId,
        waiting: &mut Vec<Waiting>,
        batch: &mut Vec<Arriving>,
        filed: &mut Filed,
    ) -> Result<(), Failure> {
        let fates = self.ledger.file((&self.source, self.as_of), patient, batch, self.facts(Action::Import)).await?;
        let items = waiting.drain(..).zip(batch.drain(..)).zip(fates);
        filed.extend(items.map(|((waiting, item), fate)| (waiting, item, fate)));
        Ok(())
    }

    async fn take_doubtful(&mut self, doubtful: Vec<(Waiting, Doubtful)>) -> Result<(), Failure> {
        let facts = self.facts(Action::Quarantine);
        let (waiting, parcels): (Vec<Waiting>, Vec<Doubtful>) = doubtful.into_iter().unzip();
        self.ledger.quarantine(&self.source, &parcels, facts).await?;
        for (Waiting { place, resource }, parcel) in waiting.into_iter().zip(&parcels) {
            self.report.count(place, resource, Fate::SetAside(parcel.reason));
        }
        Ok(())
    }
}
