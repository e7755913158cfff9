//! Whatever comes, it is no panic, and it is believed only where it means the same.

use std::slice::from_ref;

use mychartum_core::port::PasskeyVerifier as _;
use mychartum_core::port::passkeys::Passkey;
use proptest::prelude::*;
use serde_json::Value;

use crate::authenticator::{Authenticator, Kind, Made, encode};
use crate::{ENROLLING, SIGNING_IN, enrolled, passkeys, used, user};

/// One change of some bytes.
#[derive(Debug, Clone)]
enum Change {
    Set(prop::sample::Index, u8),
    Remove(prop::sample::Index),
    Insert(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    Repeat(prop::sample::Index, prop::sample::Index),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let place = any::<prop::sample::Index>;
    let change = prop_oneof![
        4 => (place(), any::<u8>()).prop_map(|(place, byte)| Change::Set(place, byte)),
        1 => place().prop_map(Change::Remove),
        1 => (place(), any::<u8>()).prop_map(|(place, byte)| Change::Insert(place, byte)),
        1 => place().prop_map(Change::Cut),
        1 => (place(), place()).prop_map(|(one, two)| Change::Repeat(one, two)),
    ];
    prop::collection::vec(change, 1..4)
}

fn change(bytes: &mut Vec<u8>, changes: &[Change]) {
    for change in changes {
        let length = bytes.len();
        if length == 0 {
            return;
        }
        match change {
            Change::Set(place, byte) => bytes[place.index(length)] = *byte,
            Change::Remove(place) => _ = bytes.remove(place.index(length)),
            Change::Insert(place, byte) => bytes.insert(place.index(length), *byte),
            Change::Cut(place) => bytes.truncate(place.index(length)),
            Change::Repeat(one, two) => {
                let (one, two) = (one.index(length), two.index(length));
                let piece = bytes[one.min(two)..one.max(two)].to_vec();
                bytes.extend_from_slice(&piece);
            }
        }
    }
}

fn decode(text: &Value) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text.as_str().unwrap()).unwrap()
}

/// A credential and right responses to both ceremonies, made once.
struct World {
    authenticator: Authenticator,
    passkey: Passkey,
    made: Value,
    used: Value,
}

fn world() -> &'static World {
    static WORLD: std::sync::OnceLock<World> = std::sync::OnceLock::new();
    WORLD.get_or_init(|| {
        let (_, authenticator, passkey) = enrolled(Kind::Es256);
        let made = Made::new(&authenticator, &ENROLLING).to_value();
        let response = used(&authenticator);
        let used = response.to_value(&response.signature(&authenticator));
        World { authenticator, passkey, made, used }
    })
}

/// Where a changed enrolment is believed, it must be this credential for this page.
fn enrols_only_itself(json: &str) -> Result<(), TestCaseError> {
    if let Ok(passkey) = passkeys().enrol(&user(), &ENROLLING, json) {
        prop_assert!(passkey == world().passkey);
    }
    Ok(())
}

/// Where a changed sign-in is believed, it must be this use.
fn proves_only_itself(json: &str) -> Result<(), TestCaseError> {
    if let Ok(proof) = passkeys().verify(&SIGNING_IN, from_ref(&world().passkey), json) {
        prop_assert!(proof.id == world().passkey.id && proof.counter == 2 && proof.user_verified);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_text(text in any::<String>()) {
        prop_assert!(passkeys().enrol(&user(), &ENROLLING, &text).is_err());
        prop_assert!(passkeys().verify(&SIGNING_IN, from_ref(&world().passkey), &text).is_err());
    }

    #[test]
    fn any_bytes_as_any_part(bytes in prop::collection::vec(any::<u8>(), 0..300), part in 0..5usize) {
        let (mut made, mut used) = (world().made.clone(), world().used.clone());
        if part < 2 {
            let part = ["clientDataJSON", "attestationObject"][part];
            made["response"][part] = encode(&bytes).into();
            prop_assert!(passkeys().enrol(&user(), &ENROLLING, &made.to_string()).is_err());
        } else {
            let part = ["clientDataJSON", "authenticatorData", "signature"][part - 2];
            used["response"][part] = encode(&bytes).into();
            prop_assert!(passkeys().verify(&SIGNING_IN, from_ref(&world().passkey), &used.to_string()).is_err());
        }
    }

    #[test]
    fn changed_texts(changes in changes()) {
        let mut made = world().made.to_string().into_bytes();
        change(&mut made, &changes);
        // Nobody signs an enrolment without attestation, so a changed one may be believed; what it says must still be whole.
        if let Ok(passkey) = passkeys().enrol(&user(), &ENROLLING, &String::from_utf8_lossy(&made)) {
            prop_assert!(passkey.user == user().handle && passkey.user_verified);
        }
        let mut used = world().used.to_string().into_bytes();
        change(&mut used, &changes);
        proves_only_itself(&String::from_utf8_lossy(&used))?;
    }

    #[test]
    fn changed_parts_of_a_sign_in(changes in changes(), part in 0..3usize) {
        let mut used = world().used.clone();
        let part = ["clientDataJSON", "authenticatorData", "signature"][part];
        let before = decode(&used["response"][part]);
        let mut bytes = before.clone();
        change(&mut bytes, &changes);
        used["response"][part] = encode(&bytes).into();
        let believed = passkeys().verify(&SIGNING_IN, from_ref(&world().passkey), &used.to_string()).is_ok();
        // Every byte of what is signed counts, and every byte of the signature.
        prop_assert_eq!(believed, bytes == before);
    }

    #[test]
    fn changed_parts_of_a_self_attested_enrolment(changes in changes(), part in 0..2usize) {
        let authenticator = &world().authenticator;
        let mut made = Made::new(authenticator, &ENROLLING).self_attested(authenticator, 0x26).to_value();
        let part = ["clientDataJSON", "attestationObject"][part];
        let before = decode(&made["response"][part]);
        let mut bytes = before.clone();
        change(&mut bytes, &changes);
        made["response"][part] = encode(&bytes).into();
        enrols_only_itself(&made.to_string())?;
        if part == "clientDataJSON" {
            let believed = passkeys().enrol(&user(), &ENROLLING, &made.to_string()).is_ok();
            prop_assert_eq!(believed, bytes == before);
        }
    }

    #[test]
    fn changed_authenticator_data_that_are_signed_again(changes in changes()) {
        // A hostile authenticator signs what it likes: then the answer is what it said, or a refusal.
        let authenticator = &world().authenticator;
        let mut response = used(authenticator);
        let mut bytes = response.data.to_bytes();
        change(&mut bytes, &changes);
        let fixed = bytes.len().min(37);
        response.data.rest = bytes.split_off(fixed);
        bytes.resize(37, 0);
        response.data.relying_party = bytes[..32].to_vec();
        response.data.flags = bytes[32];
        response.data.counter = u32::from_be_bytes([bytes[33], bytes[34], bytes[35], bytes[36]]);
        let json = response.to_json(authenticator);
        if let Ok(proof) = passkeys().verify(&SIGNING_IN, from_ref(&world().passkey), &json) {
            prop_assert_eq!(proof.counter, response.data.counter);
            prop_assert!(response.data.flags & 0x0d == 0x05 && proof.counter > 1);
            prop_assert_eq!(&response.data.relying_party, &used(authenticator).data.relying_party);
        }
    }
}
