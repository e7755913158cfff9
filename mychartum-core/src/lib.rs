//! The patient-portal engine.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod audit;
pub mod kernel;
pub mod port;
pub mod vault;
