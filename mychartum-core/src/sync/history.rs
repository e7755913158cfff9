//! The history of an item: every other version of it that ever came, each once, in whatever order.

use crate::chart::{Provenance, Section};
use crate::kernel::id::ItemId;
use crate::ledger::{Draft, Failure, Ledger, Stored, decode, section_collection};
use crate::port::storage::{Delete, Partition, RowId};

use super::filing::{Arriving, Filing, Known};
use super::record::{ItemRecord, OriginalRecord, VersionRecord, encode_with_original};

impl Ledger {
    /// The row of an earlier version: by its content, so that it is there once however often it comes.
    fn history_row(&self, id: ItemId, hash: [u8; 32]) -> RowId {
        self.vault.index().row_id(&[b"version", &id.to_bytes(), &hash])
    }

    /// Puts what is there into the history; returns the section and version of its row.
    pub(super) async fn retire(
        &self,
        filing: &mut Filing<'_>,
        id: ItemId,
        known: &Known,
    ) -> Result<(Section, u64), Failure> {
        let (item, version) = self.current_item(filing.change.partition, id, &known.head).await?;
        let section = known.head.section()?;
        self.put_history(filing, id, known.head.provenance.original_hash, item, &known.original)?;
        Ok((section, version))
    }

    /// Takes a version out of the history that becomes the current one again; says whether it was there.
    pub(super) async fn returns_from_history(
        &self,
        filing: &mut Filing<'_>,
        id: ItemId,
        hash: [u8; 32],
    ) -> Result<bool, Failure> {
        let row = self.history_row(id, hash);
        let rows = self.get(filing.change.partition, Stored::HISTORY, &[row]).await?;
        let Some(found) = rows.first() else { return Ok(false) };
        filing.change.deletes.push(Delete { collection: Stored::HISTORY, row, version: found.version });
        Ok(true)
    }

    /// Keeps a version in the history that came after a newer one. The current one stands, and counts one version more.
    pub(super) async fn keep_older(
        &self,
        filing: &mut Filing<'_>,
        (id, item): (ItemId, &Arriving),
        provenance: Provenance,
        known: &Known,
    ) -> Result<(), Failure> {
        let partition = filing.change.partition;
        let hash = provenance.original_hash;
        if !self.get(partition, Stored::HISTORY, &[self.history_row(id, hash)]).await?.is_empty() {
            return Ok(());
        }
        let versions = known.head.versions + 1;
        let older = ItemRecord { versions, view: item.view.clone(), provenance };
        self.put_history(filing, id, hash, older, &item.original)?;
        let (current, version) = self.current_item(partition, id, &known.head).await?;
        let head = OriginalRecord { versions, ..known.head.clone() };
        self.put_view(filing, id, version + 1, ItemRecord { versions, ..current })?;
        self.put_original(filing, id, known.version + 1, &head, &known.original)
    }

    /// Notes that a later version, or a later answer of the source, said the same.
    pub(super) async fn say_later(
        &self,
        filing: &mut Filing<'_>,
        id: ItemId,
        known: &Known,
        said: &Provenance,
    ) -> Result<(), Failure> {
        let (current, version) = self.current_item(filing.change.partition, id, &known.head).await?;
        let later = |provenance: &Provenance| Provenance {
            version: said.version.clone(),
            as_of: said.as_of.max(provenance.as_of),
            ..provenance.clone()
        };
        let head = OriginalRecord { provenance: later(&known.head.provenance), ..known.head.clone() };
        let record = ItemRecord { provenance: later(&current.provenance), ..current };
        self.put_view(filing, id, version + 1, record)?;
        self.put_original(filing, id, known.version + 1, &head, &known.original)
    }

    /// The row of an item as it stands, with its version.
    pub(super) async fn current_item(
        &self,
        partition: Partition,
        id: ItemId,
        head: &OriginalRecord,
    ) -> Result<(ItemRecord, u64), Failure> {
        let collection = section_collection(head.section()?);
        let rows = self.get(partition, collection, &[RowId::from_bytes(id.to_bytes())]).await?;
        let row = rows.first().ok_or(Failure::Damaged("item: original without view"))?;
        Ok((decode(&self.open_own(row).await?, "item")?, row.version))
    }

    fn put_history(
        &self,
        filing: &mut Filing<'_>,
        id: ItemId,
        hash: [u8; 32],
        item: ItemRecord,
        original: &[u8],
    ) -> Result<(), Failure> {
        let body = encode_with_original(&VersionRecord { item }, original)?;
        filing.change.puts.push(Draft {
            tags: vec![self.version_tag(id)],
            ..Draft::first(Stored::HISTORY, self.history_row(id, hash), filing.facts.at.timestamp_micros(), body)
        });
        Ok(())
    }
}
