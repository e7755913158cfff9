//! Passkeys against an authenticator in software, recordings of a browser, and texts that nobody should believe.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod authenticator;
mod ceremonies;
mod enrolment_refusals;
mod random;
mod recorded;
mod sign_in_refusals;

use mychartum_adapters::passkeys::Passkeys;
use mychartum_core::port::PasskeyVerifier;
use mychartum_core::port::passkeys::{Passkey, PasskeyName, PasskeyUser, UserHandle};

use authenticator::{Authenticator, Kind, Made, Used};

const RELYING_PARTY: &str = "example.org";
const ORIGIN: &str = "https://portal.example.org";
const ENROLLING: [u8; 32] = [0x11; 32];
const SIGNING_IN: [u8; 32] = [0x22; 32];

fn passkeys() -> Passkeys {
    Passkeys::new(RELYING_PARTY, "Riverside Clinic", ["https://example.org", ORIGIN]).unwrap()
}

fn user() -> PasskeyUser {
    PasskeyUser { handle: UserHandle::new(&[0x42; 32]).unwrap(), name: PasskeyName::parse("Ana Example").unwrap() }
}

/// An authenticator, its enrolled passkey, and the verifier.
fn enrolled(kind: Kind) -> (Passkeys, Authenticator, Passkey) {
    let (passkeys, authenticator) = (passkeys(), Authenticator::new(kind));
    let made = Made::new(&authenticator, &ENROLLING).to_json();
    let passkey = passkeys.enrol(&user(), &ENROLLING, &made).unwrap();
    (passkeys, authenticator, passkey)
}

/// A right response to a sign-in, to be bent.
fn used(authenticator: &Authenticator) -> Used {
    Used::new(authenticator, &SIGNING_IN)
}
