//! What goes to the browser (WebAuthn Level 3, section 5.1): `PublicKeyCredentialCreationOptionsJSON` and
//! `PublicKeyCredentialRequestOptionsJSON`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mychartum_core::port::passkeys::{CredentialId, PasskeyUser};
use serde_json::{Value, json};

use super::cose::ALGORITHMS;

/// How long the browser may take, in milliseconds: what section 5.4 recommends for ceremonies that verify the user.
const TIMEOUT: u32 = 300_000;

/// Options of an enrolment.
pub(super) fn creation(
    (id, name): (&str, &str),
    user: &PasskeyUser,
    challenge: &[u8; 32],
    known: &[CredentialId],
) -> String {
    let algorithms: Vec<Value> = ALGORITHMS.iter().map(|alg| json!({ "type": "public-key", "alg": alg })).collect();
    json!({
        "rp": { "id": id, "name": name },
        "user": {
            "id": encode(user.handle.as_bytes()),
            "name": user.name.as_str(),
            "displayName": user.name.as_str(),
        },
        "challenge": encode(challenge),
        "pubKeyCredParams": algorithms,
        "timeout": TIMEOUT,
        "excludeCredentials": descriptors(known.iter()),
        // Discoverable where the device can: it is what phones and computers copy among their owner's devices.
        "authenticatorSelection": { "residentKey": "preferred", "requireResidentKey": false, "userVerification": "required" },
        "attestation": "none",
    })
    .to_string()
}

/// Options of a sign-in.
pub(super) fn request<'a>(id: &str, challenge: &[u8; 32], known: impl Iterator<Item = &'a CredentialId>) -> String {
    json!({
        "rpId": id,
        "challenge": encode(challenge),
        "timeout": TIMEOUT,
        "allowCredentials": descriptors(known),
        "userVerification": "required",
    })
    .to_string()
}

fn descriptors<'a>(ids: impl Iterator<Item = &'a CredentialId>) -> Vec<Value> {
    ids.map(|id| json!({ "type": "public-key", "id": encode(id.as_bytes()) })).collect()
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
