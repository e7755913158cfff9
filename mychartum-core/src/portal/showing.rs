//! What of a chart is shown to one reader: each item is decided about on its own.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::access::consent::{Part2Accompaniment, Part2Consent};
use crate::access::label::{LabelRules, Tie, own_labels, propagate};
use crate::access::pack::{PolicyPack, TopicSet};
use crate::access::{
    Decision, Hidden, ItemFacts, ReleaseFacts, Sensitivity, SensitivitySet, Truth, Viewer, Wish, released,
};
use crate::chart::{Item, Section, SectionSet, View};
use crate::kernel::id::{ItemId, PatientId, TenantId};
use crate::ledger::{Failure, Ledger, decode, section_collection};
use crate::port::storage::Partition;
use crate::sync::ItemRecord;

use super::chart_standing::Mark;

/// What decides about the items of a chart for one reader.
///
/// INVARIANT (no trace): a hidden item is left out before anything is counted, paged, joined or drawn, so every answer is the
/// one of a chart that never had it.
pub(super) struct Showing {
    tenant: TenantId,
    patient: PatientId,
    viewer: Viewer,
    policy: Arc<PolicyPack>,
    marks: HashMap<ItemId, Mark>,
    wishes: Vec<(u8, Wish)>,
    /// The written consents. The patient needs none of them, nor of what follows.
    consents: Vec<Part2Consent>,
    /// The labels of every item that has one, those that reached it included.
    reached: HashMap<ItemId, SensitivitySet>,
}

impl Showing {
    /// Decides about an item. A statement that something is *not* so is a fact of its own, which `truth` says.
    pub(super) fn decide(&self, item: &Item<View>, truth: Truth) -> Decision {
        let mark = self.marks.get(&item.id);
        let labels = self.labels(item);
        let section = item.view.section();
        let topics = self.topics(&item.view);
        let wish = self.wishes.iter().find(|(number, _)| *number == section.number()).map(|(_, wish)| *wish);
        let facts = ItemFacts {
            tenant: self.tenant,
            patient: self.patient,
            section,
            labels,
            topics,
            truth,
            recorded_at: item.provenance.received_at,
            released: released(
                self.policy.release(),
                &ReleaseFacts {
                    section,
                    labels,
                    topics,
                    final_at: final_at(item),
                    held: mark.and_then(|mark| mark.held).map(|hold| (hold.until, hold.harm.concerns())),
                    wish: wish.unwrap_or_default(),
                },
            ),
            hidden: match mark {
                Some(mark) if mark.hidden_from_all => Hidden::FromAll,
                Some(mark) => Hidden::From(&mark.hidden_from),
                None => Hidden::From(&[]),
            },
            author: None,
        };
        self.viewer.decide(&facts)
    }

    /// The labels of an item, those that reached it from others included.
    fn labels(&self, item: &Item<View>) -> SensitivitySet {
        let own = own_labels(&item.view, LabelRules::shipped());
        let reached = self.reached.get(&item.id).copied().unwrap_or_default();
        let mark = self.marks.get(&item.id).map(Mark::labels).unwrap_or_default();
        own.or(reached).or(item.provenance.labels).or(mark)
    }

    /// What goes with an item that a written consent opened to a proxy when the question was asked.
    pub(super) fn accompaniment(&self, item: &Item<View>) -> Option<Part2Accompaniment> {
        let is_note = self.labels(item).has(Sensitivity::PsychotherapyNote);
        let what = (item.view.section(), is_note);
        Part2Consent::accompaniment(&self.consents, self.viewer.proxy_account()?, what, self.viewer.asked_at())
    }

    fn topics(&self, view: &View) -> TopicSet {
        let concepts = view.concepts();
        let bits = self
            .policy
            .topics()
            .iter()
            .enumerate()
            .filter(|(_, topic)| concepts.iter().any(|concept| topic.has(concept)));
        TopicSet::from_bits(bits.fold(0, |bits, (place, _)| bits | 1 << place))
    }
}

impl core::fmt::Debug for Showing {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Showing").finish_non_exhaustive()
    }
}

/// When an item was final: when it was issued, and never after it came, whatever date its source wrote. A correction is final
/// when it comes, since sources often leave the first date on it.
fn final_at(item: &Item<View>) -> DateTime<Utc> {
    let issued = match &item.view {
        View::Observation(view) => view.issued.as_ref(),
        View::DiagnosticReport(view) => view.issued.as_ref(),
        _ => None,
    };
    let received_at = item.provenance.received_at;
    issued.filter(|_| item.version == 1).map_or(received_at, |issued| issued.upper().min(received_at))
}

impl Ledger {
    /// Reads what decides about the items of a chart for one reader.
    pub(super) async fn showing(
        &self,
        patient: PatientId,
        viewer: Viewer,
        policy: &Arc<PolicyPack>,
    ) -> Result<Showing, Failure> {
        let marks = self.marks(patient).await?.into_iter().map(|(item, (mark, _))| (item, mark)).collect();
        let (record, _) = self.subject_record(patient).await?;
        let mut showing = Showing {
            tenant: self.vault.tenant(),
            patient,
            viewer,
            policy: Arc::clone(policy),
            marks,
            wishes: record.wishes,
            consents: Vec::new(),
            reached: HashMap::new(),
        };
        if viewer.is_of_another() {
            showing.reached = self.reached(patient, &showing.marks).await?;
            if record.has_consents {
                showing.consents = self.consents(patient).await?;
            }
        }
        Ok(showing)
    }

    /// The labels of a chart's items, those that reached them from others included.
    ///
    /// The whole chart is read for it: what reaches an item may lie in any section, and may have come after it.
    async fn reached(
        &self,
        patient: PatientId,
        marks: &HashMap<ItemId, Mark>,
    ) -> Result<HashMap<ItemId, SensitivitySet>, Failure> {
        let partition = Partition::patient(patient);
        let mut ties = Vec::new();
        for section in SectionSet::chart().iter().filter(|section| *section != Section::Demographics) {
            for row in self.all_rows(partition, section_collection(section)).await? {
                let opened = self.open_own(&row).await?;
                let record: ItemRecord = decode(&opened, "item")?;
                let item = ItemId::from_bytes(row.row.to_bytes());
                let at = |to| self.item_id(&record.provenance.source, to);
                let mark = marks.get(&item).map(Mark::labels).unwrap_or_default();
                ties.push(Tie {
                    item,
                    kind: record.view.kind(),
                    own: own_labels(&record.view, LabelRules::shipped()).or(record.provenance.labels).or(mark),
                    visit: record.view.encounter().map(at),
                    refers_to: record.view.refers_to().map(at).collect(),
                });
            }
        }
        let labels = propagate(&ties);
        let labelled = ties.iter().zip(labels).filter(|(_, labels)| !labels.is_empty());
        Ok(labelled.map(|(tie, labels)| (tie.item, labels)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Obligations;
    use crate::chart::{Provenance, SourceId, SourceVersion};
    use crate::kernel::id::DeliveryId;
    use crate::kernel::text::Label;

    fn came(issued: &str, version: u64) -> DateTime<Utc> {
        let json = serde_json::json!({
            "status": "final",
            "category": "laboratory",
            "code": { "text": "a test" },
            "issued": issued,
        });
        let provenance = Provenance {
            source: SourceId::parse("lab").unwrap(),
            source_type: Label::parse("Observation").unwrap(),
            source_id: Label::parse("1").unwrap(),
            version: SourceVersion::default(),
            received_at: "2026-05-10T12:00:00Z".parse().unwrap(),
            as_of: None,
            delivery: DeliveryId::from_bytes([0; 16]),
            original_hash: [0; 32],
            mapping: 1,
            labels: SensitivitySet::NONE,
        };
        let view = View::Observation(Box::new(serde_json::from_value(json).unwrap()));
        let obligations = Obligations::NONE;
        final_at(&Item { id: ItemId::from_bytes([1; 16]), version, view, provenance, obligations })
    }

    #[test]
    fn a_result_is_final_when_it_was_issued_and_never_after_it_came() {
        let received = "2026-05-10T12:00:00Z".parse::<DateTime<Utc>>().unwrap();
        assert_eq!(came("2099-01-01T00:00:00Z", 1), received);
        assert_eq!(came("2026-05-10", 1), received);
        assert_eq!(came("2026-05-08", 1).to_rfc3339(), "2026-05-09T00:00:00+00:00");
        // A correction begins anew, whatever date it bears.
        assert_eq!(came("2026-05-08", 2), received);
    }
}
