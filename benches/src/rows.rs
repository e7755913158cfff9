//! What an import writes, row by row: how long each was before it was packed, and after it was sealed.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use mychartum_adapters::fhir::{FhirDelivery, Input, Limits, deliver};
use mychartum_adapters::keys::SecretKeyring;
use mychartum_core::chart::SourceId;
use mychartum_core::packing::{is_packed, unpack};
use mychartum_core::port::Storage as _;
use mychartum_core::port::storage::{Bucket, Collection, Partition, Row, RowId, Scan};
use mychartum_core::portal::Portal;
use mychartum_core::vault::{SealContext, SecretKey, Vault, VaultSettings};
use mychartum_storage::MemoryStorage;
use mychartum_testkit::world::{World, population};
use mychartum_testkit::{ManualClock, SeededEntropy};

/// Documents of one source, each with its name.
#[derive(Debug, Clone)]
pub struct Sent {
    source: SourceId,
    documents: Vec<(String, String)>,
}

/// How FHIR JSON is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// Without a space.
    Compact,
    /// A line a member, indented by so many spaces a level.
    Indented(usize),
}

/// A row that was written: its body before it was packed, and how long it is in storage.
#[derive(Clone)]
pub struct Body {
    /// Where it is kept.
    pub collection: Collection,
    /// Which row.
    pub row: RowId,
    /// What was packed.
    pub plain: Vec<u8>,
    /// Bytes packed.
    pub packed: usize,
    /// Bytes packed and sealed.
    pub sealed: usize,
}

impl core::fmt::Debug for Body {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Body")
            .field("collection", &self.collection)
            .field("sealed", &self.sealed)
            .finish_non_exhaustive()
    }
}

impl Sent {
    /// The synthetic household of a seed, a source at a time.
    ///
    /// # Panics
    /// If the world is not as expected.
    #[must_use]
    pub fn household(seed: u64, today: NaiveDate, written: Written) -> Vec<Self> {
        let mut sent: Vec<Self> = Vec::new();
        for delivery in World::household(seed, today).deliveries() {
            let source = SourceId::parse(delivery.source).unwrap();
            let document = (delivery.name, written.rewrite(&delivery.text));
            match sent.iter_mut().find(|sent| sent.source == source) {
                Some(sent) => sent.documents.push(document),
                None => sent.push(Self { source, documents: vec![document] }),
            }
        }
        sent
    }

    /// A synthetic population, as one NDJSON file.
    ///
    /// # Panics
    /// Never.
    #[must_use]
    pub fn population(seed: u64, patients: usize, results: usize) -> Vec<Self> {
        let text: String = population(seed, patients, results).flat_map(|line| [line, "\n".to_owned()]).collect();
        vec![Self {
            source: SourceId::parse("population").unwrap(),
            documents: vec![("population.ndjson".to_owned(), text)],
        }]
    }

    /// The same population as one bundle, written as is said.
    ///
    /// # Panics
    /// Never.
    #[must_use]
    pub fn population_in_a_bundle(seed: u64, patients: usize, results: usize, written: Written) -> Vec<Self> {
        let entries: Vec<String> =
            population(seed, patients, results).map(|line| format!(r#"{{"resource":{line}}}"#)).collect();
        let bundle = format!(r#"{{"resourceType":"Bundle","type":"collection","entry":[{}]}}"#, entries.join(","));
        vec![Self {
            source: SourceId::parse("population").unwrap(),
            documents: vec![("population.json".to_owned(), written.rewrite(&bundle))],
        }]
    }

    /// The JSON and NDJSON files of a folder.
    ///
    /// # Panics
    /// If it cannot be read.
    #[must_use]
    pub fn folder(folder: &Path) -> Vec<Self> {
        let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "json" || extension == "ndjson"));
        let documents = paths
            .iter()
            .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(path).unwrap()));
        vec![Self { source: SourceId::parse("files").unwrap(), documents: documents.collect() }]
    }

    /// How long all documents are together.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.documents.iter().map(|(_, text)| text.len()).sum()
    }

    /// Takes all documents in.
    ///
    /// # Panics
    /// If anything of them cannot be taken.
    pub async fn deliver(&self, portal: &Portal) {
        let inputs = self.documents.iter().map(|(name, text)| Input::bytes(name, text.as_bytes())).collect();
        let delivery = FhirDelivery::open(inputs, Limits::default(), &mut |_| {});
        let mut intake = portal.intake(self.source.clone()).unwrap();
        assert!(deliver(&mut intake, &delivery, &mut |_| {}).await.unwrap().is_empty());
    }
}

impl Written {
    /// Writes JSON anew, with its members in the order they are in.
    #[must_use]
    pub fn rewrite(self, json: &str) -> String {
        let Self::Indented(step) = self else { return json.to_owned() };
        let mut out = String::with_capacity(json.len() * 2);
        let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
        let line = |out: &mut String, depth: usize| {
            out.push('\n');
            out.extend(core::iter::repeat_n(' ', depth * step));
        };
        let mut before = ' ';
        for letter in json.chars() {
            if quoted {
                out.push(letter);
                quoted = escaped || letter != '"';
                escaped = letter == '\\' && !escaped;
                before = '"';
                continue;
            }
            match letter {
                '}' | ']' => {
                    depth -= 1;
                    if !matches!(before, '{' | '[') {
                        line(&mut out, depth);
                    }
                }
                _ if matches!(before, '{' | '[') => line(&mut out, depth),
                _ => {}
            }
            quoted = letter == '"';
            out.push(letter);
            match letter {
                '{' | '[' => depth += 1,
                ',' => line(&mut out, depth),
                ':' => out.push(' '),
                _ => {}
            }
            before = letter;
        }
        out
    }
}

/// Takes deliveries into a new portal in memory at some time, and gives every row that a source's items were written as.
///
/// Pure: the same deliveries and time give the same bodies.
///
/// # Panics
/// If anything fails.
#[must_use]
pub fn bodies(sent: &[Sent], at: DateTime<Utc>) -> Vec<Body> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let keyring = || SecretKeyring::new(SecretKey::from_bytes([7; 32]));
        let (storage, clock) = (MemoryStorage::new(), ManualClock::at(at));
        let portal = Portal::builder().storage(storage.clone()).keys(keyring()).clock(clock.clone());
        let portal = portal.entropy(SeededEntropy::new(3)).open().await.unwrap();
        for sent in sent {
            let inputs = sent.documents.iter().map(|(name, text)| Input::bytes(name, text.as_bytes())).collect();
            let delivery = FhirDelivery::open(inputs, Limits::default(), &mut |_| {});
            // No two deliveries of the same microsecond, as no two are.
            clock.advance(Duration::microseconds(1_234_567));
            let mut intake = portal.intake(sent.source.clone()).unwrap();
            assert!(deliver(&mut intake, &delivery, &mut |_| {}).await.unwrap().is_empty());
        }
        let only = [RowId::from_bytes([0; 16])];
        let founding = storage.get(Partition::SYSTEM, Collection::new(1), &only).await.unwrap();
        let record = &founding.first().unwrap().body;
        let entropy = Arc::new(SeededEntropy::new(4));
        let vault = Vault::reopen(&keyring(), record, entropy, VaultSettings::default()).await.unwrap();
        let mut all = Vec::new();
        for bucket in Bucket::all() {
            for (partition, _) in storage.heads(bucket, None, u32::MAX).await.unwrap() {
                let wrapped = storage.get(partition, Collection::new(2), &only).await.unwrap();
                let key = vault.partition_key(partition, &wrapped.first().unwrap().body).unwrap();
                let (lists, sections) = (6..=9, 0x100..0x120);
                for collection in lists.chain(sections).map(Collection::new) {
                    for row in rows(&storage, partition, collection).await {
                        let packed = vault.open(&key, &SealContext::of_row(&row), &row.body).unwrap();
                        let plain =
                            if is_packed(&packed) { unpack(&packed).unwrap().to_vec() } else { packed.to_vec() };
                        let (packed, sealed) = (packed.len(), row.body.len());
                        all.push(Body { collection, row: row.row, plain, packed, sealed });
                    }
                }
            }
        }
        all
    })
}

async fn rows(storage: &MemoryStorage, partition: Partition, collection: Collection) -> Vec<Row> {
    let mut scan = Scan::new(partition, collection, 512);
    let mut all = Vec::new();
    loop {
        let rows = storage.scan(&scan).await.unwrap();
        let more = rows.len() == 512;
        scan.after = rows.last().map(Row::position);
        all.extend(rows);
        if !more {
            return all;
        }
    }
}

impl Body {
    /// Where originals are kept.
    pub const ORIGINALS: Collection = Collection::new(6);

    /// Whether it is a typed view.
    #[must_use]
    pub fn is_view(&self) -> bool {
        self.collection.number() >= 0x100
    }

    /// The original in it, behind its head, if it has one.
    #[must_use]
    pub fn original(&self) -> Option<&[u8]> {
        let kept = [6, 7, 9].contains(&self.collection.number());
        let (length, rest) = self.plain.split_first_chunk::<4>().filter(|_| kept)?;
        rest.get(usize::try_from(u32::from_be_bytes(*length)).ok()?..)
    }
}

/// Views with the originals they were read from.
#[must_use]
pub fn items(bodies: &[Body]) -> Vec<(&Body, &Body)> {
    let originals: HashMap<RowId, &Body> =
        bodies.iter().filter(|body| body.collection == Body::ORIGINALS).map(|body| (body.row, body)).collect();
    let views = bodies.iter().filter(|body| body.is_view());
    views.filter_map(|view| Some((view, *originals.get(&view.row)?))).collect()
}
