//! Does a storage keep what it acknowledged, whatever dies?
//!
//! A [`Workload`] has several [`Writers`] chain change sets on partitions of their own and on shared ones. What they try and
//! what is acknowledged they tell a [`Witness`] outside of the storage, before each next step. After a crash, [`judge`] holds
//! the reopened storage against that [`Record`]: every acknowledged change set is there, none is half, each chain is a gapless
//! prefix, due work is neither lost nor forgotten; and [`repeat`] commits again what nobody heard the outcome of.
//!
//! Every change set follows from its place in the chain, who wrote it and the link before, so the judge computes what every
//! row must be, and can repeat any change set by its id although its writer is dead.

mod chance;
mod event;
mod judge;
mod kills;
mod length;
pub mod linearizability;
mod process;
mod record;
mod step;
mod verdict;
mod witness;
mod workload;
mod writer;

pub(crate) use chance::Chance;
pub use event::Event;
pub use judge::{judge, repeat};
pub use kills::{KillReport, Kills, Subject};
pub use length::rounds;
pub use process::{Processes, workload_of_this_process, write_until_killed};
pub use record::Record;
pub use step::Step;
pub use verdict::{Loss, Verdict};
pub use witness::{Lines, Witness};
pub use workload::Workload;
pub use writer::Writers;
