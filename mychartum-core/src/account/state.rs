//! The life of an account, as a pure machine.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::kernel::id::AccountId;

/// Where an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccountState {
    /// It was made by the clinic, and nobody has activated it.
    Pending,
    /// It is in use.
    #[default]
    Active,
    /// Its holder said "this wasn't me": nobody gets in until the password is set anew by a link or the clinic proves who it is.
    Frozen,
    /// The clinic let it rest.
    Suspended,
    /// It was ended by its holder or the clinic; it can come back after proving anew who it is.
    Deactivated,
    /// Its holder died: it reads until a day, as the policy says, and writes nothing.
    Deceased {
        /// Until when, exclusive.
        reads_until: DateTime<Utc>,
    },
    /// It was joined with another account of the same person, and may be taken apart again.
    Merged {
        /// Which one goes on.
        into: AccountId,
    },
    /// It is over.
    Closed,
}

/// What happens to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccountEvent {
    /// Its holder activated it: the link, the date of birth, a name and a password.
    Activate,
    /// Its holder said "this wasn't me".
    Freeze,
    /// Its holder set the password anew by a link.
    Reset,
    /// The clinic lets it rest.
    Suspend,
    /// The clinic lets it go on.
    Resume,
    /// It is ended.
    Deactivate,
    /// Its holder proved anew who it is, by a link of the clinic.
    Reproof,
    /// Its holder died; it reads until then.
    Die {
        /// Until when, exclusive.
        reads_until: DateTime<Utc>,
    },
    /// The news of the death was wrong.
    Live,
    /// It is joined with another.
    Merge {
        /// Which one goes on.
        into: AccountId,
    },
    /// It is taken apart from the other again.
    Unmerge,
    /// It is closed for good.
    Close,
}

/// Something was tried with an account that is not possible where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("account: this is not possible where it stands")]
pub struct IllegalTransition {
    /// Where it stands.
    pub from: AccountState,
    /// What was tried.
    pub attempted: AccountEvent,
}

impl AccountState {
    /// Where it stands after something happened.
    ///
    /// # Errors
    /// [`IllegalTransition`]; nothing happened then.
    pub const fn after(self, event: AccountEvent) -> Result<Self, IllegalTransition> {
        use AccountEvent as E;
        Ok(match (self, event) {
            (Self::Pending, E::Activate) => Self::Active,
            (Self::Active, E::Freeze) => Self::Frozen,
            (Self::Frozen, E::Freeze) => Self::Frozen,
            (Self::Active | Self::Frozen, E::Reset) => Self::Active,
            (Self::Active | Self::Frozen, E::Suspend) => Self::Suspended,
            (Self::Suspended, E::Resume) => Self::Active,
            (Self::Pending, E::Deactivate) => Self::Closed,
            (Self::Active | Self::Frozen | Self::Suspended, E::Deactivate) => Self::Deactivated,
            (Self::Active | Self::Frozen | Self::Deactivated, E::Reproof) => Self::Active,
            (Self::Pending, E::Die { .. }) => Self::Closed,
            (Self::Active | Self::Frozen | Self::Suspended | Self::Deactivated, E::Die { reads_until }) => {
                Self::Deceased { reads_until }
            }
            // Whoever was declared dead proves anew who it is before anything opens.
            (Self::Deceased { .. }, E::Live) => Self::Deactivated,
            (Self::Active | Self::Frozen | Self::Suspended | Self::Deactivated, E::Merge { into }) => {
                Self::Merged { into }
            }
            // Its password may be known to whoever wanted the two to be one: it is proved anew too.
            (Self::Merged { .. }, E::Unmerge) => Self::Deactivated,
            (Self::Deactivated | Self::Deceased { .. } | Self::Merged { .. }, E::Close) => Self::Closed,
            (from, attempted) => return Err(IllegalTransition { from, attempted }),
        })
    }

    /// Whether somebody may sign in now.
    #[must_use]
    pub fn opens_at(self, now: DateTime<Utc>) -> bool {
        match self {
            Self::Active => true,
            Self::Deceased { reads_until } => now < reads_until,
            _ => false,
        }
    }

    /// Whether a session may write.
    #[must_use]
    pub const fn may_write(self) -> bool {
        matches!(self, Self::Active)
    }

    /// Whether notices still reach it.
    #[must_use]
    pub const fn is_told(self) -> bool {
        !matches!(self, Self::Closed | Self::Merged { .. } | Self::Deceased { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn events() -> Vec<AccountEvent> {
        let (reads_until, into) = (DateTime::from_timestamp(1_000, 0).unwrap(), AccountId::from_bytes([7; 16]));
        vec![
            AccountEvent::Activate,
            AccountEvent::Freeze,
            AccountEvent::Reset,
            AccountEvent::Suspend,
            AccountEvent::Resume,
            AccountEvent::Deactivate,
            AccountEvent::Reproof,
            AccountEvent::Die { reads_until },
            AccountEvent::Live,
            AccountEvent::Merge { into },
            AccountEvent::Unmerge,
            AccountEvent::Close,
        ]
    }

    fn walk(
        state: AccountState,
        path: &mut Vec<(AccountState, AccountEvent)>,
        depth: usize,
        seen: &mut impl FnMut(&[(AccountState, AccountEvent)], AccountState),
    ) {
        seen(path, state);
        if depth == 0 {
            return;
        }
        for event in events() {
            if let Ok(next) = state.after(event) {
                path.push((state, event));
                walk(next, path, depth - 1, seen);
                path.pop();
            }
        }
    }

    #[test]
    fn every_path_to_depth_eight() {
        let later = DateTime::from_timestamp(2_000, 0).unwrap();
        let mut paths = 0u64;
        walk(AccountState::Pending, &mut Vec::new(), 8, &mut |path, state| {
            paths += 1;
            // Nobody gets in who never activated.
            let activated = path.iter().any(|(_, event)| *event == AccountEvent::Activate);
            assert!(activated || !state.opens_at(later));
            // What was deactivated, taken apart or declared dead opens only after proving anew.
            let closing = |event: &AccountEvent| {
                matches!(
                    event,
                    AccountEvent::Deactivate | AccountEvent::Unmerge | AccountEvent::Live | AccountEvent::Merge { .. }
                )
            };
            if let Some(last) = path.iter().rposition(|(_, event)| closing(event)) {
                let reproofed = path.iter().skip(last).any(|(_, event)| *event == AccountEvent::Reproof);
                assert!(reproofed || !state.opens_at(later), "{path:?} {state:?}");
            }
            // Closed is closed.
            if path.iter().any(|(state, _)| *state == AccountState::Closed) {
                panic!("something happened to a closed account: {path:?}");
            }
        });
        assert!(paths > 30_000, "{paths}");
    }
}
