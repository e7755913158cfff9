//! How a chart stands: whose it is, who may act for them, and what was said of single items.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::access::consent::Part2Consent;
use crate::access::grant::{GrantIndex, ProxyGrant, Terms};
use crate::access::pack::PolicyPack;
use crate::access::{AgeClock, Assent, Life, Majority, SensitivitySet, Subject, Wish};
use crate::chart::{Section, View};
use crate::kernel::PartialDate;
use crate::kernel::hidden;
use crate::kernel::id::{AccountId, GrantId, ItemId, PatientId};
use crate::ledger::{Failure, Ledger, Stored, decode, section_collection};
use crate::port::storage::{Collection, Partition, Row, RowId, Scan};
use crate::sync::{ItemRecord, PersonRecord};

use super::clinic_side::Hold;

/// How many rows are read at once.
const PAGE: u32 = 512;

/// What the clinic knows of a patient's standing that no record says.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct SubjectRecord {
    /// A minor's assent: given or refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) assent: Option<bool>,
    #[serde(default)]
    pub(super) emancipated: bool,
    #[serde(default)]
    pub(super) merged: bool,
    /// How the patient wants to meet new results, by the section's number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) wishes: Vec<(u8, Wish)>,
    /// Whether there are written consents, so that nobody looks for them where there are none.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub(super) has_consents: bool,
    /// The name of the patient's home zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) zone: Option<String>,
}

/// What is stored of a grant.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct GrantRecord {
    pub(super) grant: ProxyGrant,
    /// SHA-256 of the secret part of the invitation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) invitation: Option<[u8; 32]>,
}

/// What was said of a single item.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    /// From whom the patient hid it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) hidden_from: Vec<AccountId>,
    /// Whether from everyone.
    #[serde(default)]
    pub(super) hidden_from_all: bool,
    /// Labels that a clinician gave it.
    #[serde(default)]
    pub(super) labels: u16,
    /// A clinician holds it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) held: Option<Hold>,
}

hidden!(SubjectRecord, GrantRecord, Mark);

/// How a chart stands now.
pub(super) struct ChartStanding {
    pub(super) subject: Subject,
    /// The grants with the versions of their rows.
    pub(super) grants: Vec<(GrantRecord, u64)>,
    /// Every written consent there ever was.
    pub(super) consents: Vec<Part2Consent>,
    /// Every date of birth that a source gave.
    pub(super) born: Vec<PartialDate>,
    /// The zone in which the patient's days begin.
    pub(super) zone: Tz,
}

impl ChartStanding {
    /// The grants, ready to be decided with at a time.
    pub(super) fn index(&self, policy: &PolicyPack, at: DateTime<Utc>) -> GrantIndex {
        GrantIndex::new(&self.terms(policy, at), policy)
    }

    /// The terms at a time of the grants that somebody accepted.
    pub(super) fn terms(&self, policy: &PolicyPack, at: DateTime<Utc>) -> Vec<Terms> {
        self.grants.iter().filter_map(|(record, _)| record.grant.terms(policy, &self.consents, at)).collect()
    }

    /// A grant with its row's version.
    pub(super) fn grant(&self, id: GrantId) -> Option<&(GrantRecord, u64)> {
        self.grants.iter().find(|(record, _)| record.grant.id() == id)
    }
}

impl Ledger {
    /// Reads how a chart stands.
    pub(super) async fn chart_standing(
        &self,
        patient: PatientId,
        policy: &PolicyPack,
    ) -> Result<ChartStanding, Failure> {
        let partition = Partition::patient(patient);
        let mut record = SubjectRecord::default();
        let mut grants = Vec::new();
        for row in self.all_rows(partition, Stored::ACCESS).await? {
            let opened = self.open_own(&row).await?;
            if row.row == Stored::ONLY {
                record = decode(&opened, "standing")?;
            } else {
                grants.push((decode::<GrantRecord>(&opened, "grant")?, row.version));
            }
        }
        let consents = if record.has_consents { self.consents(patient).await? } else { Vec::new() };
        let persons = self.persons(partition).await?;
        let deceased = persons.iter().any(|person| person.died);
        let merged = record.merged || persons.iter().any(|person| person.merged);
        let born: Vec<PartialDate> = persons.into_iter().filter_map(|person| person.born).collect();
        let zone = record.zone.as_deref().and_then(|name| name.parse::<Tz>().ok()).unwrap_or(policy.zone());
        let subject = Subject {
            tenant: self.vault.tenant(),
            patient,
            ages: AgeClock::of_all(&born, zone, policy),
            life: if merged {
                Life::Merged
            } else if deceased {
                Life::Deceased
            } else {
                Life::Alive
            },
            majority: if record.emancipated { Majority::Emancipated } else { Majority::ByAge },
            assent: match record.assent {
                None => Assent::NotGiven,
                Some(true) => Assent::Given,
                Some(false) => Assent::Refused,
            },
        };
        Ok(ChartStanding { subject, grants, consents, born, zone })
    }

    /// What sources say of the patient, as far as it decides.
    async fn persons(&self, partition: Partition) -> Result<Vec<PersonRecord>, Failure> {
        let mut persons = Vec::new();
        for row in self.all_rows(partition, Stored::PERSONS).await? {
            persons.push(decode(&self.open_own(&row).await?, "person")?);
        }
        if persons.is_empty() {
            // A chart that was filed before these rows were kept.
            for row in self.all_rows(partition, section_collection(Section::Demographics)).await? {
                let item: ItemRecord = decode(&self.open_own(&row).await?, "item")?;
                if let View::Patient(view) = &item.view {
                    persons.push(PersonRecord::of(view));
                }
            }
        }
        Ok(persons)
    }

    /// What the clinic knows of a patient's standing, with the record's version; 0 where there is none.
    pub(super) async fn subject_record(&self, patient: PatientId) -> Result<(SubjectRecord, u64), Failure> {
        let rows = self.get(Partition::patient(patient), Stored::ACCESS, &[Stored::ONLY]).await?;
        let Some(row) = rows.first() else { return Ok((SubjectRecord::default(), 0)) };
        Ok((decode(&self.open_own(row).await?, "standing")?, row.version))
    }

    /// What was said of single items, with the versions of the rows.
    pub(super) async fn marks(&self, patient: PatientId) -> Result<HashMap<ItemId, (Mark, u64)>, Failure> {
        let mut marks = HashMap::new();
        for row in self.all_rows(Partition::patient(patient), Stored::MARKS).await? {
            let opened = self.open_own(&row).await?;
            let mark: Mark = decode(&opened, "mark")?;
            marks.insert(ItemId::from_bytes(row.row.to_bytes()), (mark, row.version));
        }
        Ok(marks)
    }

    /// All rows of a collection.
    pub(super) async fn all_rows(&self, partition: Partition, collection: Collection) -> Result<Vec<Row>, Failure> {
        let mut scan = Scan::new(partition, collection, PAGE);
        let mut all = Vec::new();
        loop {
            let rows = self.scan(&scan).await?;
            let whole = rows.len() < PAGE as usize;
            scan.after = rows.last().map(Row::position);
            all.extend(rows);
            if whole {
                return Ok(all);
            }
        }
    }
}

impl Mark {
    /// The labels that a clinician gave.
    pub(super) const fn labels(&self) -> SensitivitySet {
        SensitivitySet::from_bits(self.labels)
    }

    /// Whether it says nothing any more.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The row of a grant.
pub(super) const fn grant_row(id: GrantId) -> RowId {
    RowId::from_bytes(id.to_bytes())
}
