//! The patient-portal engine.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod access;
pub mod account;
pub mod audit;
pub mod chart;
pub mod kernel;
mod ledger;
pub mod port;
pub mod portal;
pub mod sync;
pub mod vault;
