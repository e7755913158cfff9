//! An authenticator in software: real keys, and every byte that it says can be bent before it signs.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

use crate::{ORIGIN, RELYING_PARTY};

pub(crate) const USER_PRESENT: u8 = 0x01;
pub(crate) const USER_VERIFIED: u8 = 0x04;
pub(crate) const BACKUP_ELIGIBLE: u8 = 0x08;
pub(crate) const BACKED_UP: u8 = 0x10;
pub(crate) const ATTESTED: u8 = 0x40;
pub(crate) const EXTENSIONS: u8 = 0x80;

/// Which kind of key it makes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Es256,
    Ed25519,
}

enum Key {
    Es256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

pub(crate) struct Authenticator {
    pub(crate) id: Vec<u8>,
    key: Key,
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
}

impl Authenticator {
    pub(crate) fn new(kind: Kind) -> Self {
        let random = SystemRandom::new();
        let mut id = vec![0; 24];
        random.fill(&mut id).unwrap();
        let key = match kind {
            Kind::Es256 => {
                let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document.as_ref(), &random);
                Key::Es256(pair.unwrap())
            }
            Kind::Ed25519 => {
                let document = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
                Key::Ed25519(Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap())
            }
        };
        Self { id, key }
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.key {
            Key::Es256(pair) => pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec(),
            Key::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// The public key as a `COSE_Key`.
    pub(crate) fn cose(&self) -> Vec<u8> {
        match &self.key {
            Key::Es256(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                [b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20", x, b"\x22\x58\x20", y].concat()
            }
            Key::Ed25519(pair) => [b"\xa4\x01\x01\x03\x27\x20\x06\x21\x58\x20", pair.public_key().as_ref()].concat(),
        }
    }
}

/// Authenticator data, field by field.
pub(crate) struct Data {
    pub(crate) relying_party: Vec<u8>,
    pub(crate) flags: u8,
    pub(crate) counter: u32,
    /// What follows the counter.
    pub(crate) rest: Vec<u8>,
}

impl Data {
    fn new(flags: u8, counter: u32, rest: Vec<u8>) -> Self {
        Self { relying_party: sha256(RELYING_PARTY.as_bytes()), flags, counter, rest }
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        [&self.relying_party[..], &[self.flags], &self.counter.to_be_bytes(), &self.rest].concat()
    }
}

fn client_data(kind: &str, challenge: &[u8; 32]) -> Value {
    json!({ "type": kind, "challenge": encode(challenge), "origin": ORIGIN, "crossOrigin": false })
}

/// Attested credential data: model, id, key.
pub(crate) fn attested(id: &[u8], cose: &[u8]) -> Vec<u8> {
    let length = u16::try_from(id.len()).unwrap().to_be_bytes();
    [&[0; 16][..], &length, id, cose].concat()
}

/// A response to an enrolment, before it is written.
pub(crate) struct Made {
    pub(crate) client_data: Value,
    pub(crate) data: Data,
    pub(crate) format: String,
    /// CBOR; that of self attestation is made when it is written.
    pub(crate) statement: Vec<u8>,
    /// CBOR after the attestation object.
    pub(crate) after: Vec<u8>,
    /// What the browser says the id is.
    pub(crate) id: Vec<u8>,
}

impl Made {
    pub(crate) fn new(authenticator: &Authenticator, challenge: &[u8; 32]) -> Self {
        let flags = USER_PRESENT | USER_VERIFIED | ATTESTED;
        Self {
            client_data: client_data("webauthn.create", challenge),
            data: Data::new(flags, 1, attested(&authenticator.id, &authenticator.cose())),
            format: "none".to_owned(),
            statement: vec![0xa0],
            after: Vec::new(),
            id: authenticator.id.clone(),
        }
    }

    /// Signs with the new key itself: format `packed` without certificates.
    pub(crate) fn self_attested(mut self, authenticator: &Authenticator, algorithm: u8) -> Self {
        let signed = [self.data.to_bytes(), sha256(self.client_data.to_string().as_bytes())].concat();
        let signature = authenticator.sign(&signed);
        let length = u8::try_from(signature.len()).unwrap();
        self.format = "packed".to_owned();
        self.statement = [b"\xa2\x63alg", &[algorithm][..], b"\x63sig\x58", &[length], &signature].concat();
        self
    }

    pub(crate) fn object(&self) -> Vec<u8> {
        let data = self.data.to_bytes();
        let length = u16::try_from(data.len()).unwrap().to_be_bytes();
        let format = [&[0x60 | u8::try_from(self.format.len()).unwrap()], self.format.as_bytes()].concat();
        [b"\xa3\x63fmt", &format[..], b"\x67attStmt", &self.statement, b"\x68authData\x59", &length, &data, &self.after]
            .concat()
    }

    pub(crate) fn to_value(&self) -> Value {
        json!({
            "id": encode(&self.id),
            "rawId": encode(&self.id),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": encode(self.client_data.to_string().as_bytes()),
                "attestationObject": encode(&self.object()),
            },
        })
    }

    pub(crate) fn to_json(&self) -> String {
        self.to_value().to_string()
    }
}

/// A response to a sign-in, before it is signed.
pub(crate) struct Used {
    pub(crate) client_data: Value,
    pub(crate) data: Data,
    pub(crate) user_handle: Option<Vec<u8>>,
    pub(crate) id: Vec<u8>,
}

impl Used {
    pub(crate) fn new(authenticator: &Authenticator, challenge: &[u8; 32]) -> Self {
        Self {
            client_data: client_data("webauthn.get", challenge),
            data: Data::new(USER_PRESENT | USER_VERIFIED, 2, Vec::new()),
            user_handle: None,
            id: authenticator.id.clone(),
        }
    }

    /// Signed as it is now.
    pub(crate) fn signature(&self, authenticator: &Authenticator) -> Vec<u8> {
        let hash = sha256(self.client_data.to_string().as_bytes());
        authenticator.sign(&[self.data.to_bytes(), hash].concat())
    }

    /// Written with a signature, which may be of something else.
    pub(crate) fn to_value(&self, signature: &[u8]) -> Value {
        json!({
            "id": encode(&self.id),
            "rawId": encode(&self.id),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": encode(self.client_data.to_string().as_bytes()),
                "authenticatorData": encode(&self.data.to_bytes()),
                "signature": encode(signature),
                "userHandle": self.user_handle.as_deref().map(encode),
            },
        })
    }

    pub(crate) fn to_json(&self, authenticator: &Authenticator) -> String {
        self.to_value(&self.signature(authenticator)).to_string()
    }
}
