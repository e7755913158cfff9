//! The storage port's seventeen promises as cases.
//!
//! Run them on a multi-threaded tokio runtime: some cases commit and read at the same time.

mod apart;
mod cancelled;
mod counted;
mod durable;
mod exact;
mod factory;
mod head;
mod idempotent;
mod limited;
mod ordered;
mod own_rows;
mod paged;
pub(super) mod patient;
mod rows;
mod suite;
mod tagged;
mod time;
pub(super) mod view;
mod visible;
mod whole;

pub use factory::Factory;
pub use suite::{CASES, run_all};
