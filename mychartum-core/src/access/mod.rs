//! Access: the question, the decision, and the permit that comes of it.
//!
//! The chain of proofs is `Session -> Ask -> entry durable -> Permit -> Disclosure`. [`decide`] is a pure function; its
//! outcome is written to the audit trail first, and only a written outcome becomes a [`Permit`].
//!
//! | what | where |
//! |---|---|
//! | who asks, about whom, for what | [`Who`], [`Subject`], [`ItemFacts`] |
//! | what may be done | [`Scope`], a set of sections and [`Verb`]s |
//! | the decision | [`decide`]; [`Viewer`] for lists; [`Rule`] and [`Decision`] |
//! | who may act for whom | [`grant`] |
//! | written consents to records under 42 CFR Part 2 | [`consent`] |
//! | policy as data | [`pack`] |
//! | which items carry a label, and how far it reaches | [`label`] |
//! | when a result is shown | [`released`] |
//! | what will change, and when | [`Lifeline`] |

mod age_clock;
#[cfg(test)]
mod age_clock_tests;
mod ask;
pub mod consent;
mod decide;
mod decision;
#[cfg(test)]
mod delegation_tests;
mod error;
pub mod grant;
mod item_facts;
pub mod label;
pub mod pack;
mod permit;
#[cfg(test)]
mod proxy_tests;
mod release;
#[cfg(test)]
mod release_tests;
mod rule;
#[cfg(test)]
mod scene;
mod scope;
mod subject;
mod timeline;
#[cfg(test)]
mod timeline_tests;
mod verb;
mod viewer;
#[cfg(test)]
mod viewer_tests;
mod who;

pub use crate::kernel::{Obligations, Sensitivity, SensitivitySet};
pub use age_clock::{AgeClock, may_be_of_age};
pub use ask::Ask;
pub use decide::decide;
pub use decision::{Answer, Decision};
pub use error::AccessError;
pub use item_facts::{Hidden, ItemFacts, Released, Shows, Truth};
pub use permit::Permit;
pub use release::{ReleaseFacts, Wish, released};
pub use rule::Rule;
pub use scope::{InvalidScope, Scope};
pub use subject::{Assent, Life, Majority, Subject};
pub use timeline::{Lifeline, Turn, due_notice};
pub use verb::Verb;
pub(crate) use viewer::own_scope;
pub use viewer::{Question, Viewer};
pub use who::{AppToken, Glass, GlassReason, Role, Who};
