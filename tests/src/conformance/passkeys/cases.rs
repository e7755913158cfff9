//! The seven promises of the passkeys port.

use mychartum_core::port::PasskeyVerifier;
use mychartum_core::port::passkeys::{CredentialId, Passkey, PasskeyError, PasskeyUse, UserHandle};
use serde_json::Value;

use super::Factory;
use super::recording::{
    ENROLLING, ENROLMENT, RELYING_PARTY, SIGN_IN, SIGNING_IN, encoded, member, other_character, passkey, sign_in_with,
    strangers, user, verifier, with_other_key,
};
use crate::conformance::Breach;
use crate::conformance::case::ensure;

/// Whether an answer was this refusal.
fn refused<T>(answer: Result<T, PasskeyError>, expected: PasskeyError, what: &str) -> Result<(), Breach> {
    match answer {
        Err(error) if error == expected => Ok(()),
        Err(error) => Err(Breach(format!("{what}: refused, but as \"{error}\""))),
        Ok(_) => Err(Breach(format!("{what}: taken"))),
    }
}

fn verify(verifier: &dyn PasskeyVerifier, passkey: &Passkey, response: &str) -> Result<PasskeyUse, PasskeyError> {
    verifier.verify(&SIGNING_IN, core::slice::from_ref(passkey), response)
}

/// Every beginning of a JSON text that is not the whole.
fn parts(json: &str) -> impl Iterator<Item = &str> {
    let whole = json.trim_end();
    (0..whole.len()).filter_map(|length| whole.get(..length))
}

pub(super) async fn enrols(factory: &dyn Factory) -> Result<(), Breach> {
    let (ours, user) = (verifier(factory), user()?);
    let made = passkey(&ours)?;
    ensure(made.user == user.handle, "the passkey has another user's handle")?;
    let named = serde_json::from_str::<Value>(ENROLMENT).ok();
    let named = named.as_ref().and_then(|json| json.get("id")).and_then(Value::as_str);
    ensure(named == Some(&encoded(made.id.as_bytes())), "the passkey has another id")?;
    ensure(verify(&ours, &made, SIGN_IN).is_ok(), "the passkey's key cannot be used")?;

    let answer = ours.enrol(&user, &SIGNING_IN, ENROLMENT);
    refused(answer, PasskeyError::WrongChallenge, "an enrolment for another challenge")?;
    for (stranger, expected) in strangers(factory) {
        refused(stranger.enrol(&user, &ENROLLING, ENROLMENT), expected, "an enrolment made elsewhere")?;
    }
    let answer = ours.enrol(&user, &SIGNING_IN, SIGN_IN);
    ensure(answer.is_err(), "a sign-in was taken for an enrolment")
}

pub(super) async fn verifies(factory: &dyn Factory) -> Result<(), Breach> {
    let ours = verifier(factory);
    let made = passkey(&ours)?;
    let proof = verify(&ours, &made, SIGN_IN);
    ensure(proof.is_ok_and(|proof| proof.id == made.id), "a right sign-in was refused, or taken for another's")?;

    let answer = ours.verify(&ENROLLING, core::slice::from_ref(&made), SIGN_IN);
    refused(answer, PasskeyError::WrongChallenge, "a sign-in for another challenge")?;
    for (stranger, expected) in strangers(factory) {
        refused(verify(&stranger, &made, SIGN_IN), expected, "a sign-in made elsewhere")?;
    }
    refused(ours.verify(&SIGNING_IN, &[], SIGN_IN), PasskeyError::UnknownCredential, "a passkey that is not known")?;
    let handle = UserHandle::new(&[0x43; 32]).map_err(|error| Breach(error.to_string()))?;
    let others = Passkey { user: handle, ..made.clone() };
    refused(verify(&ours, &others, SIGN_IN), PasskeyError::WrongUser, "a sign-in that names another user")?;
    let answer = verify(&ours, &with_other_key(&made)?, SIGN_IN);
    ensure(answer.is_err(), "a sign-in was taken that another key should have signed")?;
    ensure(verify(&ours, &made, ENROLMENT).is_err(), "an enrolment was taken for a sign-in")
}

pub(super) async fn signatures_count(factory: &dyn Factory) -> Result<(), Breach> {
    let ours = verifier(factory);
    let made = passkey(&ours)?;
    for name in ["signature", "authenticatorData", "clientDataJSON"] {
        let text = member(name)?;
        for place in 0..text.len() {
            let changed = sign_in_with(&text, &other_character(&text, place));
            ensure(
                verify(&ours, &made, &changed).is_err(),
                "a sign-in was taken that was changed after it was signed",
            )?;
        }
        let without = sign_in_with(&text, "");
        ensure(verify(&ours, &made, &without).is_err(), "a sign-in was taken that lacks a part")?;
    }
    Ok(())
}

pub(super) async fn counters_rise(factory: &dyn Factory) -> Result<(), Breach> {
    let ours = verifier(factory);
    let made = passkey(&ours)?;
    let proof = verify(&ours, &made, SIGN_IN).map_err(|error| Breach(error.to_string()))?;
    for counter in [proof.counter, proof.counter.saturating_add(1), u32::MAX] {
        let later = Passkey { counter, ..made.clone() };
        refused(verify(&ours, &later, SIGN_IN), PasskeyError::CounterWentBack, "a counter that does not rise")?;
    }
    let earlier = Passkey { counter: 0, ..made };
    ensure(verify(&ours, &earlier, SIGN_IN).is_ok(), "a counter that rises from 0 was refused")
}

pub(super) async fn tells_what_was_signed(factory: &dyn Factory) -> Result<(), Breach> {
    let ours = verifier(factory);
    let made = passkey(&ours)?;
    ensure(made.counter == 1, "the counter of the enrolment is not what was recorded")?;
    ensure(made.backup_eligible && made.user_verified, "a flag of the enrolment is not what was recorded")?;
    let proof = verify(&ours, &made, SIGN_IN).map_err(|error| Breach(error.to_string()))?;
    ensure(proof.counter == 2, "the counter of the sign-in is not what was recorded")?;
    ensure(proof.user_verified, "the flag of the sign-in is not what was recorded")?;
    let changed = Passkey { backup_eligible: false, ..made };
    refused(verify(&ours, &changed, SIGN_IN), PasskeyError::BackupChanged, "eligibility for backup that has changed")
}

pub(super) async fn answers_always(factory: &dyn Factory) -> Result<(), Breach> {
    let (ours, user) = (verifier(factory), user()?);
    let made = passkey(&ours)?;
    let deep = "[".repeat(60 << 10);
    for text in ["", "{", "{}", "null", "[]", "\u{0}", "{\"id\":1}", &deep] {
        ensure(ours.enrol(&user, &ENROLLING, text).is_err(), "nonsense was enrolled")?;
        ensure(verify(&ours, &made, text).is_err(), "nonsense signed in")?;
    }
    for part in parts(ENROLMENT) {
        ensure(ours.enrol(&user, &ENROLLING, part).is_err(), "a part of an enrolment was taken for the whole")?;
    }
    for part in parts(SIGN_IN) {
        ensure(verify(&ours, &made, part).is_err(), "a part of a sign-in was taken for the whole")?;
    }
    // Blanks after JSON mean nothing, so only the length speaks against these.
    let blanks = " ".repeat(64 << 10);
    let answer = ours.enrol(&user, &ENROLLING, &format!("{ENROLMENT}{blanks}"));
    refused(answer, PasskeyError::Malformed, "an enrolment of more than 64 KiB")?;
    let answer = verify(&ours, &made, &format!("{SIGN_IN}{blanks}"));
    refused(answer, PasskeyError::Malformed, "a sign-in of more than 64 KiB")
}

pub(super) async fn answers_alike(factory: &dyn Factory) -> Result<(), Breach> {
    let ours = verifier(factory);
    let made = passkey(&ours)?;
    let (one, two) = (verify(&ours, &made, SIGN_IN), verify(&ours, &made, SIGN_IN));
    ensure(one.is_ok() && one == two, "the second answer was another")?;
    ensure(passkey(&ours)? == made, "a second enrolment of the same response gave another passkey")?;
    let (there, key) = (ours.clone(), made.clone());
    let elsewhere = tokio::task::spawn_blocking(move || verify(&there, &key, SIGN_IN)).await?;
    ensure(elsewhere == one, "the answer on another thread was another")
}

pub(super) async fn options_are_whole(factory: &dyn Factory) -> Result<(), Breach> {
    let (ours, user) = (verifier(factory), user()?);
    let made = passkey(&ours)?;
    let id = CredentialId::new(&[9; 20]).map_err(|error| Breach(error.to_string()))?;
    let other = Passkey { id, ..made.clone() };
    let ids = [made.id.clone(), other.id.clone()];
    let parse = |text: Result<String, PasskeyError>| {
        let text = text.map_err(|error| Breach(format!("unexpected error: {error}")))?;
        serde_json::from_str::<Value>(&text).map_err(|_| Breach::from("options are no JSON"))
    };
    let is = |json: &Value, path: &str, text: &str| json.pointer(path).and_then(Value::as_str) == Some(text);
    let names = |json: &Value, list: &str| {
        ids.iter().enumerate().all(|(place, id)| {
            is(json, &format!("/{list}/{place}/id"), &encoded(id.as_bytes()))
                && is(json, &format!("/{list}/{place}/type"), "public-key")
        })
    };

    let json = parse(ours.enrolment_options(&user, &ENROLLING, &ids))?;
    let whole = is(&json, "/challenge", &encoded(&ENROLLING))
        && is(&json, "/rp/id", RELYING_PARTY)
        && is(&json, "/rp/name", "Riverside Clinic")
        && is(&json, "/user/id", &encoded(user.handle.as_bytes()))
        && is(&json, "/user/displayName", user.name.as_str())
        && json.pointer("/user/name").is_some_and(Value::is_string);
    ensure(whole, "options of an enrolment lack their challenge, relying party or user")?;
    let algorithms = json.pointer("/pubKeyCredParams").and_then(Value::as_array);
    let es256 =
        algorithms.is_some_and(|list| list.iter().any(|one| one.get("alg").and_then(Value::as_i64) == Some(-7)));
    ensure(es256, "options of an enrolment do not ask for ES256")?;
    ensure(names(&json, "excludeCredentials"), "options of an enrolment do not name what is known")?;

    let json = parse(ours.sign_in_options(&SIGNING_IN, &[made, other]))?;
    let whole = is(&json, "/challenge", &encoded(&SIGNING_IN)) && is(&json, "/rpId", RELYING_PARTY);
    ensure(whole, "options of a sign-in lack their challenge or relying party")?;
    ensure(names(&json, "allowCredentials"), "options of a sign-in do not name what is known")?;
    refused(ours.sign_in_options(&SIGNING_IN, &[]), PasskeyError::UnknownCredential, "options that name no passkey")
}
