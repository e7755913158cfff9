//! The patient-portal engine that a host embeds.
//!
//! The host brings its clinics, labs, storage, keys, clock and randomness through [ports](port). This crate brings the
//! [chart], who may see it, the proof of who did, and the guarantee that nobody can skip a step. It does no I/O of its
//! own, starts no threads, and reads neither clock nor environment.
//!
//! # A tour
//!
//! **1. Build a portal.** What is missing is named when it is opened.
//!
//! ```no_run
//! # async fn tour(storage: impl mychartum_core::port::Storage, keys: impl mychartum_core::port::KeyProvider,
//! #     clock: impl mychartum_core::port::Clock, entropy: impl mychartum_core::port::Entropy,
//! #     parcels: Vec<mychartum_core::sync::Parcel>) -> Result<(), Box<dyn std::error::Error>> {
//! use mychartum_core::account::{NewAccount, Password, Username};
//! use mychartum_core::audit::Purpose;
//! use mychartum_core::chart::{Section, SourceId};
//! use mychartum_core::portal::{Page, Portal};
//!
//! let portal = Portal::builder()
//!     .storage(storage)   // SqliteStorage of mychartum-storage, or your own
//!     .keys(keys)         // FileKeyring of mychartum-adapters, or your KMS
//!     .clock(clock)       // SystemClock
//!     .entropy(entropy)   // SystemEntropy
//!     .open()
//!     .await?;
//!
//! // 2. Take a delivery in. Adapters read FHIR into parcels; every parcel is filed, known already, or set aside.
//! let mut intake = portal.intake(SourceId::parse("riverside-clinic")?)?;
//! intake.offer(parcels).await?;
//! let report = intake.finish();
//! assert!(report.adds_up());
//!
//! // 3. Open an account on a chart that came with it.
//! let maria = report.patients[0];
//! let username = Username::parse("maria")?;
//! let password = Password::new("a long line of her own")?;
//! portal.open_account(NewAccount { username: username.clone(), password, own: Some(maria) }).await?;
//!
//! // 4. Sign in, and resume the session with the token that the browser keeps.
//! let token = portal.sign_in(&username, &Password::entered("a long line of her own")?).await?;
//! let session = portal.resume(&token).await?;
//!
//! // 5. Ask. The answer is decided and written down; then it is a permit.
//! let permit = session.ask(maria, Section::Results, Purpose::Care).await?;
//!
//! // 6. Read what the permit names, and nothing else.
//! let chart = portal.disclose(permit)?;
//! for result in chart.results(Page::latest(50)).await?.items {
//!     let _shown = result.view.value.for_people();
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # The rooms
//!
//! Each uses only rooms below it.
//!
//! | room | what is in it |
//! |---|---|
//! | [`portal`] | the front door: the portal, its builder, sessions, and reading charts |
//! | [`sync`] | arriving data: parcels, reconciling, links, quarantine |
//! | [`account`] | accounts, sign-in, sessions |
//! | [`notify`] | what happened, and telling people about it |
//! | [`attachments`] | files that belong to a chart: writing, reading, sweeping |
//! | [`access`] | the question, the decision, the permit |
//! | `ledger` | private: every write is one change set with its entry, every read opens sealed rows; public: how bodies are [packed](packing) |
//! | [`audit`] | entries, chains, verification |
//! | [`vault`] | sealing rows, keys, blind indexes |
//! | [`port`] | what a host plugs in: one trait a file |
//! | [`chart`] | what a chart holds: one clinical idea a file |
//! | [`kernel`] | ids, partial dates, codes, decimals, units, bounded text |
//!
//! # What to rely on
//!
//! - **Written before shown.** The audit entry of a disclosure is durable before any row of the chart is read.
//! - **A permit is its own address.** It names the patient and the sections; it cannot be made, copied or used twice.
//! - **Facts only.** What a source withdrew, cancelled, negated or replaced never appears as if it were true.
//! - **Nothing shown by accident.** Values of a chart have no `Display`, and their `Debug` hides what they say.
//! - **Sealed rows.** Storage sees opaque bytes, opaque ids, keyed hashes and an ordering number.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod access;
pub mod account;
pub mod attachments;
pub mod audit;
pub mod chart;
pub mod kernel;
mod ledger;
pub mod notify;
pub mod port;
pub mod portal;
pub mod sync;
pub mod vault;

pub use ledger::packing;
