//! The passkeys port's seven promises as cases.
//!
//! They run two ceremonies that a browser was recorded at (Chromium 156 with its virtual authenticator, which holds no secret
//! of anybody): an enrolment with the challenge `0x11` 32 times, a sign-in with `0x22` 32 times, ES256, synced. Wrong
//! responses are made of them, so no authenticator is needed.

mod cases;
mod factory;
mod recording;
mod suite;
#[cfg(test)]
mod tests;

pub use factory::Factory;
pub use suite::{CASES, run_all};
