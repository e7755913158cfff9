//! Written consents to records of programmes for substance use (42 CFR Part 2).
//!
//! A grant says what somebody may do for a patient; its labels do not open these records. What opens them is a
//! [`Part2Consent`]: a record with every element that 42 CFR 2.31(a) asks for, signed by the patient, revocable at any time for
//! what comes after. [`Part2Reach`] is what the decision sees of the consents that are in force.

mod accompaniment;
mod error;
mod part2_consent;
#[cfg(test)]
mod part2_consent_tests;
mod part2_reach;

pub use accompaniment::{Part2Accompaniment, REDISCLOSURE_NOTICE};
pub use error::ConsentError;
pub use part2_consent::{ConsentEnd, ConsentPurpose, ConsentSigner, Covers, NewPart2Consent, Part2Consent, Recipient};
pub use part2_reach::Part2Reach;
