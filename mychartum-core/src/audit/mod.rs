//! The audit trail: entries, chains, and finding what was done to them.
//!
//! Every partition has one chain of entries. An entry holds closed enums and opaque ids only: there is no `String` in
//! it, so no clinical text and no name can get into the trail. Each entry's link hashes the one before it, and the
//! partition's head holds the last link and the number of entries, so an edit, a removal, a reordering, a copy, a
//! foreign entry and a cut-off end are found, and the first bad position is named.
//!
//! This answers the audit controls and the integrity rule of 45 CFR 164.312(b) and (c), and keeps what an accounting of
//! disclosures needs (45 CFR 164.528). The format and its limits are in `docs/adr/0004-audit-chain.md`.

mod action;
mod actor;
mod append;
mod chain;
mod code;
mod decode;
mod encode;
mod entry;
mod fault;
mod verifier;

#[cfg(test)]
mod tampering;
#[cfg(test)]
mod test_facts;
#[cfg(test)]
mod vectors;

pub use action::{Action, Outcome, Purpose};
pub use actor::Actor;
pub use append::{Appended, InvalidHead, append};
pub use chain::{Link, genesis, link};
pub use decode::DecodeError;
pub use entry::{Entry, Facts, ReasonCode, SectionBits};
pub use fault::{Broken, Fault};
pub use verifier::{Unreadable, Verified, Verifier, verify};
