//! Which messages a port takes: real ones, tests, trainings.

use super::Message;

/// Which processing ids (MSH-11.1, HL7 table 0103) a port takes.
///
/// Test data must never reach a patient, so a port for production takes `P` alone, and refuses all else with `AR`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ProcessingPolicy {
    /// `P`, and messages that do not say.
    #[default]
    Production,
    /// `P` only; a message that does not say is refused too.
    ProductionSaid,
    /// `T` and `D` only: a port of a test system. A message that does not say is refused, for it may be a real one.
    TestOnly,
    /// Whatever it says. For files that a person chose, never for a port that patients depend on.
    Anything,
}

impl ProcessingPolicy {
    /// Whether a message may be taken.
    #[must_use]
    pub fn takes(self, message: &Message<'_>) -> bool {
        let id = message.header().field(11).component(1).value();
        let id = id.map(|id| id.trim().to_ascii_uppercase());
        match self {
            Self::Production => matches!(id.as_deref(), None | Some("" | "P")),
            Self::ProductionSaid => id.as_deref() == Some("P"),
            Self::TestOnly => matches!(id.as_deref(), Some("T" | "D")),
            Self::Anything => true,
        }
    }
}
