//! Work whose time has come: notices to be planned and carried, requests to be looked at, things that end.
//!
//! Core takes no initiative: the host calls [`Portal::run_due`](super::Portal::run_due) every few seconds, from one process or
//! from many at once. Every step is a compare-and-set, so two workers do nothing twice, and one that dies in the middle leaves
//! what another takes up.

mod carrying;
mod grants;
mod planning;
mod reports;
mod running;

pub use reports::DeadLetter;
pub use running::DueReport;
