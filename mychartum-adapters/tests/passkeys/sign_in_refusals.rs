//! What is wrong with a sign-in is refused, each for its reason. Signatures are right unless the case is about them.

use std::slice::from_ref;

use mychartum_core::port::PasskeyVerifier as _;
use mychartum_core::port::passkeys::{CoseKey, Passkey, PasskeyError, UserHandle};
use serde_json::{Value, json};

use crate::authenticator::{
    ATTESTED, Authenticator, BACKED_UP, BACKUP_ELIGIBLE, EXTENSIONS, Kind, USER_PRESENT, USER_VERIFIED, Used, attested,
    encode, sha256,
};
use crate::{ENROLLING, SIGNING_IN, enrolled, used};

/// The answer to a response that was bent before it was signed.
fn bent(kind: Kind, bend: impl Fn(&mut Used, &Authenticator)) -> Option<PasskeyError> {
    let (passkeys, authenticator, passkey) = enrolled(kind);
    let mut response = used(&authenticator);
    bend(&mut response, &authenticator);
    passkeys.verify(&SIGNING_IN, &[passkey], &response.to_json(&authenticator)).err()
}

fn both(expected: PasskeyError, what: &str, bend: impl Fn(&mut Used, &Authenticator)) {
    for kind in [Kind::Es256, Kind::Ed25519] {
        assert_eq!(bent(kind, &bend), Some(expected), "{what}, {kind:?}");
    }
}

/// The answer where what is kept was bent.
fn kept(bend: impl Fn(&mut Passkey)) -> Option<PasskeyError> {
    let (passkeys, authenticator, mut passkey) = enrolled(Kind::Es256);
    bend(&mut passkey);
    passkeys.verify(&SIGNING_IN, &[passkey], &used(&authenticator).to_json(&authenticator)).err()
}

/// The answer where the written response was bent.
fn written(bend: impl Fn(&mut Value)) -> Option<PasskeyError> {
    let (passkeys, authenticator, passkey) = enrolled(Kind::Es256);
    let response = used(&authenticator);
    let mut value = response.to_value(&response.signature(&authenticator));
    bend(&mut value);
    passkeys.verify(&SIGNING_IN, &[passkey], &value.to_string()).err()
}

#[test]
fn steps_5_and_6_the_credential_and_its_user() {
    let (passkeys, authenticator, _) = enrolled(Kind::Es256);
    let (_, _, other) = enrolled(Kind::Es256);
    let response = used(&authenticator).to_json(&authenticator);
    for known in [vec![], vec![other]] {
        assert_eq!(passkeys.verify(&SIGNING_IN, &known, &response).err(), Some(PasskeyError::UnknownCredential));
    }
    both(PasskeyError::WrongUser, "another user", |response, _| response.user_handle = Some(vec![0x43; 32]));
    let other = UserHandle::new(&[0x43; 32]).unwrap();
    assert_eq!(kept(|passkey| passkey.user = other.clone()), None, "where none is named, none is compared");
}

#[test]
fn step_11_the_ceremony() {
    for kind in ["webauthn.create", "webauthn.Get", "", "payment.get"] {
        both(PasskeyError::WrongCeremony, kind, |response, _| response.client_data["type"] = json!(kind));
    }
}

#[test]
fn step_12_the_challenge() {
    let padded = format!("{}=", encode(&SIGNING_IN));
    let hex = "22".repeat(32);
    for challenge in [&encode(&ENROLLING), "", &encode(&SIGNING_IN[1..]), &padded, &hex] {
        both(PasskeyError::WrongChallenge, challenge, |response, _| {
            response.client_data["challenge"] = json!(challenge);
        });
    }
}

#[test]
fn step_13_the_origin() {
    for origin in [
        "https://evil.example",
        "https://portal.example.org/",
        "https://portal.example.org:8443",
        "http://portal.example.org",
        "https://Portal.example.org",
        "https://portal.example.org.evil.net",
        "https://other.example.org",
        "null",
        "",
    ] {
        both(PasskeyError::WrongOrigin, origin, |response, _| response.client_data["origin"] = json!(origin));
    }
    both(PasskeyError::WrongOrigin, "in a frame", |response, _| response.client_data["crossOrigin"] = json!(true));
    both(PasskeyError::WrongOrigin, "in a frame of a page", |response, _| {
        response.client_data["topOrigin"] = json!("https://example.org");
    });
}

#[test]
fn step_14_token_binding() {
    both(PasskeyError::Unsupported, "present", |response, _| {
        response.client_data["tokenBinding"] = json!({ "status": "present", "id": "AA" });
    });
    both(PasskeyError::Malformed, "unknown", |response, _| {
        response.client_data["tokenBinding"] = json!({ "status": "perhaps" });
    });
}

#[test]
fn steps_9_and_10_client_data_that_are_not_json() {
    for member in ["type", "challenge", "origin"] {
        both(PasskeyError::Malformed, member, |response, _| {
            response.client_data.as_object_mut().unwrap().remove(member);
        });
        both(PasskeyError::Malformed, member, |response, _| response.client_data[member] = json!(7));
    }
    for data in [&b""[..], b"{", b"[]", b"null", b"{}\xff", b"\xef\xbb\xbf{}"] {
        let answer = written(|value| value["response"]["clientDataJSON"] = json!(encode(data)));
        assert_eq!(answer, Some(PasskeyError::Malformed));
    }
}

#[test]
fn client_data_that_say_a_thing_twice() {
    let (passkeys, authenticator, passkey) = enrolled(Kind::Es256);
    let response = used(&authenticator);
    let text = response.client_data.to_string();
    let text = format!("{},\"origin\":\"https://evil.example\"}}", text.strip_suffix('}').unwrap());
    let signature = authenticator.sign(&[response.data.to_bytes(), sha256(text.as_bytes())].concat());
    let mut value = response.to_value(&signature);
    value["response"]["clientDataJSON"] = json!(encode(text.as_bytes()));
    let answer = passkeys.verify(&SIGNING_IN, &[passkey], &value.to_string());
    assert_eq!(answer.err(), Some(PasskeyError::Malformed));
}

#[test]
fn step_15_the_relying_party() {
    both(PasskeyError::WrongRelyingParty, "another", |response, _| {
        response.data.relying_party = sha256(b"portal.example.org");
    });
}

#[test]
fn steps_16_and_17_presence_and_verification() {
    both(PasskeyError::UserNotPresent, "absent", |response, _| response.data.flags &= !USER_PRESENT);
    both(PasskeyError::UserNotVerified, "not verified", |response, _| response.data.flags &= !USER_VERIFIED);
}

#[test]
fn step_18_and_the_shape_of_authenticator_data() {
    both(PasskeyError::Malformed, "bytes after it", |response, _| response.data.rest = vec![0]);
    both(PasskeyError::Malformed, "a map after it, not announced", |response, _| response.data.rest = vec![0xa0]);
    both(PasskeyError::Malformed, "extensions announced", |response, _| response.data.flags |= EXTENSIONS);
    both(PasskeyError::Malformed, "extensions that are no map", |response, _| {
        response.data.flags |= EXTENSIONS;
        response.data.rest = vec![0x80];
    });
    both(PasskeyError::Malformed, "bytes after extensions", |response, _| {
        response.data.flags |= EXTENSIONS;
        response.data.rest = vec![0xa0, 0];
    });
    both(PasskeyError::Malformed, "a credential announced", |response, _| response.data.flags |= ATTESTED);
    both(PasskeyError::Malformed, "a credential", |response, authenticator| {
        response.data.flags |= ATTESTED;
        response.data.rest = attested(&authenticator.id, &authenticator.cose());
    });
    both(PasskeyError::Malformed, "too short", |response, _| response.data.relying_party.truncate(31));
    both(PasskeyError::Malformed, "backed up, but not eligible", |response, _| response.data.flags |= BACKED_UP);
}

#[test]
fn step_20_the_signature() {
    for kind in [Kind::Es256, Kind::Ed25519] {
        let (passkeys, authenticator, passkey) = enrolled(kind);
        let response = used(&authenticator);
        let right = response.signature(&authenticator);
        let refused = |response: &Used, signature: &[u8]| {
            let json = response.to_value(signature).to_string();
            let answer = passkeys.verify(&SIGNING_IN, from_ref(&passkey), &json);
            assert_eq!(answer.err(), Some(PasskeyError::BadSignature));
        };
        for place in 0..right.len() {
            let mut wrong = right.clone();
            wrong[place] ^= 1;
            refused(&response, &wrong);
        }
        refused(&response, &[]);
        refused(&response, &right[1..]);
        refused(&response, &[&right[..], &[0]].concat());
        refused(&response, &Authenticator::new(kind).sign(b"something"));
        // What was signed, changed afterwards where nothing else is wrong.
        let mut higher = used(&authenticator);
        higher.data.counter = 3;
        refused(&higher, &right);
        let mut other = used(&authenticator);
        other.client_data["somethingNew"] = json!(1);
        refused(&other, &right);
        // Another key under the same id.
        let mut forged = Authenticator::new(kind);
        forged.id.clone_from(&authenticator.id);
        refused(&response, &response.signature(&forged));
    }
}

#[test]
fn the_flag_of_backup_stays() {
    both(PasskeyError::BackupChanged, "now eligible", |response, _| response.data.flags |= BACKUP_ELIGIBLE);
    assert_eq!(kept(|passkey| passkey.backup_eligible = true), Some(PasskeyError::BackupChanged));
}

#[test]
fn step_21_the_counter() {
    for (last, now, right) in
        [(0, 0, true), (0, 1, true), (1, 2, true), (1, 1, false), (2, 1, false), (1, 0, false), (u32::MAX, 0, false)]
    {
        let (passkeys, authenticator, mut passkey) = enrolled(Kind::Es256);
        passkey.counter = last;
        let mut response = used(&authenticator);
        response.data.counter = now;
        let answer = passkeys.verify(&SIGNING_IN, &[passkey], &response.to_json(&authenticator)).err();
        assert_eq!(answer, (!right).then_some(PasskeyError::CounterWentBack), "{last} then {now}");
    }
}

#[test]
fn a_written_response_that_is_not_one() {
    let malformed = Some(PasskeyError::Malformed);
    assert_eq!(written(|value| value["type"] = json!("password")), malformed);
    assert_eq!(written(|value| value["id"] = json!("AAAA")), malformed, "two ids");
    assert_eq!(written(|value| value["rawId"] = json!("AAAA")), malformed, "two ids");
    for member in ["id", "rawId", "type", "response"] {
        assert_eq!(written(|value| drop(value.as_object_mut().unwrap().remove(member))), malformed, "{member}");
    }
    for member in ["clientDataJSON", "authenticatorData", "signature"] {
        let response = |value: &mut Value, new: Value| value["response"][member] = new;
        assert_eq!(written(|value| response(value, Value::Null)), malformed, "{member}");
        for text in ["=", "AA==", "A", "AB", "+/+/", "AA AA", "\u{e9}"] {
            assert_eq!(written(|value| response(value, json!(text))), malformed, "{member} {text}");
        }
    }
    assert_eq!(written(|value| value["response"]["userHandle"] = json!("A")), malformed);
    assert_eq!(written(|value| value["more"] = json!("x".repeat(64 << 10))), malformed, "too long");
}

#[test]
fn a_kept_key_that_is_none() {
    for bytes in [&b"\xa0"[..], b"\x00", b"\xa2\x01\x02\x03\x26"] {
        let key = CoseKey::new(bytes).unwrap();
        assert_eq!(kept(|passkey| passkey.key = key.clone()), Some(PasskeyError::Malformed));
    }
    // A key with something after it.
    let answer = kept(|passkey| passkey.key = CoseKey::new(&[passkey.key.as_bytes(), &[0]].concat()).unwrap());
    assert_eq!(answer, Some(PasskeyError::Malformed));
    // A point that is not on the curve.
    let answer = kept(|passkey| {
        let mut key = passkey.key.as_bytes().to_vec();
        key[10] ^= 1;
        passkey.key = CoseKey::new(&key).unwrap();
    });
    assert_eq!(answer, Some(PasskeyError::BadSignature));
}
