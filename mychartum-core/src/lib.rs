//! The patient-portal engine.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod chart;
pub mod kernel;
pub mod port;
pub mod sync;
pub mod vault;
