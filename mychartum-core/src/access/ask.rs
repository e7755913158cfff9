//! The question: who wants to see what of whom, and what for.

use chrono::{DateTime, Utc};

use crate::audit::{Actor, Purpose};
use crate::chart::SectionSet;
use crate::kernel::id::{PatientId, SessionId};

/// A question for sections of a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// Who asks.
    pub actor: Actor,
    /// In which session; none where the host asks in its own name.
    pub session: Option<SessionId>,
    /// Whose chart.
    pub patient: PatientId,
    /// Which sections.
    pub sections: SectionSet,
    /// What for.
    pub purpose: Purpose,
    /// When.
    pub at: DateTime<Utc>,
}
