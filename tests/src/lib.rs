//! What hosts use to test their own parts.
//!
//! | what | is in |
//! |---|---|
//! | suites that test a storage, a blob store, a key provider, a notifier or a record source, a case or more for each promise | [`conformance`] |
//! | storages that each break one promise on purpose | [`bad_storage`], [`bad_custody`] |
//! | blob stores that each break one promise on purpose | [`bad_blob_store`] |
//! | a blob store in memory | [`MemoryBlobs`] |
//! | canaries to plant in a chart, and to search for in what comes out | [`leak_tester`] |
//! | whether what is hidden from a proxy leaves a trace, over a host's own policy and records | [`two_worlds`] |
//! | a PostgreSQL server for tests, found or started privately | [`postgres_server`] |
//! | the clinic's side: a laboratory that sends, with the faults of the way, and a storage that fails now and then | [`simulator`] |
//! | a sender of HL7 v2 messages over sockets | `simulator::MllpSender`, behind the feature `mllp` |
//! | what a storage keeps when processes, servers and connections die | [`survival`] |
//! | a synthetic household, and a population of any size, in FHIR R4 | [`world`] |
//! | a notifier that keeps what it is given | [`KeptNotifier`] |
//! | a clock that a test turns by hand | [`ManualClock`] |
//! | a FHIR server that holds synthetic patients and misbehaves as it is told | `simulator::SimulatedFhir`, behind the feature `sinks` |
//! | a mail server and a web server that keep what notifiers send | `sinks`, behind the feature of that name |
//! | randomness that repeats itself | [`SeededEntropy`] |
//!
//! Take it as a dev-dependency: nothing in it belongs into a running portal. Chapter 5 of the guide
//! (`docs/guide/05-testing-your-host.md`) shows it in use.

pub mod bad_blob_store;
pub mod bad_custody;
pub mod bad_storage;
pub mod conformance;
mod kept_notifier;
pub mod leak_tester;
mod manual_clock;
mod memory_blobs;
#[cfg(unix)]
pub mod postgres_server;
mod seeded_entropy;
pub mod simulator;
#[cfg(feature = "sinks")]
pub mod sinks;
pub mod survival;
pub mod two_worlds;
pub mod world;

pub use kept_notifier::{KeptMessage, KeptNotifier};
pub use manual_clock::ManualClock;
pub use memory_blobs::MemoryBlobs;
pub use seeded_entropy::SeededEntropy;
