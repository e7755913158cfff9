//! Who did it.

use crate::kernel::id::AccountId;
use crate::port::storage::Tag;

/// Who did what an entry tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// Nobody who is known: a sign-in with an unknown name.
    Unknown,
    /// The program around the portal, on its own account: due work, an import.
    Host,
    /// A person by their account.
    Account(AccountId),
    /// A clinic or lab, by the keyed hash that its partition is named by.
    Clinic(Tag),
}
