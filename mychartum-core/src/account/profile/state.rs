//! The life of a proposal, as a pure machine.

use serde::{Deserialize, Serialize};

use crate::kernel::id::{AccountId, ProposalId};

/// Why the clinic did not take a change over. The patient is told by a text that the host has for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RejectReason {
    /// A document has to be shown first.
    NeedsDocument,
    /// It could not be verified.
    NotVerified,
    /// It is incomplete.
    Incomplete,
    /// It is not what this part is for.
    WrongPart,
    /// The clinic knows something newer.
    Outdated,
    /// Whoever proposed it may not.
    NotAuthorised,
    /// It has to be talked about: call the clinic.
    CallClinic,
}

impl RejectReason {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::NeedsDocument,
        Self::NotVerified,
        Self::Incomplete,
        Self::WrongPart,
        Self::Outdated,
        Self::NotAuthorised,
        Self::CallClinic,
    ];

    /// Its number in the audit trail, from 1; never reused.
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            Self::NeedsDocument => 1,
            Self::NotVerified => 2,
            Self::Incomplete => 3,
            Self::WrongPart => 4,
            Self::Outdated => 5,
            Self::NotAuthorised => 6,
            Self::CallClinic => 7,
        }
    }
}

macro_rules! kinds {
    ($(#[$doc:meta])* $kind:ident of $whole:ident: $($name:ident = $words:literal,)+) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $kind {
            $(#[doc = concat!("As in [`", stringify!($whole), "`].")] $name,)+
        }

        impl core::fmt::Display for $kind {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(match self { $(Self::$name => $words,)+ })
            }
        }

        impl $whole {
            /// Which one, without what belongs to it.
            #[must_use]
            pub const fn kind(&self) -> $kind {
                match self { $(Self::$name { .. } => $kind::$name,)+ }
            }
        }
    };
}

/// Where a proposal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProposalState {
    /// It waits for the clinic.
    Proposed {},
    /// It applied itself, as the policy says.
    Applied {},
    /// The clinic took it over.
    Accepted {
        /// Which member of staff.
        by: AccountId,
    },
    /// The clinic did not take it over.
    Rejected {
        /// Which member of staff.
        by: AccountId,
        /// Why.
        reason: RejectReason,
    },
    /// It was taken back.
    Withdrawn {
        /// By whoever proposed it, or by the patient.
        by: AccountId,
    },
    /// Whoever proposed it proposed something newer for the same part.
    Superseded {
        /// The newer one.
        by: ProposalId,
    },
}

/// What happens to a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProposalEvent {
    /// The policy needs no word of the clinic for this part.
    Apply {},
    /// A member of staff takes it over.
    Accept {
        /// Who.
        by: AccountId,
    },
    /// A member of staff does not take it over.
    Reject {
        /// Who.
        by: AccountId,
        /// Why.
        reason: RejectReason,
    },
    /// It is taken back.
    Withdraw {
        /// By whom.
        by: AccountId,
    },
    /// A newer one of the same person for the same part comes.
    Supersede {
        /// The newer one.
        by: ProposalId,
    },
}

kinds! {
    /// Where a proposal stands, without who and why.
    ProposalStateKind of ProposalState:
    Proposed = "proposed",
    Applied = "applied",
    Accepted = "accepted",
    Rejected = "rejected",
    Withdrawn = "withdrawn",
    Superseded = "superseded",
}

kinds! {
    /// What happens to a proposal, without who and why.
    ProposalEventKind of ProposalEvent:
    Apply = "apply",
    Accept = "accept",
    Reject = "reject",
    Withdraw = "withdraw",
    Supersede = "supersede",
}

/// Something was tried with a proposal that is not open any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("proposal: cannot {attempted} what is {from}")]
pub struct IllegalProposal {
    /// Where it stands.
    pub from: ProposalStateKind,
    /// What was tried.
    pub attempted: ProposalEventKind,
}

impl ProposalState {
    /// A new proposal.
    pub const OPEN: Self = Self::Proposed {};

    /// Whether it waits for the clinic. All other states are final.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Proposed {})
    }

    /// Where it stands after something happened.
    ///
    /// # Errors
    /// [`IllegalProposal`] where it is not open any more; nothing happened then.
    pub const fn after(self, event: ProposalEvent) -> Result<Self, IllegalProposal> {
        if !self.is_open() {
            return Err(IllegalProposal { from: self.kind(), attempted: event.kind() });
        }
        Ok(match event {
            ProposalEvent::Apply {} => Self::Applied {},
            ProposalEvent::Accept { by } => Self::Accepted { by },
            ProposalEvent::Reject { by, reason } => Self::Rejected { by, reason },
            ProposalEvent::Withdraw { by } => Self::Withdrawn { by },
            ProposalEvent::Supersede { by } => Self::Superseded { by },
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn events() -> Vec<ProposalEvent> {
        let by = AccountId::from_bytes([7; 16]);
        let mut events = vec![
            ProposalEvent::Apply {},
            ProposalEvent::Accept { by },
            ProposalEvent::Withdraw { by },
            ProposalEvent::Supersede { by: ProposalId::from_bytes([8; 16]) },
        ];
        events.extend(RejectReason::ALL.map(|reason| ProposalEvent::Reject { by, reason }));
        events
    }

    #[test]
    fn every_pair_of_a_state_and_an_event() {
        let finals: Vec<ProposalState> =
            events().into_iter().map(|event| ProposalState::OPEN.after(event).unwrap()).collect();
        assert!(finals.iter().all(|state| !state.is_open()));
        for (state, event) in finals.iter().zip(events()) {
            // Each event has an end of its own.
            assert_eq!(finals.iter().filter(|other| *other == state).count(), 1, "{event:?}");
        }
        let mut refused = 0;
        for state in &finals {
            for event in events() {
                let error = state.after(event).unwrap_err();
                assert_eq!((error.from, error.attempted), (state.kind(), event.kind()));
                refused += 1;
            }
        }
        assert_eq!(refused, 11 * 11);
        assert_eq!(finals[1].after(events()[2]).unwrap_err().to_string(), "proposal: cannot withdraw what is accepted");
    }

    #[test]
    fn reasons_keep_their_numbers() {
        let numbers: Vec<u16> = RejectReason::ALL.iter().map(|reason| reason.number()).collect();
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7]);
    }
}
