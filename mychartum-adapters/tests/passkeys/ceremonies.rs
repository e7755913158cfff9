//! What is right is taken: both ceremonies from end to end.

use std::slice::from_ref;

use mychartum_core::port::PasskeyVerifier as _;
use mychartum_core::port::passkeys::{CredentialId, Passkey, PasskeyError};
use serde_json::{Value, json};

use crate::authenticator::{
    ATTESTED, Authenticator, BACKED_UP, BACKUP_ELIGIBLE, EXTENSIONS, Kind, Made, attested, encode,
};
use crate::{ENROLLING, RELYING_PARTY, SIGNING_IN, enrolled, passkeys, used, user};

#[test]
fn a_passkey_is_enrolled_and_signs_in() {
    for kind in [Kind::Es256, Kind::Ed25519] {
        let (passkeys, authenticator, passkey) = enrolled(kind);
        assert_eq!(passkey.id.as_bytes(), authenticator.id);
        assert_eq!(passkey.key.as_bytes(), authenticator.cose());
        assert!(passkey.user == user().handle && passkey.counter == 1);
        assert!(passkey.user_verified && !passkey.backup_eligible);
        // It is kept as JSON between the two.
        let passkey: Passkey = serde_json::from_str(&serde_json::to_string(&passkey).unwrap()).unwrap();
        let response = used(&authenticator).to_json(&authenticator);
        let proof = passkeys.verify(&SIGNING_IN, from_ref(&passkey), &response).unwrap();
        assert!(proof.id == passkey.id && proof.counter == 2 && proof.user_verified);
    }
}

#[test]
fn the_one_that_was_used_is_found_among_others() {
    let (passkeys, _, first) = enrolled(Kind::Es256);
    let (_, authenticator, second) = enrolled(Kind::Ed25519);
    let response = used(&authenticator).to_json(&authenticator);
    let proof = passkeys.verify(&SIGNING_IN, &[first, second.clone()], &response).unwrap();
    assert!(proof.id == second.id);
}

#[test]
fn an_authenticator_may_name_its_user_count_or_not_and_be_backed_up() {
    let authenticator = Authenticator::new(Kind::Es256);
    let mut made = Made::new(&authenticator, &ENROLLING);
    made.data.counter = 0;
    made.data.flags |= BACKUP_ELIGIBLE;
    let passkey = passkeys().enrol(&user(), &ENROLLING, &made.to_json()).unwrap();
    assert!(passkey.backup_eligible && passkey.counter == 0);
    let mut response = used(&authenticator);
    response.data.flags |= BACKUP_ELIGIBLE | BACKED_UP;
    response.data.counter = 0;
    for handle in [None, Some(vec![]), Some(user().handle.as_bytes().to_vec())] {
        response.user_handle = handle;
        let json = response.to_json(&authenticator);
        let proof = passkeys().verify(&SIGNING_IN, from_ref(&passkey), &json).unwrap();
        assert_eq!(proof.counter, 0);
    }
}

#[test]
fn self_attestation_is_checked_and_taken() {
    for (kind, algorithm) in [(Kind::Es256, 0x26), (Kind::Ed25519, 0x27)] {
        let authenticator = Authenticator::new(kind);
        let made = Made::new(&authenticator, &ENROLLING).self_attested(&authenticator, algorithm);
        assert!(passkeys().enrol(&user(), &ENROLLING, &made.to_json()).is_ok());
    }
}

#[test]
fn what_later_levels_may_add_is_no_fault() {
    let (passkeys, authenticator, passkey) = enrolled(Kind::Es256);
    let mut response = used(&authenticator);
    response.client_data["somethingNew"] = json!({ "of": ["a", 1, null] });
    response.client_data["tokenBinding"] = json!({ "status": "supported" });
    // Reserved flags, and an extension that came unasked: {"credProtect": 2}.
    response.data.flags |= 0x22 | EXTENSIONS;
    response.data.rest = b"\xa1\x6bcredProtect\x02".to_vec();
    let mut value = response.to_value(&response.signature(&authenticator));
    value["authenticatorAttachment"] = json!("platform");
    value["response"]["somethingNew"] = json!(1);
    assert!(passkeys.verify(&SIGNING_IN, &[passkey], &value.to_string()).is_ok());

    let mut made = Made::new(&authenticator, &ENROLLING);
    made.data.flags |= EXTENSIONS;
    made.data.rest.extend_from_slice(b"\xa1\x6bcredProtect\x02");
    assert!(passkeys.enrol(&user(), &ENROLLING, &made.to_json()).is_ok());
}

#[test]
fn ids_have_up_to_1023_bytes() {
    let mut authenticator = Authenticator::new(Kind::Ed25519);
    for length in [1, 1023] {
        authenticator.id = vec![9; length];
        let made = Made::new(&authenticator, &ENROLLING);
        assert!(passkeys().enrol(&user(), &ENROLLING, &made.to_json()).is_ok(), "{length}");
    }
    for length in [0, 1024] {
        let mut made = Made::new(&authenticator, &ENROLLING);
        made.id = vec![9; length];
        made.data.rest = attested(&made.id, &authenticator.cose());
        assert_eq!(made.data.flags & ATTESTED, ATTESTED);
        let refused = passkeys().enrol(&user(), &ENROLLING, &made.to_json()).err();
        assert_eq!(refused, Some(PasskeyError::Malformed), "{length}");
    }
}

#[test]
fn the_options_of_an_enrolment() {
    let known = CredentialId::new(&[5; 20]).unwrap();
    let options = passkeys().enrolment_options(&user(), &ENROLLING, &[known]).unwrap();
    let expected = json!({
        "rp": { "id": RELYING_PARTY, "name": "Riverside Clinic" },
        "user": { "id": encode(&[0x42; 32]), "name": "Ana Example", "displayName": "Ana Example" },
        "challenge": encode(&ENROLLING),
        "pubKeyCredParams": [
            { "type": "public-key", "alg": -7 },
            { "type": "public-key", "alg": -8 },
            { "type": "public-key", "alg": -257 },
        ],
        "timeout": 300_000,
        "excludeCredentials": [{ "type": "public-key", "id": encode(&[5; 20]) }],
        "authenticatorSelection": {
            "residentKey": "preferred", "requireResidentKey": false, "userVerification": "required",
        },
        "attestation": "none",
    });
    assert_eq!(serde_json::from_str::<Value>(&options).unwrap(), expected);
}

#[test]
fn the_options_of_a_sign_in() {
    let (passkeys, authenticator, passkey) = enrolled(Kind::Es256);
    let options = passkeys.sign_in_options(&SIGNING_IN, &[passkey]).unwrap();
    let expected = json!({
        "rpId": RELYING_PARTY,
        "challenge": encode(&SIGNING_IN),
        "timeout": 300_000,
        "allowCredentials": [{ "type": "public-key", "id": encode(&authenticator.id) }],
        "userVerification": "required",
    });
    assert_eq!(serde_json::from_str::<Value>(&options).unwrap(), expected);
    // With none named, a browser would take any.
    assert_eq!(passkeys.sign_in_options(&SIGNING_IN, &[]).err(), Some(PasskeyError::UnknownCredential));
}
