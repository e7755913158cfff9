//! Who asks, as the decision sees it.

use chrono::{DateTime, Utc};

use crate::kernel::id::{AccountId, PatientId, TenantId};

use super::scope::Scope;

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub struct Who<'a> {
    /// In which tenant the asker was authenticated.
    pub tenant: TenantId,
    /// As what.
    pub role: Role<'a>,
    /// How sure one is: 0 nothing, 1 a password, 2 a second factor, 3 a proofed identity.
    pub assurance: u8,
}

/// As what someone asks.
#[derive(Debug, Clone, Copy)]
pub enum Role<'a> {
    /// A person with an account: a patient, a proxy, or both.
    Account {
        /// Whose account.
        account: AccountId,
        /// The charts that are the account holder's own.
        own: &'a [PatientId],
        /// The app that asks for them, if one does.
        app: Option<AppToken>,
    },
    /// A member of staff; sees nothing unless the glass is broken.
    Staff {
        /// Whose account.
        account: AccountId,
        /// The broken glass.
        glass: Option<Glass>,
    },
    /// The program around the portal, in its own name.
    Host,
}

/// What an app may do for someone: it never widens what they may do themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AppToken {
    /// For which patient its token is; for no other.
    pub patient: PatientId,
    /// What its scopes say. Nothing means nothing.
    pub scope: Scope,
}

/// A broken glass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glass {
    /// Whose chart is behind it.
    pub patient: PatientId,
    /// Why.
    pub reason: GlassReason,
    /// Since when.
    pub from: DateTime<Utc>,
    /// Until when, exclusive.
    pub until: DateTime<Utc>,
}

/// Why the glass was broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GlassReason {
    /// No reason was given, which opens nothing.
    None,
    /// The patient cannot be asked, and it must be known at once.
    Emergency,
    /// The patient is on the telephone and asked for help with what the portal shows.
    AtPatientsRequest,
}
