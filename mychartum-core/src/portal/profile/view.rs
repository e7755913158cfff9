//! A profile as people see it.

use crate::account::profile::{Profile, Proposal};
use crate::chart::{Item, Patient};
use crate::kernel::hidden;

/// A profile as the patient sees it, or somebody who manages it for the patient.
///
/// A proxy finds the own proposals only: what the patient proposed is the patient's affair until it holds.
pub struct ProfileView {
    /// What each source says, as it came, the newest first.
    pub sources: Vec<Item<Patient>>,
    /// What holds: what was applied or accepted, on top of what sources say.
    pub profile: Profile,
    /// What waits for the clinic, the oldest first.
    pub open: Vec<Proposal>,
    /// What became of earlier ones, the newest first, as far as they are kept at hand.
    pub closed: Vec<Proposal>,
}

hidden!(ProfileView);
