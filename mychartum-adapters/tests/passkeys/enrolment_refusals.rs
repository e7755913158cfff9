//! What is wrong with an enrolment is refused, each for its reason.

use mychartum_core::port::PasskeyVerifier as _;
use mychartum_core::port::passkeys::PasskeyError;
use serde_json::{Value, json};

use crate::authenticator::{
    ATTESTED, Authenticator, BACKED_UP, EXTENSIONS, Kind, Made, USER_PRESENT, USER_VERIFIED, attested, encode, sha256,
};
use crate::{ENROLLING, SIGNING_IN, passkeys, user};

fn bent(bend: impl FnOnce(&mut Made, &Authenticator)) -> Option<PasskeyError> {
    let authenticator = Authenticator::new(Kind::Es256);
    let mut made = Made::new(&authenticator, &ENROLLING);
    bend(&mut made, &authenticator);
    passkeys().enrol(&user(), &ENROLLING, &made.to_json()).err()
}

fn written(bend: impl FnOnce(&mut Value)) -> Option<PasskeyError> {
    let mut value = Made::new(&Authenticator::new(Kind::Es256), &ENROLLING).to_value();
    bend(&mut value);
    passkeys().enrol(&user(), &ENROLLING, &value.to_string()).err()
}

/// The answer to a new credential with this key.
fn with_key(cose: &[u8]) -> Option<PasskeyError> {
    bent(|made, authenticator| made.data.rest = attested(&authenticator.id, cose))
}

#[test]
fn nothing_bent_is_taken() {
    assert_eq!(bent(|_, _| ()), None);
    assert_eq!(written(|_| ()), None);
}

#[test]
fn steps_5_to_10_what_the_browser_says() {
    use PasskeyError::{Malformed, Unsupported, WrongCeremony, WrongChallenge, WrongOrigin};
    for (member, value, expected) in [
        ("type", json!("webauthn.get"), WrongCeremony),
        ("challenge", json!(encode(&SIGNING_IN)), WrongChallenge),
        ("origin", json!("https://evil.example"), WrongOrigin),
        ("crossOrigin", json!(true), WrongOrigin),
        ("topOrigin", json!("https://portal.example.org"), WrongOrigin),
        ("tokenBinding", json!({ "status": "present", "id": "AA" }), Unsupported),
        ("tokenBinding", json!("present"), Malformed),
        ("crossOrigin", json!("true"), Malformed),
        ("type", json!(null), Malformed),
    ] {
        let answer = bent(|made, _| made.client_data[member] = value.clone());
        assert_eq!(answer, Some(expected), "{member} {value}");
    }
}

#[test]
fn step_12_an_attestation_object_that_is_none() {
    let malformed = Some(PasskeyError::Malformed);
    assert_eq!(bent(|made, _| made.after = vec![0]), malformed, "something after it");
    for object in [&b""[..], b"\xa0", b"\x80", b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x60"] {
        let answer = written(|value| value["response"]["attestationObject"] = json!(encode(object)));
        assert_eq!(answer, malformed);
    }
    // `fmt` twice: the second one would be believed by some, the first by others.
    let answer = bent(|made, _| made.statement = b"\xa0\x63fmt\x64none".to_vec());
    assert_eq!(answer, malformed);
}

#[test]
fn steps_13_to_15_relying_party_presence_verification() {
    assert_eq!(
        bent(|made, _| made.data.relying_party = sha256(b"evil.example")),
        Some(PasskeyError::WrongRelyingParty)
    );
    assert_eq!(bent(|made, _| made.data.flags &= !USER_PRESENT), Some(PasskeyError::UserNotPresent));
    assert_eq!(bent(|made, _| made.data.flags &= !USER_VERIFIED), Some(PasskeyError::UserNotVerified));
}

#[test]
fn the_shape_of_authenticator_data() {
    let malformed = Some(PasskeyError::Malformed);
    assert_eq!(bent(|made, _| made.data.flags &= !ATTESTED), malformed, "a credential, not announced");
    let no_credential = bent(|made, _| {
        made.data.flags &= !ATTESTED;
        made.data.rest.clear();
    });
    assert_eq!(no_credential, malformed);
    assert_eq!(bent(|made, _| made.data.rest.push(0)), malformed, "something after it");
    assert_eq!(bent(|made, _| made.data.flags |= EXTENSIONS), malformed, "extensions announced");
    assert_eq!(bent(|made, _| made.data.flags |= BACKED_UP), malformed, "backed up, but not eligible");
    let lengths = Made::new(&Authenticator::new(Kind::Es256), &ENROLLING).data.rest.len();
    for length in 0..lengths {
        assert_eq!(bent(|made, _| made.data.rest.truncate(length)), malformed, "{length}");
    }
    let other = Authenticator::new(Kind::Es256).id;
    assert_eq!(bent(|made, _| made.id = other), malformed, "the browser names another credential");
}

#[test]
fn step_16_algorithms() {
    let unsupported = Some(PasskeyError::Unsupported);
    // ES384 on P-384.
    let es384 = [b"\xa5\x01\x02\x03\x38\x22\x20\x02\x21\x58\x30", &[7; 48][..], b"\x22\x58\x30", &[7; 48]].concat();
    assert_eq!(with_key(&es384), unsupported);
    // ES256 on another curve, EdDSA on Ed448.
    let p384 = [b"\xa5\x01\x02\x03\x26\x20\x02\x21\x58\x20", &[7; 32][..], b"\x22\x58\x20", &[7; 32]].concat();
    assert_eq!(with_key(&p384), unsupported);
    let ed448 = [b"\xa4\x01\x01\x03\x27\x20\x07\x21\x58\x39", &[7; 57][..]].concat();
    assert_eq!(with_key(&ed448), unsupported);
    // RSA of 1,024 bits, with a zero in front, of 8,192 bits, and with an exponent of five bytes.
    let rsa = |modulus: &[u8], exponent: &[u8]| {
        let length = u16::try_from(modulus.len()).unwrap().to_be_bytes();
        let size = 0x40 | u8::try_from(exponent.len()).unwrap();
        with_key(&[b"\xa4\x01\x03\x03\x39\x01\x00\x20\x59", &length[..], modulus, b"\x21", &[size], exponent].concat())
    };
    assert_eq!(rsa(&[7; 256], &[1, 0, 1]), None);
    assert_eq!(rsa(&[7; 128], &[1, 0, 1]), unsupported);
    assert_eq!(rsa(&[&[0][..], &[7; 256]].concat(), &[1, 0, 1]), unsupported);
    assert_eq!(rsa(&[7; 1024], &[1, 0, 1]), unsupported);
    assert_eq!(rsa(&[7; 256], &[1, 0, 0, 0, 1]), unsupported);
    assert_eq!(rsa(&[7; 256], &[]), unsupported);
}

#[test]
fn keys_that_are_none() {
    let malformed = Some(PasskeyError::Malformed);
    let es256 = Authenticator::new(Kind::Es256).cose();
    assert_eq!(with_key(&es256), None);
    let changed = |place: usize, byte: u8| {
        let mut key = es256.clone();
        key[place] = byte;
        with_key(&key)
    };
    assert_eq!(changed(2, 1), malformed, "the kind of another algorithm");
    assert_eq!(changed(1, 9), malformed, "no kind");
    assert_eq!(changed(5, 9), malformed, "no curve");
    assert_eq!(changed(7, 9), malformed, "no x");
    // A compressed point: y is a sign.
    let compressed = [&es256[..42], b"\x22\xf5"].concat();
    assert_eq!(with_key(&compressed), malformed);
    // x of 31 bytes.
    let short = [&es256[..8], &[0x58, 31], &es256[10..41], &es256[42..]].concat();
    assert_eq!(with_key(&short), malformed);
    // A member more, `key_ops`, and a member twice.
    let more = [&[0xa6], &es256[1..], b"\x04\x81\x02"].concat();
    assert_eq!(with_key(&more), malformed);
    let twice = [&[0xa6], &es256[1..], b"\x01\x02"].concat();
    assert_eq!(with_key(&twice), malformed);
}

#[test]
fn steps_18_and_19_attestation() {
    let answer = bent(|made, _| made.statement = b"\xa1\x63sig\x40".to_vec());
    assert_eq!(answer, Some(PasskeyError::Malformed), "none, with a statement");
    for format in ["fido-u2f", "tpm", "apple", "android-key", "compound", "None", ""] {
        assert_eq!(bent(|made, _| made.format = format.to_owned()), Some(PasskeyError::Unsupported), "{format}");
    }
}

#[test]
fn self_attestation_that_does_not_hold() {
    let attest = |algorithm: u8, bend: &dyn Fn(&mut Made)| {
        let authenticator = Authenticator::new(Kind::Es256);
        let mut made = Made::new(&authenticator, &ENROLLING).self_attested(&authenticator, algorithm);
        bend(&mut made);
        passkeys().enrol(&user(), &ENROLLING, &made.to_json()).err()
    };
    assert_eq!(attest(0x26, &|_| ()), None);
    assert_eq!(attest(0x27, &|_| ()), Some(PasskeyError::Malformed), "another algorithm than the key's");
    assert_eq!(attest(0x26, &|made| made.data.counter = 9), Some(PasskeyError::BadSignature));
    assert_eq!(attest(0x26, &|made| made.client_data["more"] = json!(1)), Some(PasskeyError::BadSignature));
    let model = |made: &mut Made| made.data.rest[0] = 1;
    assert_eq!(attest(0x26, &model), Some(PasskeyError::BadSignature), "the model, changed afterwards");
    let certified = |made: &mut Made| {
        made.statement[0] = 0xa3;
        made.statement.extend_from_slice(b"\x63x5c\x81\x41\x00");
    };
    assert_eq!(attest(0x26, &certified), Some(PasskeyError::Unsupported), "with certificates");
    assert_eq!(attest(0x26, &|made| made.statement = vec![0xa0]), Some(PasskeyError::Malformed));
}

#[test]
fn a_written_response_that_is_not_one() {
    let malformed = Some(PasskeyError::Malformed);
    assert_eq!(written(|value| value["type"] = json!("password")), malformed);
    assert_eq!(written(|value| value["id"] = json!("AAAA")), malformed, "two ids");
    for member in ["id", "rawId", "type", "response"] {
        assert_eq!(written(|value| drop(value.as_object_mut().unwrap().remove(member))), malformed, "{member}");
    }
    for member in ["clientDataJSON", "attestationObject"] {
        assert_eq!(written(|value| value["response"][member] = json!("A")), malformed, "{member}");
        assert_eq!(written(|value| value["response"][member] = json!(1)), malformed, "{member}");
    }
    assert_eq!(written(|value| value["more"] = json!("x".repeat(64 << 10))), malformed, "too long");
    assert_eq!(passkeys().enrol(&user(), &ENROLLING, "").err(), malformed);
}
