//! Charts filled in bulk: the rows that an import would write, sealed with the portal's keys, in large change sets.

use std::sync::Arc;

use mychartum_core::audit::{Action, Actor, Facts, Outcome, Purpose, append};
use mychartum_core::chart::{
    Interpretation, Observation, ObservationCategory, ObservationStatus, Party, Provenance, ReferenceRange, Section,
    SourceId, SourceRef, SourceVersion, Value, View,
};
use mychartum_core::kernel::id::{ChangeSetId, DeliveryId, PatientId};
use mychartum_core::kernel::text::Label;
use mychartum_core::kernel::{CodeSystem, Coding, Concept, Quantity, Unit};
use mychartum_core::packing::{Packing, pack};
use mychartum_core::port::storage::{ChangeSet, Collection, Expect, Head, Partition, Put, RowId, Tag};
use mychartum_core::port::{Clock as _, Storage};
use mychartum_core::vault::{IdDomain, PartitionKey, SealContext, TagDomain, Vault};
use mychartum_testkit::ManualClock;
use serde::Serialize;

use crate::house::{House, KEYS};
use crate::writer::noise;

/// Where the ledger keeps audit entries.
const ENTRIES: Collection = Collection::new(3);

/// Rows of one change set, its key and its entry not counted.
const ROWS_A_CHANGE: usize = 5_000;

/// How many charts are filled at the same time, so that they share syncs of the disk.
const AT_ONCE: u64 = 32;

const SOURCE: &str = "riverside-clinic";

/// LOINC code, name, unit, value, low and high.
const ANALYTES: [(&str, &str, &str, &str, &str, &str); 6] = [
    ("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood", "%", "6.1", "4.0", "5.6"),
    ("2160-0", "Creatinine [Mass/volume] in Serum or Plasma", "mg/dL", "0.94", "0.60", "1.20"),
    ("2823-3", "Potassium [Moles/volume] in Serum or Plasma", "mmol/L", "4.2", "3.5", "5.1"),
    ("2951-2", "Sodium [Moles/volume] in Serum or Plasma", "mmol/L", "139", "135", "145"),
    ("2093-3", "Cholesterol [Mass/volume] in Serum or Plasma", "mg/dL", "188", "120", "200"),
    ("718-7", "Hemoglobin [Mass/volume] in Blood", "g/dL", "13.4", "12.0", "15.5"),
];

/// An item's row as the ledger writes it.
#[derive(Serialize)]
struct Record {
    n: u64,
    v: View,
    p: Provenance,
}

/// Writes charts into any storage, with one vault's keys.
#[derive(Debug, Clone)]
pub struct Filler {
    storage: Arc<dyn Storage>,
    vault: Arc<Vault>,
}

/// A chart that is being filled: what was added since its last commit, and where it stands.
#[derive(Debug)]
pub struct Chart {
    /// Whose it is.
    pub partition: Partition,
    key: Arc<PartitionKey>,
    head: Head,
    rows: u64,
    puts: Vec<Put>,
}

impl Filler {
    /// Fills this house's storage.
    ///
    /// # Panics
    /// If the house cannot be read.
    #[must_use]
    pub fn new(house: &House) -> Self {
        Self { storage: Arc::clone(&house.storage), vault: Arc::new(house.vault()) }
    }

    /// The keys.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Where results are kept.
    #[must_use]
    pub const fn results() -> Collection {
        Collection::new(0x100 + Section::Results.number() as u16)
    }

    /// The patient with this number.
    #[must_use]
    pub fn patient(&self, number: u64) -> PatientId {
        PatientId::from_bytes(self.vault.index().id(IdDomain::Patient, &[&number.to_be_bytes()]))
    }

    /// What a kept database is recognised by: the form of its rows.
    ///
    /// # Panics
    /// If anything fails.
    #[must_use]
    pub fn form() -> Vec<u8> {
        [&b"3 "[..], &body(0).1].concat()
    }

    /// The order and the plain body of so many results; the first is the oldest.
    ///
    /// # Panics
    /// If anything fails.
    #[must_use]
    pub fn bodies(results: usize) -> Vec<(i64, Vec<u8>)> {
        (0..results).map(body).collect()
    }

    /// Begins a new chart: its key is the first row to be committed.
    ///
    /// # Panics
    /// If anything fails.
    #[must_use]
    pub fn begin(&self, patient: PatientId) -> Chart {
        let partition = Partition::patient(patient);
        let (key, body) = self.vault.new_partition_key(partition).unwrap();
        let row = RowId::from_bytes([0; 16]);
        let put = Put { collection: KEYS, row, version: 1, order: 0, tags: Vec::new(), body };
        Chart { partition, key, head: Head::EMPTY, rows: 0, puts: vec![put] }
    }

    /// The tags of a chart's analytes, which its results take turns in.
    #[must_use]
    pub fn tags(&self, chart: &Chart) -> Vec<Tag> {
        let tag = |code: &str| self.vault.index().tag(TagDomain::Analyte, &[&chart.partition.id(), code.as_bytes()]);
        ANALYTES.iter().map(|(code, ..)| tag(code)).collect()
    }

    /// Packs a body as the ledger does: compressed with the dictionary for views, and padded.
    #[must_use]
    pub fn pack(body: &[u8]) -> Vec<u8> {
        pack(body, Packing::View).to_vec()
    }

    /// Seals a new row of results, its body as it is given.
    ///
    /// # Panics
    /// If anything fails.
    pub fn add(&self, chart: &mut Chart, order: i64, tags: &[Tag], body: &[u8]) {
        // Ids are keyed hashes in an import too: they have nothing to do with the order.
        let row = RowId::from_bytes(noise(chart.rows, 16).try_into().unwrap());
        chart.rows += 1;
        let tags = tags.to_vec();
        let mut put = Put { collection: Self::results(), row, version: 1, order, tags, body: Vec::new() };
        put.body = self.seal(&chart.key, chart.partition, &put, body);
        chart.puts.push(put);
    }

    /// Commits what was added, with the entry of its import.
    ///
    /// # Panics
    /// If anything fails.
    pub async fn commit(&self, chart: &mut Chart) {
        let (partition, head) = (chart.partition, chart.head);
        let now = ManualClock::default().now();
        let facts = Facts::new(now, Actor::Host, Action::Import, Purpose::Operations, Outcome::Permitted);
        let added = append(head.audit, self.vault.tenant(), partition, facts).unwrap();
        let mut entry = added.put(ENTRIES, Vec::new());
        entry.body = self.seal(&self.vault.audit_key(partition), partition, &entry, &added.body);
        let mut puts = core::mem::take(&mut chart.puts);
        puts.push(entry);
        let [id, ..] = added.head.link.as_chunks::<16>().0 else { panic!("a link has 32 bytes") };
        let set = ChangeSet {
            id: ChangeSetId::from_bytes(*id),
            partition,
            expect: Expect { revision: head.revision, epoch: head.epoch },
            puts,
            deletes: Vec::new(),
            audit: added.head,
        };
        let receipt = self.storage.commit(&set).await.unwrap();
        chart.head = Head { revision: receipt.revision, audit: added.head, epoch: head.epoch };
    }

    /// Makes a new chart with so many results, in one change set or a few.
    ///
    /// # Panics
    /// If anything fails.
    pub async fn chart(&self, patient: PatientId, results: usize) {
        let mut chart = self.begin(patient);
        let tags = self.tags(&chart);
        for number in 0..results {
            let (order, body) = body(number);
            let tag = tags.iter().cycle().nth(number % tags.len()).copied();
            self.add(&mut chart, order, tag.as_slice(), &Self::pack(&body));
            if chart.puts.len() >= ROWS_A_CHANGE {
                self.commit(&mut chart).await;
            }
        }
        self.commit(&mut chart).await;
    }

    /// Makes so many new charts, from patient 0 on; many are on their way at the same time.
    ///
    /// # Panics
    /// If anything fails.
    pub async fn charts(&self, charts: u64, results: usize) {
        let tasks: Vec<_> = (0..AT_ONCE)
            .map(|first| {
                let filler = self.clone();
                tokio::spawn(async move {
                    let mut number = first;
                    while number < charts {
                        filler.chart(filler.patient(number), results).await;
                        number += AT_ONCE;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    }

    fn seal(&self, key: &PartitionKey, partition: Partition, put: &Put, body: &[u8]) -> Vec<u8> {
        self.vault.seal(key, &SealContext::of_put(partition, put), body).unwrap()
    }
}

/// The order and the body of a chart's result; number 0 is the oldest.
fn body(number: usize) -> (i64, Vec<u8>) {
    let (loinc, name, unit, value, low, high) = ANALYTES.iter().cycle().nth(number % ANALYTES.len()).copied().unwrap();
    let label = |text: &str| Label::parse(text).unwrap();
    let amount = |text: &str| Quantity { value: text.parse().unwrap(), comparator: None, unit: Unit::of(unit) };
    // A result every three days, from 2005 on.
    let at = chrono_text(number);
    let view = Observation {
        status: ObservationStatus::Final,
        category: ObservationCategory::Laboratory,
        code: Concept {
            codings: vec![Coding { system: CodeSystem::Loinc, code: label(loinc), display: Some(label(name)) }],
            text: Some(label(name)),
        },
        effective: Some(at.parse().unwrap()),
        issued: Some(at.parse().unwrap()),
        value: Value::Quantity(amount(value)),
        interpretation: vec![Interpretation::Normal],
        ranges: vec![ReferenceRange { low: Some(amount(low)), high: Some(amount(high)), text: None, applies_to: None }],
        components: Vec::new(),
        specimen: None,
        method: None,
        body_site: None,
        performers: vec![Party {
            name: Some(label("Riverside Laboratory")),
            at: Some(SourceRef { kind: label("Organization"), id: label("riverside-laboratory") }),
        }],
        notes: Vec::new(),
        encounter: None,
        members: Vec::new(),
    };
    let order = view.at().unwrap().order();
    let provenance = Provenance {
        source: SourceId::parse(SOURCE).unwrap(),
        source_type: label("Observation"),
        source_id: label(&format!("8f14e45f-ceea-467f-9f61-{number:012}")),
        version: SourceVersion { id: Some(label("1")), last_updated: Some(at.parse().unwrap()), ..Default::default() },
        received_at: ManualClock::default().now(),
        as_of: None,
        delivery: DeliveryId::from_bytes([5; 16]),
        original_hash: [0xa5; 32],
        mapping: 1,
        labels: mychartum_core::kernel::SensitivitySet::NONE,
    };
    let mut body = vec![1];
    serde_json::to_writer(&mut body, &Record { n: 1, v: View::Observation(Box::new(view)), p: provenance }).unwrap();
    (order, body)
}

/// Noon of a day; days are counted in months of 28.
fn chrono_text(number: usize) -> String {
    let day = number * 3;
    format!("{:04}-{:02}-{:02}T12:00:00Z", 2005 + day / 336, day % 336 / 28 + 1, day % 28 + 1)
}
