//! Who we are, signed: a JWT for a token endpoint (RFC 7523; SMART App Launch 2.2, "private_key_jwt").

use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::json;

use super::super::ClientError;
use super::TokenError;

/// For how long an assertion is good, in seconds. SMART allows five minutes; one is left for clocks that differ.
const LIFE: i64 = 240;

/// The private key that a client proves itself with: ES384, under the name that its public half has at the server.
pub struct SigningKey {
    pair: EcdsaKeyPair,
    id: Box<str>,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey([hidden])")
    }
}

impl SigningKey {
    /// A key on the curve P-384 as PKCS 8 in PEM, and its `kid`.
    ///
    /// # Errors
    /// [`ClientError::Key`], [`ClientError::Field`] for a `kid` that is empty or longer than 512 bytes.
    pub fn es384(id: &str, pem: &str) -> Result<Self, ClientError> {
        if !(1..=512).contains(&id.len()) {
            return Err(ClientError::Field("kid"));
        }
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| ClientError::Key)?;
        let (kind, random) = (&ECDSA_P384_SHA384_FIXED_SIGNING, SystemRandom::new());
        let pair = EcdsaKeyPair::from_pkcs8(kind, der.secret_pkcs8_der(), &random).map_err(|_| ClientError::Key)?;
        Ok(Self { pair, id: id.into() })
    }

    /// Says who we are to one token endpoint, once.
    pub(super) fn assert(&self, client: &str, audience: &str, now: i64, nonce: [u8; 16]) -> Result<String, TokenError> {
        let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let header = part(json!({ "alg": "ES384", "kid": &*self.id, "typ": "JWT" }));
        let claims = part(json!({
            "iss": client, "sub": client, "aud": audience,
            "iat": now, "exp": now + LIFE, "jti": URL_SAFE_NO_PAD.encode(nonce),
        }));
        let signed = format!("{header}.{claims}");
        // The signature has a random number of its own, which ring takes from the operating system and from nobody else.
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes()).map_err(|_| TokenError::Signing)?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}
