//! Adapters between the portal and the languages of clinics: one folder each, each behind its own feature.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "fhir")]
#[cfg_attr(docsrs, doc(cfg(feature = "fhir")))]
pub mod fhir;
