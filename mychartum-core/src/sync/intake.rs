//! An intake: the parcels of one delivery from one source, taken in batch by batch.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use crate::audit::{Action, Actor, Facts, Outcome, Purpose};
use crate::chart::{Provenance, SourceId, SourceRef, SourceVersion};
use crate::kernel::id::{DeliveryId, PatientId};
use crate::kernel::{SensitivitySet, hidden};
use crate::ledger::{Failure, Ledger};

use super::fate::{Fate, IntakeReport};
use super::filing::{Arriving, Doubt};
use super::links::LinkError;
use super::parcel::{Directory, Parcel, Place, Reading};
use super::quarantine::{Content, Doubtful};
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

impl Waiting {
    fn doubtful(self, reason: Reason, content: Content) -> (Self, Doubtful) {
        let resource = self.resource.clone();
        (self, Doubtful { resource, reason, content })
    }
}

/// Whom a batch is about, and where that led when its items were sorted.
#[derive(Default)]
struct Subjects {
    led: HashMap<SourceRef, Option<PatientId>>,
    introduced: HashSet<SourceRef>,
}

impl Subjects {
    fn note(&mut self, subject: &SourceRef, patient: Option<PatientId>, introduces: bool) {
        match self.led.get_mut(subject) {
            Some(led) => *led = (*led).or(patient),
            None => {
                self.led.insert(subject.clone(), patient);
            }
        }
        if introduces && !self.introduced.contains(subject) {
            self.introduced.insert(subject.clone());
        }
    }
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
        let mut subjects = Subjects::default();
        // Merges come first: a name that goes on and is new here goes on in the chart of the other, and gets none of its own.
        let (merges, parcels): (Vec<Parcel>, Vec<Parcel>) =
            parcels.into_iter().partition(|parcel| matches!(parcel.reading, Reading::Merge(_)));
        self.take_merges(merges, &mut doubtful).await?;
        for parcel in parcels {
            let waiting = Waiting { place: parcel.place, resource: parcel.resource };
            match parcel.reading {
                Reading::Unusable(reason) => doubtful.push(waiting.doubtful(reason, Content::Bytes(parcel.original))),
                Reading::Directory(entry) => names.push((waiting, entry, Sha256::digest(&parcel.original).into())),
                // Taken above.
                Reading::Merge(_) => {}
                Reading::Item { identity, version, subject, view, mapping, labels } => {
                    let patient = self.patient_of(&identity, &subject).await?;
                    subjects.note(&subject, patient, identity == subject);
                    let original = parcel.original;
                    let provenance = self.provenance((identity, version), &original, (mapping, labels));
                    let item = Arriving { provenance, subject, view, original };
                    let Some(patient) = patient else {
                        doubtful.push(waiting.doubtful(Reason::UnknownPatient, Content::Item(Box::new(item))));
                        continue;
                    };
                    let at = *index.entry(patient).or_insert_with(|| {
                        charts.push((patient, Vec::new()));
                        charts.len() - 1
                    });
                    if let Some((_, items)) = charts.get_mut(at) {
                        items.push((waiting, item));
                    }
                }
            }
        }
        self.take_names(names).await?;
        self.take_charts(charts, &mut doubtful).await?;
        self.take_doubtful(doubtful).await?;
        self.look_again(subjects).await?;
        self.ledger.note_heard(&self.source).await
    }

    /// Takes back what the source says it has no more of a patient, as of a time; returns how many items that was.
    ///
    /// An item that is not this patient's, or not this source's, or that is not there, is left alone. What the source says again later
    /// stands again.
    ///
    /// # Errors
    /// [`Failure`]; doing it again is safe.
    pub async fn withdraw(
        &mut self,
        subject: &SourceRef,
        names: &[SourceRef],
        at: DateTime<Utc>,
    ) -> Result<u64, Failure> {
        let Some(patient) = self.ledger.linked(&self.source, subject).await? else { return Ok(0) };
        let facts = self.facts(Action::Import);
        self.ledger.withdraw(&self.source, (patient, subject), (names, at), facts).await
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

    /// Where an arriving item comes from.
    fn provenance(
        &self,
        (identity, version): (SourceRef, SourceVersion),
        original: &[u8],
        (mapping, labels): (u16, SensitivitySet),
    ) -> Provenance {
        Provenance {
            source: self.source.clone(),
            source_type: identity.kind,
            source_id: identity.id,
            version,
            received_at: self.ledger.now(),
            as_of: self.as_of,
            delivery: self.delivery,
            original_hash: Sha256::digest(original).into(),
            mapping,
            labels,
        }
    }

    /// The chart that something belongs to. A patient who is new gets one; whatever else is about somebody unknown gets none.
    async fn patient_of(&mut self, identity: &SourceRef, subject: &SourceRef) -> Result<Option<PatientId>, Failure> {
        if let Some(patient) = self.links.get(subject) {
            return Ok(Some(*patient));
        }
        let (known, name) = self.ledger.survivor(&self.source, subject).await?;
        let patient = match known.patient {
            Some(patient) => patient,
            None if identity == subject => {
                let patient = self.ledger.new_patient(&self.source, &name);
                self.ledger.link(&self.source, &name, patient).await.map_err(|error| match error {
                    LinkError::Failure(failure) => failure,
                    LinkError::LinkedElsewhere | LinkError::NoSuchPatient | LinkError::OwnChart => {
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

    /// Takes what the source says of its names for patients, one after the other.
    async fn take_merges(
        &mut self,
        merges: Vec<Parcel>,
        doubtful: &mut Vec<(Waiting, Doubtful)>,
    ) -> Result<(), Failure> {
        for Parcel { place, resource, reading, original } in merges {
            let Reading::Merge(merge) = reading else { continue };
            let waiting = Waiting { place, resource };
            self.links.clear();
            match self.ledger.merge(&self.source, &merge, &original, self.facts(Action::Merge)).await? {
                Fate::SetAside(reason) => doubtful.push(waiting.doubtful(reason, Content::Bytes(original))),
                fate => self.report.count(waiting.place, waiting.resource, fate),
            }
        }
        Ok(())
    }

    /// Looks again where the subjects of a batch lead: what waited for one who is known now is filed, and what was filed while somebody
    /// else changed a link is moved (INVARIANT (an item is where its subject leads)).
    async fn look_again(&mut self, subjects: Subjects) -> Result<(), Failure> {
        let Subjects { led, introduced } = subjects;
        for (subject, led) in led {
            let leads = self.ledger.linked(&self.source, &subject).await?;
            let facts = self.facts(Action::Merge);
            if let Some(chart) = led.filter(|chart| leads != Some(*chart)) {
                self.links.clear();
                self.ledger.settle(&self.source, chart, facts).await?;
            }
            if let Some(chart) = leads.filter(|_| led.is_none() || introduced.contains(&subject)) {
                self.report.released += self.ledger.let_in_all(&self.source, &subject, chart, facts).await?;
            }
        }
        Ok(())
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
                    Fate::SetAside(reason) => doubtful.push(waiting.doubtful(reason, Content::Item(Box::new(item)))),
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
            if batch.len() >= ITEMS_A_CHANGE || identities.contains(&item.identity()) {
                self.file(patient, &mut waiting, &mut batch, &mut filed).await?;
                identities.clear();
            }
            identities.insert(item.identity());
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
        let fates =
            self.ledger.file(&self.source, patient, batch, (self.facts(Action::Import), Doubt::SetAside)).await?;
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
