//! A disclosure: the part of a chart that a permit opens.

use std::sync::{Arc, OnceLock};

use crate::access::consent::Part2Accompaniment;
use crate::access::pack::PolicyPack;
use crate::access::{Decision, Obligations, Permit, Truth};
use crate::attachments::Shelf;
use crate::audit::{Action, Actor, Entry, Facts, Outcome, SectionBits};
use crate::chart::{Item, Provenance, Section, SourceId, SourceRef, Standing, View};
use crate::kernel::id::{ItemId, PatientId};
use crate::ledger::{Change, Failure, Ledger, Stored, TrailCheck, decode, section_collection};
use crate::port::storage::{Collection, Direction, Partition, Position, Row, RowId, Scan, Tag};
use crate::sync::{ItemRecord, OriginalRecord, VersionRecord};
use crate::vault::PartitionKey;

use super::error::ReadError;
use super::listing::Page;
use super::original::Original;
use super::portal::Portal;
use super::showing::Showing;

/// How many rows are read at once where a page does not say.
pub(super) const ROWS_AT_ONCE: u32 = 512;

/// Part of a chart, opened against a permit.
///
/// It reads only the sections that the permit names, of the one patient that it names, until it expires; the clock is
/// asked at each use. Every row's place is compared with the permit's, and every item is checked on its own: only facts
/// are shown, and what is not shown leaves no trace in counts or pages.
#[derive(Debug)]
pub struct Disclosure {
    pub(super) ledger: Arc<Ledger>,
    pub(super) shelf: Option<Shelf>,
    permit: Permit,
    policy: Arc<PolicyPack>,
    /// Read at the first item.
    showing: OnceLock<Arc<Showing>>,
}

impl Disclosure {
    pub(super) fn new(portal: &Portal, permit: Permit) -> Result<Self, ReadError> {
        let ledger = Arc::clone(&portal.ledger);
        if permit.tenant() != ledger.vault.tenant() {
            return Err(ReadError::Misuse);
        }
        if ledger.now() >= permit.expires_at() {
            return Err(ReadError::Expired);
        }
        let (shelf, policy) = (portal.shelf.clone(), Arc::clone(&portal.policy));
        Ok(Self { ledger, shelf, permit, policy, showing: OnceLock::new() })
    }

    /// What decides about items, read once a disclosure.
    async fn showing(&self) -> Result<Arc<Showing>, ReadError> {
        if let Some(showing) = self.showing.get() {
            return Ok(Arc::clone(showing));
        }
        let viewer = *self.permit.viewer();
        let read = self.ledger.showing(self.patient(), viewer, &self.policy).await;
        let showing = Arc::new(self.noted(None, read).await?);
        Ok(Arc::clone(self.showing.get_or_init(|| showing)))
    }

    /// The permit that it was opened with.
    pub const fn permit(&self) -> &Permit {
        &self.permit
    }

    /// Whose chart.
    #[must_use]
    pub const fn patient(&self) -> PatientId {
        self.permit.patient()
    }

    /// The item id of something that an item of this chart refers to.
    #[must_use]
    pub fn item_id(&self, from: &Provenance, to: &SourceRef) -> ItemId {
        self.ledger.item_id(&from.source, to)
    }

    /// Entries of the chart's audit trail, newest first, before a position: who looked.
    ///
    /// Someone who acts for the patient finds what they did themselves, numbered on its own: how many entries lie between would
    /// tell of what is hidden.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn access_log(&self, before: Option<u64>, limit: u32) -> Result<Vec<Entry>, ReadError> {
        self.check(Section::AccessLog)?;
        if self.permit.viewer().is_of_another() {
            return self.own_entries(before, limit).await;
        }
        self.noted(None, self.ledger.trail(self.partition(), before, limit.max(1)).await).await
    }

    /// Entries of the reader alone, newest first, numbered as if there were no others.
    async fn own_entries(&self, before: Option<u64>, limit: u32) -> Result<Vec<Entry>, ReadError> {
        let reader = self.permit.viewer().proxy_account().map(Actor::Account);
        let (mut own, mut from) = (Vec::new(), None);
        loop {
            let entries = self.noted(None, self.ledger.trail(self.partition(), from, ROWS_AT_ONCE).await).await?;
            from = entries.last().map(Entry::position);
            let whole = entries.len() < ROWS_AT_ONCE as usize;
            own.extend(entries.into_iter().filter(|entry| reader == Some(entry.facts().actor)));
            if whole {
                break;
            }
        }
        let numbered = own.iter().rev().zip(1..).map(|(entry, number)| entry.numbered(number));
        let mut page: Vec<Entry> =
            numbered.filter(|entry| before.is_none_or(|before| entry.position() < before)).collect();
        page.reverse();
        page.truncate(usize::try_from(limit.max(1)).unwrap_or(usize::MAX));
        Ok(page)
    }

    /// Checks the chart's whole audit trail. Only for the patient and the host: it says how many entries there are.
    ///
    /// # Errors
    /// [`ReadError::Failure`] with [`Failure::Trail`] names the first bad entry; [`ReadError::Misuse`] for someone else.
    pub async fn verify_access_log(&self) -> Result<TrailCheck, ReadError> {
        self.check(Section::AccessLog)?;
        if self.permit.viewer().is_of_another() {
            return Err(ReadError::Misuse);
        }
        self.noted(None, self.ledger.verify_trail(self.partition()).await).await
    }

    /// An item's original as received, and where it came from; `None` where the item is not in the section.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn original(&self, section: Section, item: ItemId) -> Result<Option<(Provenance, Original)>, ReadError> {
        let mut differed = None;
        loop {
            // The view decides whether the item is there for this reader; its original is no way around.
            let Some(view) = self.view(section, item).await? else { return Ok(None) };
            let rows = self.get(Stored::ORIGINALS, item).await?;
            let Some(row) = rows.first() else { return Ok(None) };
            let opened = self.open(&*self.key().await?, row).await?;
            let read = crate::sync::decode_with_original::<OriginalRecord>(&opened, "original");
            let (head, original) = self.noted(Some(item), read).await?;
            if head.versions == view.version && head.provenance == view.provenance {
                let accompaniment = self.part2_of(&view).await?;
                // Without what has to go with it, it does not go.
                if accompaniment.is_none() && self.needs_part2(&view) {
                    return Ok(None);
                }
                return Ok(Some((head.provenance, Original::new(original.to_vec(), accompaniment))));
            }
            // A delivery may have come between the two reads; then the view is another one now. If it is not, one of them was
            // put back whole to an earlier version, which its seal alone does not tell.
            if differed == Some(view.version) {
                self.noted(Some(item), Err(Failure::Damaged("original: of another version"))).await?;
            }
            differed = Some(view.version);
        }
    }

    /// What goes with an item that a consent under 42 CFR Part 2 opened to whoever acts for the patient: the consent, explained,
    /// and the notice against redisclosure. Show it beside the item. `None` where there is nothing of the kind.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn accompaniment<V>(&self, item: &Item<V>) -> Result<Option<Part2Accompaniment>, ReadError>
    where
        V: Clone + Into<View>,
    {
        let Item { id, version, provenance, obligations, .. } = item.clone();
        self.part2_of(&Item { id, version, view: item.view.clone().into(), provenance, obligations }).await
    }

    async fn part2_of(&self, item: &Item<View>) -> Result<Option<Part2Accompaniment>, ReadError> {
        if !self.needs_part2(item) {
            return Ok(None);
        }
        Ok(self.showing().await?.accompaniment(item))
    }

    /// Whether an item was opened by a consent under 42 CFR Part 2.
    fn needs_part2(&self, item: &Item<View>) -> bool {
        self.permit.viewer().is_of_another() && item.obligations.has(Obligations::PART2_NOTICE)
    }

    /// How it was decided about an item, and by which rule; `None` where there is none. It says nothing of what the item says.
    pub(super) async fn decision(&self, section: Section, item: ItemId) -> Result<Option<Decision>, ReadError> {
        self.check(section)?;
        let rows = self.get(section_collection(section), item).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let opened = self.open(&*self.key().await?, row).await?;
        let record: ItemRecord = self.noted(Some(item), decode(&opened, "item")).await?;
        let truth = if record.view.standing().is_fact() { Truth::Fact } else { Truth::NotAFact };
        Ok(Some(self.showing().await?.decide(&item_of(item, record), truth)))
    }

    /// The earlier versions of an item, newest first, as far as the permit names the sections that they were in.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(super) async fn earlier(&self, section: Section, item: ItemId) -> Result<Vec<Item<View>>, ReadError> {
        if self.view(section, item).await?.is_none() {
            return Ok(Vec::new());
        }
        let mut scan = Scan {
            tag: Some(self.ledger.version_tag(item)),
            ..Scan::new(self.partition(), Stored::HISTORY, ROWS_AT_ONCE)
        };
        let mut all = Vec::new();
        loop {
            let rows = self.scan(&scan).await?;
            for row in &rows {
                let opened = self.open(&*self.key().await?, row).await?;
                let read = crate::sync::decode_with_original::<VersionRecord>(&opened, "earlier version");
                all.push(self.noted(Some(item), read).await?.0.item);
            }
            match rows.last() {
                Some(last) if rows.len() >= ROWS_AT_ONCE as usize => scan.after = Some(last.position()),
                _ => break,
            }
        }
        // Numbered by what the source says of their order, not by the order in which they came.
        all.sort_by_cached_key(|record| record.provenance.age());
        let showing = self.showing().await?;
        let mut versions = Vec::new();
        for (record, number) in all.into_iter().zip(1..) {
            // A correction may have moved the item from another section, which takes a permit of its own.
            if self.permit.sections().has(record.view.section()) {
                let version = item_of(item, ItemRecord { versions: number, ..record });
                // It was a fact when it stood; all else is decided as for what stands now.
                let decision = showing.decide(&version, Truth::Fact);
                if decision.is_permit() {
                    versions.push(Item { obligations: decision.obligations, ..version });
                }
            }
        }
        versions.reverse();
        self.fill_names(&mut versions).await?;
        Ok(versions)
    }

    /// One item of a section, if it is there and a fact.
    pub(super) async fn view(&self, section: Section, item: ItemId) -> Result<Option<Item<View>>, ReadError> {
        self.check(section)?;
        let rows = self.get(section_collection(section), item).await?;
        let mut views = self.open_facts(&rows).await?;
        self.fill_names(&mut views).await?;
        Ok(views.pop())
    }

    /// Facts of a section, newest first: a page of them, and whether there are more.
    pub(super) async fn views(
        &self,
        section: Section,
        tag: Option<Tag>,
        page: Page,
    ) -> Result<(Vec<Item<View>>, bool), ReadError> {
        self.check(section)?;
        let limit = usize::try_from(page.limit.max(1)).unwrap_or(usize::MAX);
        let after = match page.after {
            None => None,
            Some(item) => match self.position(section, item).await? {
                None => return Ok((Vec::new(), false)),
                found => found,
            },
        };
        let direction = Direction::Descending;
        let at_once = page.limit.saturating_add(1).clamp(1, ROWS_AT_ONCE);
        let mut scan =
            Scan { tag, direction, after, ..Scan::new(self.partition(), section_collection(section), at_once) };
        let mut facts = Vec::new();
        loop {
            let rows = self.scan(&scan).await?;
            facts.append(&mut self.open_facts(&rows).await?);
            let last = rows.last().map(Row::position);
            if facts.len() > limit || rows.len() < at_once as usize {
                break;
            }
            scan.after = last;
        }
        let more = facts.len() > limit;
        facts.truncate(limit);
        self.fill_names(&mut facts).await?;
        Ok((facts, more))
    }

    /// Where a page goes on. An item that is not to be seen is no place to go on from, or pages would tell of it.
    async fn position(&self, section: Section, item: ItemId) -> Result<Option<Position>, ReadError> {
        let rows = self.get(section_collection(section), item).await?;
        let shown = self.open_facts(&rows).await?;
        Ok(rows.first().filter(|_| !shown.is_empty()).map(Row::position))
    }

    /// What a section says is *not* so, newest first; it is not among the facts.
    pub(super) async fn negated(&self, section: Section) -> Result<Vec<Item<View>>, ReadError> {
        self.check(section)?;
        let direction = Direction::Descending;
        let mut scan = Scan { direction, ..Scan::new(self.partition(), section_collection(section), ROWS_AT_ONCE) };
        let mut negated = Vec::new();
        loop {
            let rows = self.scan(&scan).await?;
            negated.append(&mut self.open_those(&rows, |standing| standing == Standing::Negated).await?);
            if rows.len() < ROWS_AT_ONCE as usize {
                break;
            }
            scan.after = rows.last().map(Row::position);
        }
        self.fill_names(&mut negated).await?;
        Ok(negated)
    }

    /// Opens rows and keeps the facts among them.
    async fn open_facts(&self, rows: &[Row]) -> Result<Vec<Item<View>>, ReadError> {
        self.open_those(rows, Standing::is_fact).await
    }

    /// Opens rows and keeps those of the wanted standing.
    async fn open_those(&self, rows: &[Row], wanted: fn(Standing) -> bool) -> Result<Vec<Item<View>>, ReadError> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let showing = self.showing().await?;
        let key = self.key().await?;
        let mut facts = Vec::with_capacity(rows.len());
        for row in rows {
            let opened = self.open(&key, row).await?;
            let item = ItemId::from_bytes(row.row.to_bytes());
            let record: ItemRecord = self.noted(Some(item), decode(&opened, "item")).await?;
            if wanted(record.view.standing()) {
                let item = item_of(item, record);
                let decision = showing.decide(&item, Truth::Fact);
                if decision.is_permit() {
                    facts.push(Item { obligations: decision.obligations, ..item });
                }
            }
        }
        Ok(facts)
    }

    /// The row of an item in a collection, if it is there.
    async fn get(&self, collection: Collection, item: ItemId) -> Result<Vec<Row>, ReadError> {
        let rows = self.ledger.get(self.partition(), collection, &[RowId::from_bytes(item.to_bytes())]).await;
        self.noted(Some(item), rows).await
    }

    pub(super) async fn scan(&self, scan: &Scan) -> Result<Vec<Row>, ReadError> {
        self.noted(None, self.ledger.scan(scan).await).await
    }

    /// Opens a row of this chart.
    async fn open(&self, key: &PartitionKey, row: &Row) -> Result<crate::vault::Opened, ReadError> {
        self.noted(Some(ItemId::from_bytes(row.row.to_bytes())), self.ledger.open(key, row)).await
    }

    /// INVARIANT (faults are told): where the data are not what they should be, an entry says so, and nothing is shown.
    ///
    /// Every step of reading passes here, and the first failure ends the read, so a fault is written down once.
    pub(super) async fn noted<T>(&self, record: Option<ItemId>, step: Result<T, Failure>) -> Result<T, ReadError> {
        if let Err(failure) = &step
            && failure.is_integrity()
        {
            self.note_fault(record).await;
        }
        Ok(step?)
    }

    /// Writes down that the data are not what they should be. If even that fails, the error it belongs to is told anyway.
    async fn note_fault(&self, record: Option<ItemId>) {
        let facts = Facts { record, ..self.fault() };
        drop(self.ledger.record(Change::none(self.partition()), facts).await);
    }

    /// What is written down where the data are not what they should be.
    pub(super) fn fault(&self) -> Facts {
        let permit = &self.permit;
        let (action, outcome) = (Action::IntegrityFault, Outcome::Failed);
        Facts {
            subject: Some(permit.patient()),
            session: permit.session(),
            sections: SectionBits::from_bits(permit.sections().bits()),
            ..Facts::new(self.ledger.now(), permit.actor(), action, permit.purpose(), outcome)
        }
    }

    async fn fill_names(&self, items: &mut [Item<View>]) -> Result<(), ReadError> {
        let mut views: Vec<(&SourceId, &mut View)> =
            items.iter_mut().map(|item| (&item.provenance.source, &mut item.view)).collect();
        self.noted(None, self.ledger.fill_names(&mut views).await).await
    }

    pub(super) const fn partition(&self) -> Partition {
        Partition::patient(self.permit.patient())
    }

    async fn key(&self) -> Result<Arc<PartitionKey>, ReadError> {
        self.noted(None, self.ledger.key(self.partition()).await).await
    }

    /// Whether the permit covers a section now.
    pub(super) fn check(&self, section: Section) -> Result<(), ReadError> {
        if !self.permit.sections().has(section) {
            Err(ReadError::Misuse)
        } else if !self.permit.covers(section, self.ledger.now()) {
            Err(ReadError::Expired)
        } else {
            Ok(())
        }
    }
}

fn item_of(id: ItemId, record: ItemRecord) -> Item<View> {
    let obligations = Obligations::NONE;
    Item { id, version: record.versions, view: record.view, provenance: record.provenance, obligations }
}
