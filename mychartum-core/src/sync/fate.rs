//! What became of each parcel, and the sum of it.

use crate::kernel::id::PatientId;

use super::parcel::Place;
use super::reason::Reason;

/// What became of a parcel: exactly one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is filed: new, or a newer version of what was there.
    Stored,
    /// The very same was there already.
    Unchanged,
    /// A newer version was there already; this one is kept in the history.
    Superseded,
    /// It is in quarantine.
    SetAside(Reason),
}

/// A parcel that was set aside.
#[derive(Clone, PartialEq, Eq)]
pub struct SetAside {
    /// Where it stood in the delivery.
    pub place: Place,
    /// Its type as far as it could be read: the sender's own text, which `Debug` therefore leaves out.
    pub resource: Box<str>,
    /// Why.
    pub reason: Reason,
}

impl core::fmt::Debug for SetAside {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SetAside").field("place", &self.place).field("reason", &self.reason).finish_non_exhaustive()
    }
}

/// The sum of a delivery: `resources == stored + unchanged + superseded + set_aside.len()`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IntakeReport {
    /// How many parcels came.
    pub resources: u64,
    /// How many are filed.
    pub stored: u64,
    /// How many were there already.
    pub unchanged: u64,
    /// How many were older than what was there.
    pub superseded: u64,
    /// How many parcels of earlier deliveries were let out of quarantine, since it is known now whose they are. They are not among
    /// the resources.
    pub released: u64,
    /// What was set aside, in the order of the delivery's reading.
    pub set_aside: Vec<SetAside>,
    /// The patients that the delivery was about, in the order in which they came.
    pub patients: Vec<PatientId>,
}

impl IntakeReport {
    /// Whether every parcel is accounted for.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        let aside = u64::try_from(self.set_aside.len()).unwrap_or(u64::MAX);
        self.resources == self.stored + self.unchanged + self.superseded + aside
    }

    pub(super) fn count(&mut self, place: Place, resource: Box<str>, fate: Fate) {
        self.resources += 1;
        match fate {
            Fate::Stored => self.stored += 1,
            Fate::Unchanged => self.unchanged += 1,
            Fate::Superseded => self.superseded += 1,
            Fate::SetAside(reason) => self.set_aside.push(SetAside { place, resource, reason }),
        }
    }
}
