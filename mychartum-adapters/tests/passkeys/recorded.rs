//! Recordings of Chromium 156 with its virtual authenticator: a browser's own texts are taken.
//!
//! Those with ES256 are in the testkit's conformance suite. `README.md` beside the adapter says how they were made.

use std::slice::from_ref;
use std::sync::Arc;

use mychartum_adapters::passkeys::Passkeys;
use mychartum_core::port::PasskeyVerifier;
use mychartum_core::port::passkeys::PasskeyError;
use mychartum_testkit::conformance::passkeys::{Factory, run_all};
use serde_json::Value;

use crate::authenticator::encode;
use crate::{ENROLLING, SIGNING_IN, user};

const RELYING_PARTY: &str = "portal.localhost";
const ORIGIN: &str = "http://portal.localhost:8737";

#[test]
fn keys_of_ed25519_and_rsa() {
    let passkeys = Passkeys::new(RELYING_PARTY, "Riverside Clinic", [ORIGIN]).unwrap();
    for (enrolment, sign_in) in [
        (include_str!("recorded/ed25519_enrolment.json"), include_str!("recorded/ed25519_sign_in.json")),
        (include_str!("recorded/rs256_enrolment.json"), include_str!("recorded/rs256_sign_in.json")),
    ] {
        let passkey = passkeys.enrol(&user(), &ENROLLING, enrolment).unwrap();
        let proof = passkeys.verify(&SIGNING_IN, from_ref(&passkey), sign_in).unwrap();
        assert!(proof.id == passkey.id && proof.user_verified);
        assert_eq!((passkey.counter, proof.counter), (1, 2));
        let mut other: Value = serde_json::from_str(sign_in).unwrap();
        other["response"]["signature"] = encode(&[7; 64]).into();
        let answer = passkeys.verify(&SIGNING_IN, &[passkey], &other.to_string());
        assert_eq!(answer.err(), Some(PasskeyError::BadSignature));
    }
}

struct Ours;

impl Factory for Ours {
    fn verifier(&self, relying_party: &str, name: &str, origin: &str) -> Arc<dyn PasskeyVerifier> {
        Arc::new(Passkeys::new(relying_party, name, [origin]).expect("what the suite sets is in order"))
    }
}

#[tokio::test]
async fn the_conformance_suite_passes() {
    let report = run_all(&Ours).await;
    println!("{report}");
    report.assert_passed();
}
