//! Withdrawing: what a source says it has no more.

use chrono::{DateTime, SecondsFormat, SubsecRound as _, Utc};
use sha2::{Digest, Sha256};

use crate::audit::Facts;
use crate::chart::{Provenance, SourceId, SourceRef, SourceVersion};
use crate::kernel::id::PatientId;
use crate::ledger::{Failure, Ledger};
use crate::port::storage::Partition;

use super::fate::Fate;
use super::filing::{Arriving, Doubt};

impl Ledger {
    /// Takes items of a source back in one chart, as of a time; returns how many.
    ///
    /// A source that deletes sends no document. In its place stands the name of what is gone, so that each version has its original.
    pub(super) async fn withdraw(
        &self,
        source: &SourceId,
        (patient, subject): (PatientId, &SourceRef),
        (names, at): (&[SourceRef], DateTime<Utc>),
        facts: Facts,
    ) -> Result<u64, Failure> {
        let partition = Partition::patient(patient);
        let at = at.trunc_subsecs(6).to_rfc3339_opts(SecondsFormat::Micros, true);
        let mut arriving: Vec<Arriving> = Vec::new();
        for name in names {
            let id = self.item_id(source, name);
            let Some(known) = self.known(partition, &[id]).await?.remove(&id) else { continue };
            let (current, _) = self.current_item(partition, id, &known.head).await?;
            let withdrawn = current.view.clone().withdrawn();
            if withdrawn == current.view || arriving.iter().any(|item| item.identity() == *name) {
                continue;
            }
            let original = format!("withdrawn {}/{} {at}", name.kind.as_str(), name.id.as_str()).into_bytes();
            let provenance = Provenance {
                version: SourceVersion { last_updated: at.parse().ok(), ..SourceVersion::default() },
                received_at: facts.at,
                delivery: facts.delivery.ok_or(Failure::Damaged("withdrawing: no delivery"))?,
                original_hash: Sha256::digest(&original).into(),
                ..current.provenance
            };
            arriving.push(Arriving { provenance, subject: subject.clone(), view: withdrawn, original });
        }
        let fates = self.file(source, patient, &arriving, (facts, Doubt::Counts)).await?;
        Ok(fates.iter().filter(|fate| **fate == Fate::Stored).map(|_| 1).sum())
    }
}
