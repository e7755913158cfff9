//! What `PublicKeyCredential.toJSON` writes (WebAuthn Level 3, section 5.1): `RegistrationResponseJSON` and
//! `AuthenticationResponseJSON`.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mychartum_core::port::passkeys::PasskeyError;
use serde::Deserialize;

/// The longest text that is read, in bytes. A real one has some two thousand.
const MAX_BYTES: usize = 64 << 10;

/// A credential with the response of one ceremony.
#[derive(Deserialize)]
struct Credential<'a, R> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow, rename = "rawId")]
    raw_id: Cow<'a, str>,
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    response: R,
}

#[derive(Deserialize)]
struct AttestationJson<'a> {
    #[serde(borrow, rename = "clientDataJSON")]
    client_data: Cow<'a, str>,
    #[serde(borrow, rename = "attestationObject")]
    attestation: Cow<'a, str>,
}

#[derive(Deserialize)]
struct AssertionJson<'a> {
    #[serde(borrow, rename = "clientDataJSON")]
    client_data: Cow<'a, str>,
    #[serde(borrow, rename = "authenticatorData")]
    authenticator_data: Cow<'a, str>,
    #[serde(borrow)]
    signature: Cow<'a, str>,
    #[serde(borrow, default, rename = "userHandle")]
    user_handle: Option<Cow<'a, str>>,
}

/// The response to an enrolment, decoded.
pub(super) struct AttestationResponse {
    pub(super) id: Vec<u8>,
    pub(super) client_data: Vec<u8>,
    pub(super) attestation: Vec<u8>,
}

/// The response to a sign-in, decoded.
pub(super) struct AssertionResponse {
    pub(super) id: Vec<u8>,
    pub(super) client_data: Vec<u8>,
    pub(super) authenticator_data: Vec<u8>,
    pub(super) signed: Vec<u8>,
    pub(super) user_handle: Option<Vec<u8>>,
}

impl AttestationResponse {
    /// Reads and decodes the text.
    pub(super) fn read(json: &str) -> Result<Self, PasskeyError> {
        let credential: Credential<'_, AttestationJson<'_>> = parse(json)?;
        Ok(Self {
            id: credential.id()?,
            client_data: decode(&credential.response.client_data)?,
            attestation: decode(&credential.response.attestation)?,
        })
    }
}

impl AssertionResponse {
    /// Reads and decodes the text.
    pub(super) fn read(json: &str) -> Result<Self, PasskeyError> {
        let credential: Credential<'_, AssertionJson<'_>> = parse(json)?;
        Ok(Self {
            id: credential.id()?,
            client_data: decode(&credential.response.client_data)?,
            authenticator_data: decode(&credential.response.authenticator_data)?,
            signed: decode(&credential.response.signature)?,
            user_handle: credential.response.user_handle.as_deref().map(decode).transpose()?,
        })
    }
}

impl<R> Credential<'_, R> {
    /// The id; the two texts of it must agree, so that nobody else can take the other one.
    fn id(&self) -> Result<Vec<u8>, PasskeyError> {
        if self.kind == "public-key" && self.id == self.raw_id {
            decode(&self.raw_id)
        } else {
            Err(PasskeyError::Malformed)
        }
    }
}

fn parse<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, PasskeyError> {
    if json.len() > MAX_BYTES {
        return Err(PasskeyError::Malformed);
    }
    serde_json::from_str(json).map_err(|_| PasskeyError::Malformed)
}

fn decode(text: &str) -> Result<Vec<u8>, PasskeyError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| PasskeyError::Malformed)
}
