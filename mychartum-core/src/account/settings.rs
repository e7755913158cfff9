//! How accounts are kept: what is the host's to say, beside the policy's numbers.

use chrono::Duration;

use crate::access::pack::AccountPolicy;

use super::credential::{BreachedPasswords, ContextWords};

/// How passwords are kept, and which terms count. How long things live is the policy's to say
/// ([`AccountPolicy`](crate::access::pack::AccountPolicy)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountSettings {
    /// How precisely the last use is written down. Default 1 minute.
    pub touch: Duration,
    /// Argon2id memory in KiB. Default 19,456 (OWASP Password Storage Cheat Sheet).
    pub argon2_memory: u32,
    /// Argon2id passes. Default 2.
    pub argon2_passes: u32,
    /// How many hashes are computed at once, at least one; each takes `argon2_memory`. Default 8 (152 MiB).
    pub hashes_at_once: u16,
    /// The version of the terms that people have to accept; 0 where there are none.
    pub terms: u32,
}

impl Default for AccountSettings {
    fn default() -> Self {
        Self { touch: Duration::minutes(1), argon2_memory: 19_456, argon2_passes: 2, hashes_at_once: 8, terms: 0 }
    }
}

/// All that decides about accounts, at hand.
#[derive(Clone, Copy)]
pub(crate) struct Rules<'a> {
    pub(crate) policy: &'a AccountPolicy,
    pub(crate) settings: &'a AccountSettings,
    /// Words that no password here is made of: the portal's and the clinics' names.
    pub(crate) words: &'a ContextWords,
    pub(crate) breached: Option<&'a dyn BreachedPasswords>,
}
