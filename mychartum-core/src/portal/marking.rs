//! What a patient says of single items and of results to come: hidden from someone, and how to be met.

use crate::access::Wish;
use crate::access::grant::GrantState;
use crate::audit::{Action, Facts, Outcome};
use crate::chart::Section;
use crate::kernel::id::{AccountId, GrantId, ItemId, PatientId};
use crate::ledger::{Change, Draft, Failure, Ledger, Stored, encode, section_collection};
use crate::port::storage::{Delete, Partition, RowId};

use super::chart_standing::{Mark, SubjectRecord};
use super::grant_change::{Changer, ProxyError, lost_race};
use super::session::Session;

/// From whom an item is hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HideFrom {
    /// From whoever acts by this grant.
    Grant(GrantId),
    /// From everyone but the patient.
    Everyone,
}

impl Session {
    /// Hides an item of an own chart from someone who acts for the patient. They find no trace of it.
    ///
    /// # Errors
    /// [`ProxyError::NotFound`] for an item or a grant that is not there.
    pub async fn hide(
        &self,
        patient: PatientId,
        section: Section,
        item: ItemId,
        from: HideFrom,
    ) -> Result<(), ProxyError> {
        self.mark_hidden(patient, section, item, from, true).await
    }

    /// Shows an item again that was hidden from someone.
    ///
    /// # Errors
    /// As [`hide`](Self::hide).
    pub async fn unhide(
        &self,
        patient: PatientId,
        section: Section,
        item: ItemId,
        from: HideFrom,
    ) -> Result<(), ProxyError> {
        self.fresh()?;
        self.mark_hidden(patient, section, item, from, false).await
    }

    /// From whom an item of an own chart is hidden: the accounts, and whether from everyone.
    ///
    /// # Errors
    /// [`ProxyError`].
    pub async fn hidden_from(&self, patient: PatientId, item: ItemId) -> Result<(Vec<AccountId>, bool), ProxyError> {
        self.own(patient).await?;
        let mark = self.portal.ledger.mark(patient, item).await?.0;
        Ok((mark.hidden_from, mark.hidden_from_all))
    }

    /// How the patient of an own chart wants to meet new results of a section.
    ///
    /// # Errors
    /// [`ProxyError`].
    pub async fn wish(&self, patient: PatientId, section: Section, wish: Wish) -> Result<(), ProxyError> {
        self.may_decide(patient).await?;
        let ledger = &self.portal.ledger;
        loop {
            let (mut record, version) = ledger.subject_record(patient).await?;
            record.wishes.retain(|(number, _)| *number != section.number());
            if wish != Wish::AtOnce {
                record.wishes.push((section.number(), wish));
            }
            let body = encode::<SubjectRecord>(&record)?;
            let put = Draft { version: version + 1, ..Draft::first(Stored::ACCESS, Stored::ONLY, 0, body) };
            let facts = self.as_patient().facts(patient, Action::Wish, Outcome::Permitted, ledger.now());
            let written = ledger.record(Change::puts(Partition::patient(patient), vec![put]), facts).await;
            if !lost_race(&written) {
                return Ok(written.map(drop)?);
            }
        }
    }

    /// The wishes of the patient of an own chart; sections that are not named are shown at once.
    ///
    /// # Errors
    /// [`ProxyError`].
    pub async fn wishes(&self, patient: PatientId) -> Result<Vec<(Section, Wish)>, ProxyError> {
        self.own(patient).await?;
        let (record, _) = self.portal.ledger.subject_record(patient).await?;
        let of = |number: u8| Section::ALL.into_iter().find(|section| section.number() == number);
        Ok(record.wishes.into_iter().filter_map(|(number, wish)| Some((of(number)?, wish))).collect())
    }

    async fn mark_hidden(
        &self,
        patient: PatientId,
        section: Section,
        item: ItemId,
        from: HideFrom,
        hidden: bool,
    ) -> Result<(), ProxyError> {
        self.may_decide(patient).await?;
        let ledger = &self.portal.ledger;
        let account = match from {
            HideFrom::Everyone => None,
            HideFrom::Grant(id) => {
                let standing = ledger.chart_standing(patient, &self.portal.policy).await?;
                let (record, _) = standing.grant(id).ok_or(ProxyError::NotFound)?;
                if matches!(record.grant.state(), GrantState::Invited) {
                    return Err(ProxyError::NotFound);
                }
                Some(record.grant.proxy().ok_or(ProxyError::NotFound)?)
            }
        };
        let edit = move |mark: &mut Mark| match account {
            None => mark.hidden_from_all = hidden,
            Some(account) => {
                mark.hidden_from.retain(|known| *known != account);
                if hidden {
                    mark.hidden_from.push(account);
                }
            }
        };
        ledger.edit_mark(patient, section, item, self.as_patient(), (Action::Hide, account), edit).await
    }
}

impl Ledger {
    /// What was said of an item, with the row's version; 0 where nothing was.
    pub(super) async fn mark(&self, patient: PatientId, item: ItemId) -> Result<(Mark, u64), Failure> {
        let id = RowId::from_bytes(item.to_bytes());
        let rows = self.get(Partition::patient(patient), Stored::MARKS, &[id]).await?;
        let Some(row) = rows.first() else { return Ok((Mark::default(), 0)) };
        Ok((crate::ledger::decode(&self.open_own(row).await?, "mark")?, row.version))
    }

    /// Changes what is said of an item that is there.
    pub(super) async fn edit_mark(
        &self,
        patient: PatientId,
        section: Section,
        item: ItemId,
        changer: Changer,
        (action, account): (Action, Option<AccountId>),
        edit: impl Fn(&mut Mark),
    ) -> Result<(), ProxyError> {
        let (partition, id) = (Partition::patient(patient), RowId::from_bytes(item.to_bytes()));
        if self.get(partition, section_collection(section), &[id]).await?.is_empty() {
            return Err(ProxyError::NotFound);
        }
        loop {
            let (before, version) = self.mark(patient, item).await?;
            let mut mark = before.clone();
            edit(&mut mark);
            if mark == before {
                return Ok(());
            }
            let change = if mark.is_empty() {
                let deletes = vec![Delete { collection: Stored::MARKS, row: id, version }];
                Change { partition, puts: Vec::new(), deletes }
            } else {
                let put = Draft { version: version + 1, ..Draft::first(Stored::MARKS, id, 0, encode(&mark)?) };
                Change::puts(partition, vec![put])
            };
            let facts =
                Facts { record: Some(item), account, ..changer.facts(patient, action, Outcome::Permitted, self.now()) };
            let written = self.record(change, facts).await;
            if !lost_race(&written) {
                return Ok(written.map(drop)?);
            }
        }
    }
}
