//! The two ceremonies, step by step.
//!
//! Steps are those of WebAuthn Level 2 (W3C Recommendation, 8 April 2021), sections 7.1 and 7.2; what Level 3 adds is named.

use mychartum_core::port::PasskeyVerifier;
use mychartum_core::port::passkeys::{CoseKey, CredentialId, Passkey, PasskeyError, PasskeyUse, PasskeyUser};
use ring::digest::{SHA256, digest};

use super::attestation::AttestationObject;
use super::authenticator_data::AuthenticatorData;
use super::client_data::{self, Ceremony};
use super::cose::PublicKey;
use super::error::RelyingPartyError;
use super::options;
use super::relying_party::RelyingParty;
use super::response::{AssertionResponse, AttestationResponse};

/// Checks passkeys for one relying party: the domain that a portal's patients sign in at.
///
/// Takes ES256, Ed25519 and RS256, asks for no attestation, and always wants the user verified.
///
/// ```
/// use mychartum_adapters::passkeys::Passkeys;
/// let passkeys = Passkeys::new("example.org", "Riverside Clinic", ["https://portal.example.org"])?;
/// # Ok::<(), mychartum_adapters::passkeys::RelyingPartyError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Passkeys {
    party: RelyingParty,
}

impl Passkeys {
    /// A verifier for a relying party and the origins whose pages may ask.
    ///
    /// The id is a domain; passkeys are bound to it for ever, so choose one that outlives the address of today. It must not
    /// be a public suffix, under which strangers have domains too (`example.org`, never `org` or `github.io`). Every
    /// host under it that may run a page of an allowed origin can ask for these passkeys. Origins are written as browsers
    /// write them: `https://portal.example.org`, without a path.
    ///
    /// # Errors
    /// [`RelyingPartyError`].
    pub fn new<'a>(
        relying_party_id: &str,
        relying_party_name: &str,
        origins: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, RelyingPartyError> {
        RelyingParty::new(relying_party_id, relying_party_name, origins).map(|party| Self { party })
    }
}

impl PasskeyVerifier for Passkeys {
    fn enrolment_options(
        &self,
        user: &PasskeyUser,
        challenge: &[u8; 32],
        known: &[CredentialId],
    ) -> Result<String, PasskeyError> {
        Ok(options::creation((&self.party.id, self.party.name.as_str()), user, challenge, known))
    }

    fn enrol(&self, user: &PasskeyUser, challenge: &[u8; 32], response_json: &str) -> Result<Passkey, PasskeyError> {
        // 7.1 step 3: an attestation response. Step 4: extension results are not read, as no extension is asked for.
        let response = AttestationResponse::read(response_json)?;
        // Steps 5 to 10: what the browser says.
        client_data::check(&response.client_data, Ceremony::Enrolment, challenge, &self.party.origins)?;
        // Step 11: what the authenticator signs of it.
        let client_data_hash = digest(&SHA256, &response.client_data);
        // Step 12, and step 16: the key is of an algorithm that was asked for, or it is not read.
        let attestation = AttestationObject::read(&response.attestation)?;
        let data = AuthenticatorData::read(attestation.authenticator_data)?;
        // Steps 13 to 15: relying party, presence, verification. Step 17: see `AuthenticatorData::read`.
        data.check(&self.party.id)?;
        let attested = data.attested.as_ref().ok_or(PasskeyError::Malformed)?;
        // Not a step, but else the browser could speak of one credential and the authenticator of another.
        if attested.id != response.id {
            return Err(PasskeyError::Malformed);
        }
        // Steps 18 and 19: the statement. Steps 20, 21 and 24: nobody is trusted for it, as we asked for none.
        attestation.check(attested, client_data_hash.as_ref())?;
        // Steps 22 and 23, whether the id is known and keeping it, are core's. An id of 1 to 1,023 bytes is Level 3's step.
        Ok(Passkey {
            id: CredentialId::new(attested.id).map_err(|_| PasskeyError::Malformed)?,
            key: CoseKey::new(attested.cose).map_err(|_| PasskeyError::Unsupported)?,
            user: user.handle.clone(),
            counter: data.counter,
            backup_eligible: data.backup_eligible(),
            user_verified: true,
        })
    }

    fn sign_in_options(&self, challenge: &[u8; 32], known: &[Passkey]) -> Result<String, PasskeyError> {
        if known.is_empty() {
            return Err(PasskeyError::UnknownCredential);
        }
        Ok(options::request(&self.party.id, challenge, known.iter().map(|passkey| &passkey.id)))
    }

    fn verify(&self, challenge: &[u8; 32], known: &[Passkey], response_json: &str) -> Result<PasskeyUse, PasskeyError> {
        // 7.2 steps 3, 4 and 8: an assertion response; extension results are not read.
        let response = AssertionResponse::read(response_json)?;
        // Steps 5 to 7: one of those that were named, its user, its key.
        let passkey =
            known.iter().find(|passkey| passkey.id.as_bytes() == response.id).ok_or(PasskeyError::UnknownCredential)?;
        // Some browsers write an empty handle for none.
        if response.user_handle.is_some_and(|handle| !handle.is_empty() && handle != passkey.user.as_bytes()) {
            return Err(PasskeyError::WrongUser);
        }
        let key = PublicKey::read(passkey.key.as_bytes())?;
        // Steps 9 to 14: what the browser says.
        client_data::check(&response.client_data, Ceremony::SignIn, challenge, &self.party.origins)?;
        // Steps 15 to 18: relying party, presence, verification, extensions. No credential is attested when it is used
        // (section 6.1).
        let data = AuthenticatorData::read(&response.authenticator_data)?;
        data.check(&self.party.id)?;
        if data.attested.is_some() {
            return Err(PasskeyError::Malformed);
        }
        // Steps 19 and 20: the signature, before anything that only an authenticator may say.
        let client_data_hash = digest(&SHA256, &response.client_data);
        key.check(&[&response.authenticator_data, client_data_hash.as_ref()].concat(), &response.signed)?;
        // Level 3: eligibility for backup never changes.
        if data.backup_eligible() != passkey.backup_eligible {
            return Err(PasskeyError::BackupChanged);
        }
        // Step 21: the counter counts up, or there is none.
        if (data.counter != 0 || passkey.counter != 0) && data.counter <= passkey.counter {
            return Err(PasskeyError::CounterWentBack);
        }
        Ok(PasskeyUse { id: passkey.id.clone(), counter: data.counter, user_verified: true })
    }
}
