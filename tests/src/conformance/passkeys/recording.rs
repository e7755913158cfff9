//! The recorded ceremonies, and wrong ones made of them.

use std::sync::Arc;

use mychartum_core::port::PasskeyVerifier;
use mychartum_core::port::passkeys::{CoseKey, Passkey, PasskeyError, PasskeyName, PasskeyUser, UserHandle};
use serde_json::Value;

use super::Factory;
use crate::conformance::Breach;

pub(super) const ENROLMENT: &str = include_str!("recorded/enrolment.json");
pub(super) const SIGN_IN: &str = include_str!("recorded/sign_in.json");
pub(super) const ENROLLING: [u8; 32] = [0x11; 32];
pub(super) const SIGNING_IN: [u8; 32] = [0x22; 32];
pub(super) const RELYING_PARTY: &str = "portal.localhost";
pub(super) const ORIGIN: &str = "http://portal.localhost:8737";

/// The verifier that both recordings were made for.
pub(super) fn verifier(factory: &dyn Factory) -> Arc<dyn PasskeyVerifier> {
    factory.verifier(RELYING_PARTY, "Riverside Clinic", ORIGIN)
}

/// Verifiers that they were not made for, and what each must say.
pub(super) fn strangers(factory: &dyn Factory) -> [(Arc<dyn PasskeyVerifier>, PasskeyError); 2] {
    [
        (factory.verifier("localhost", "Riverside Clinic", ORIGIN), PasskeyError::WrongRelyingParty),
        (
            factory.verifier(RELYING_PARTY, "Riverside Clinic", "http://portal.localhost:8738"),
            PasskeyError::WrongOrigin,
        ),
    ]
}

/// Whom the recorded passkey was made for.
pub(super) fn user() -> Result<PasskeyUser, Breach> {
    let handle = UserHandle::new(&[0x42; 32]).map_err(|error| Breach(error.to_string()))?;
    let name = PasskeyName::parse("Ana Example").map_err(|error| Breach(error.to_string()))?;
    Ok(PasskeyUser { handle, name })
}

/// The recorded passkey, as the verifier reads it.
pub(super) fn passkey(verifier: &dyn PasskeyVerifier) -> Result<Passkey, Breach> {
    verifier.enrol(&user()?, &ENROLLING, ENROLMENT).map_err(|error| Breach(format!("unexpected error: {error}")))
}

/// Another passkey: another id, or another key under the same id.
pub(super) fn with_other_key(passkey: &Passkey) -> Result<Passkey, Breach> {
    let mut bytes = passkey.key.as_bytes().to_vec();
    bytes.iter_mut().last().into_iter().for_each(|byte| *byte ^= 1);
    let key = CoseKey::new(&bytes).map_err(|error| Breach(error.to_string()))?;
    Ok(Passkey { key, ..passkey.clone() })
}

/// A member of the recorded sign-in's response, which is base64url.
pub(super) fn member(name: &str) -> Result<String, Breach> {
    let response: Value = serde_json::from_str(SIGN_IN).map_err(|_| Breach::from("the recording is no JSON"))?;
    let text = response.get("response").and_then(|response| response.get(name)).and_then(Value::as_str);
    text.map(str::to_owned).ok_or_else(|| Breach::from("the recording has no such member"))
}

/// The recorded sign-in with one text exchanged for another.
pub(super) fn sign_in_with(before: &str, after: &str) -> String {
    SIGN_IN.replace(before, after)
}

/// The text with one character of base64url exchanged, so that bits of the bytes differ and it can be decoded all the same.
pub(super) fn other_character(text: &str, place: usize) -> String {
    text.chars()
        .enumerate()
        .map(|(at, character)| match character {
            _ if at != place => character,
            // 'A' and 'Q' have the low bits of a last character clear, as it must have them.
            'A' => 'Q',
            _ => 'A',
        })
        .collect()
}

/// 32 bytes as base64url without padding.
pub(super) fn encoded(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for piece in bytes.chunks(3) {
        let number = piece.iter().fold(0u32, |number, byte| number << 8 | u32::from(*byte)) << (8 * (3 - piece.len()));
        for digit in 0..=piece.len() {
            let place = (number >> (18 - 6 * digit)) & 63;
            text.extend(
                usize::try_from(place).ok().and_then(|place| DIGITS.get(place)).map(|digit| char::from(*digit)),
            );
        }
    }
    text
}
