//! Proxy grants: one account's access to another person's chart.
//!
//! [`ProxyGrant`] is the aggregate with its state machine: it begins in
//! [`invite`](ProxyGrant::invite), [`request`](ProxyGrant::request), [`assign`](ProxyGrant::assign) or
//! [`delegate`](ProxyGrant::delegate) and moves by its other functions. [`Terms`] are what the decision sees of it.
//!
//! ```text
//! Invited ------- accept ------> Active <-> Suspended, Disputed      any that is not final --> Revoked, Expired, EndedByDeath
//!    |  wrong birth dates          ^
//!    v                             | assent
//! Denied, Declined, Expired    PendingAssent <- verify - PendingVerification <- take up - Requested
//! ```

mod beginning;
#[cfg(test)]
mod beginning_tests;
#[cfg(test)]
mod ending_tests;
mod error;
#[cfg(test)]
mod grant_cases;
mod index;
mod legal_basis;
mod proxy_grant;
#[cfg(test)]
mod proxy_grant_tests;
mod state;
mod terms;
mod transition;
#[cfg(test)]
mod transition_tests;

/// By so many grants one person acts for one patient at most: as many as a decision looks at, so that none is left out.
pub const MOST_OF_ONE: usize = 4;

pub use beginning::{DELEGATE, NewGrant};
pub use error::{GrantError, Step};
pub use index::GrantIndex;
pub(in crate::access) use index::{Above, Pass, Reach};
pub use legal_basis::LegalBasis;
pub use proxy_grant::{Agreed, EvidenceShown, ProxyGrant, Widening};
pub use state::{By, DeclineReason, DenyReason, GrantState, Grantor, Relation, RevokeReason, SuspendReason};
pub use terms::{GrantStanding, Terms, Widened};
pub use transition::{BirthDateEntered, Died, delegated_out_of};
