//! What the browser says about the page that asked (WebAuthn Level 3, section 5.8.1).

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mychartum_core::port::passkeys::PasskeyError;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// Which of the two ceremonies.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ceremony {
    /// A new passkey is made.
    Enrolment,
    /// A passkey is used.
    SignIn,
}

/// The members that are checked. A member that comes twice is an error; others may come, now and in later levels.
#[derive(Deserialize)]
struct ClientData<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    challenge: Cow<'a, str>,
    #[serde(borrow)]
    origin: Cow<'a, str>,
    #[serde(default, rename = "crossOrigin")]
    cross_origin: Option<bool>,
    #[serde(default, rename = "topOrigin")]
    top_origin: Option<IgnoredAny>,
    #[serde(borrow, default, rename = "tokenBinding")]
    token_binding: Option<TokenBinding<'a>>,
}

#[derive(Deserialize)]
struct TokenBinding<'a> {
    #[serde(borrow)]
    status: Cow<'a, str>,
}

/// Checks the JSON that the browser made: its ceremony, challenge and origin.
pub(super) fn check(
    json: &[u8],
    ceremony: Ceremony,
    challenge: &[u8; 32],
    origins: &[String],
) -> Result<(), PasskeyError> {
    // 7.1 steps 5 and 6, 7.2 steps 9 and 10: UTF-8, then JSON.
    let text = core::str::from_utf8(json).map_err(|_| PasskeyError::Malformed)?;
    let data: ClientData<'_> = serde_json::from_str(text).map_err(|_| PasskeyError::Malformed)?;
    // 7.1 step 7, 7.2 step 11: the ceremony.
    let kind = match ceremony {
        Ceremony::Enrolment => "webauthn.create",
        Ceremony::SignIn => "webauthn.get",
    };
    if data.kind != kind {
        return Err(PasskeyError::WrongCeremony);
    }
    // 7.1 step 8, 7.2 step 12: the challenge, compared as it is encoded.
    if data.challenge != URL_SAFE_NO_PAD.encode(challenge) {
        return Err(PasskeyError::WrongChallenge);
    }
    // 7.1 step 9, 7.2 step 13: the origin, letter for letter. Level 3 adds pages in frames of other origins; we take none.
    let framed = data.cross_origin == Some(true) || data.top_origin.is_some();
    if framed || !origins.iter().any(|origin| *origin == data.origin) {
        return Err(PasskeyError::WrongOrigin);
    }
    // 7.1 step 10, 7.2 step 14: no connection of ours has token binding, so none may be said to have been used.
    match data.token_binding.as_ref().map(|binding| binding.status.as_ref()) {
        None | Some("supported") => Ok(()),
        Some("present") => Err(PasskeyError::Unsupported),
        Some(_) => Err(PasskeyError::Malformed),
    }
}
