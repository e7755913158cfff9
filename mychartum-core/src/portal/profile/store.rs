//! The rows of a profile: one for what holds and what waits, and one for each proposal that was decided.

use crate::account::profile::{ProfileRecord, Proposal};
use crate::audit::Facts;
use crate::kernel::id::{PatientId, ProposalId};
use crate::ledger::{Change, Draft, Failure, Ledger, Stored, decode, encode};
use crate::port::storage::{Direction, Head, Partition, RowId, Scan};

/// So many proposals that were decided are shown.
const CLOSED_SHOWN: u32 = 50;

impl Ledger {
    /// What is stored of a profile, with the row's version; 0 where nothing is.
    pub(super) async fn profile_record(&self, patient: PatientId) -> Result<(ProfileRecord, u64), Failure> {
        let rows = self.get(Partition::patient(patient), Stored::PROPOSALS, &[Stored::ONLY]).await?;
        let Some(row) = rows.first() else { return Ok((ProfileRecord::default(), 0)) };
        Ok((decode(&self.open_own(row).await?, "profile")?, row.version))
    }

    /// A proposal that is not open any more.
    pub(super) async fn closed_proposal(
        &self,
        patient: PatientId,
        id: ProposalId,
    ) -> Result<Option<Proposal>, Failure> {
        let rows = self.get(Partition::patient(patient), Stored::PROPOSALS, &[proposal_row(id)]).await?;
        let Some(row) = rows.first().filter(|row| row.row != Stored::ONLY) else { return Ok(None) };
        Ok(Some(decode(&self.open_own(row).await?, "proposal")?))
    }

    /// The newest proposals that are not open any more.
    pub(super) async fn closed_proposals(&self, patient: PatientId) -> Result<Vec<Proposal>, Failure> {
        let scan = Scan {
            direction: Direction::Descending,
            // The row of what holds is not among them: its order is 0.
            from: Some(1),
            ..Scan::new(Partition::patient(patient), Stored::PROPOSALS, CLOSED_SHOWN)
        };
        let mut closed = Vec::new();
        for row in self.scan(&scan).await? {
            closed.push(decode(&self.open_own(&row).await?, "proposal")?);
        }
        Ok(closed)
    }

    /// Writes what came of a profile, and what was closed with it, in one change set with its entry.
    ///
    /// INVARIANT (decided on what is so): it is a conflict if anything was written to the chart since the head was read, be it a
    /// grant that ended or what a source sent. A conflict is for the caller, who decides anew.
    pub(super) async fn write_profile(
        &self,
        (patient, head): (PatientId, Head),
        (record, version): (&ProfileRecord, u64),
        closed: &[Proposal],
        facts: Facts,
    ) -> Result<(), Failure> {
        let first = Draft::first(Stored::PROPOSALS, Stored::ONLY, 0, encode(record)?);
        let mut puts = vec![Draft { version: version + 1, ..first }];
        for proposal in closed {
            let order = proposal.since.timestamp_micros().max(1);
            puts.push(Draft::first(Stored::PROPOSALS, proposal_row(proposal.id), order, encode(proposal)?));
        }
        self.record_upon(head, Change::puts(Partition::patient(patient), puts), facts).await.map(drop)
    }
}

pub(super) const fn proposal_row(id: ProposalId) -> RowId {
    RowId::from_bytes(id.to_bytes())
}
