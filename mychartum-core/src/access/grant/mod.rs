//! Proxy grants: one account's access to another person's chart.

mod legal_basis;

pub use legal_basis::LegalBasis;
