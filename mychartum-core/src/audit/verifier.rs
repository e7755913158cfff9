//! Checking a chain, entry by entry.

use crate::kernel::id::{PatientId, TenantId};
use crate::port::storage::{AuditHead, Partition, PartitionKind, Position};

use super::chain::{Link, end, link};
use super::{Broken, Entry, Fault};

/// A row of the trail that did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("audit row: cannot be opened")]
pub struct Unreadable;

/// A chain that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// How many entries the chain has.
    pub count: u64,
}

/// Checks one partition's chain against its head while the entries stream by; its memory does not grow with them.
///
/// Push the rows in the order in which storage gives them, up to the head's count (rows that another writer adds
/// meanwhile are not in this head), then finish. The first fault sticks: whatever is pushed later, it is what
/// [`finish`](Self::finish) reports.
///
/// What it cannot find: a chain that was rewritten together with its head, or cut back together with its head. That
/// takes a checkpoint of the head that was kept elsewhere; start from one with [`Verifier::since`].
#[derive(Debug)]
pub struct Verifier {
    partition: Partition,
    head: AuditHead,
    verified: u64,
    link: Link,
    broken: Option<Broken>,
}

impl Verifier {
    /// A check of the whole chain of a partition against its head.
    #[must_use]
    pub fn new(tenant: TenantId, partition: Partition, head: AuditHead) -> Self {
        Self::since(tenant, partition, AuditHead::EMPTY, head)
    }

    /// A check of what follows an earlier head that is known to be right: the rows after `known.count`.
    ///
    /// The outcome `Verified` then also says that today's chain extends the earlier one.
    #[must_use]
    pub fn since(tenant: TenantId, partition: Partition, known: AuditHead, head: AuditHead) -> Self {
        let start = end(known, tenant, partition);
        let broken = if start.is_none() || (known.count == head.count && known.link != head.link) {
            Some(Broken { position: known.count.max(1), fault: Fault::HeadMismatch })
        } else if known.count > head.count {
            Some(Broken { position: head.count.saturating_add(1), fault: Fault::Truncated })
        } else {
            None
        };
        Self { partition, head, verified: known.count, link: start.unwrap_or_default(), broken }
    }

    /// Checks the next row: where storage says it stands, and its opened body.
    ///
    /// # Errors
    /// [`Broken`], for this row or the first bad one before it.
    pub fn push(&mut self, stored: Position, body: Result<&[u8], Unreadable>) -> Result<(), Broken> {
        if self.broken.is_none() {
            match self.check(stored, body) {
                Ok(link) => {
                    self.verified += 1;
                    self.link = link;
                }
                Err(fault) => self.broken = Some(self.at_next(fault)),
            }
        }
        self.broken.map_or(Ok(()), Err)
    }

    /// Ends the check: the chain must be as long as its head says.
    ///
    /// # Errors
    /// [`Broken`]: the first fault of all.
    pub fn finish(self) -> Result<Verified, Broken> {
        match self.broken {
            Some(broken) => Err(broken),
            None if self.verified < self.head.count => Err(self.at_next(Fault::Truncated)),
            None => Ok(Verified { count: self.verified }),
        }
    }

    fn at_next(&self, fault: Fault) -> Broken {
        Broken { position: self.verified.saturating_add(1), fault }
    }

    /// The link of the next row, if it is the next entry of this chain.
    fn check(&self, stored: Position, body: Result<&[u8], Unreadable>) -> Result<Link, Fault> {
        let position = self.verified.checked_add(1).ok_or(Fault::Beyond)?;
        let expected = Entry::place(position).ok_or(Fault::Beyond)?;
        if stored.order < expected.order {
            return Err(Fault::OutOfOrder);
        }
        if self.verified >= self.head.count {
            return Err(Fault::Beyond);
        }
        if stored.order > expected.order {
            return Err(Fault::Missing);
        }
        if stored.row != expected.row {
            return Err(Fault::OutOfOrder);
        }
        let body = body.map_err(|Unreadable| Fault::Unreadable)?;
        let (canonical, written) = body.split_last_chunk::<32>().ok_or(Fault::Altered)?;
        let link = link(&self.link, canonical);
        if link != *written {
            return Err(self.misfit(position, canonical));
        }
        if Entry::position_of(canonical) != Some(position) {
            return Err(Fault::OutOfOrder);
        }
        if position == self.head.count && link != self.head.link {
            return Err(Fault::HeadMismatch);
        }
        Ok(link)
    }

    /// Why an entry does not follow from those before it, as far as the entry itself tells.
    fn misfit(&self, position: u64, canonical: &[u8]) -> Fault {
        let stranger = |subject: PatientId| {
            self.partition.kind() == PartitionKind::Patient && self.partition != Partition::patient(subject)
        };
        if Entry::decode(canonical).is_ok_and(|entry| entry.facts().subject.is_some_and(stranger)) {
            Fault::Foreign
        } else if Entry::position_of(canonical) != Some(position) {
            Fault::OutOfOrder
        } else {
            Fault::Altered
        }
    }
}

/// Checks the whole chain of a partition: rows in storage's order, with their opened bodies.
///
/// # Errors
/// [`Broken`]: the first position that does not hold, and why.
pub fn verify<B: AsRef<[u8]>>(
    tenant: TenantId,
    partition: Partition,
    head: AuditHead,
    rows: impl IntoIterator<Item = (Position, Result<B, Unreadable>)>,
) -> Result<Verified, Broken> {
    let mut verifier = Verifier::new(tenant, partition, head);
    for (stored, body) in rows {
        verifier.push(stored, body.as_ref().map(AsRef::as_ref).map_err(|unreadable| *unreadable))?;
    }
    verifier.finish()
}
