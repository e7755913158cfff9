//! The suite against the adapter, which keeps all promises, and against verifiers that break one each.

use std::sync::Arc;

use mychartum_adapters::passkeys::Passkeys;
use mychartum_core::port::PasskeyVerifier;
use mychartum_core::port::passkeys::{CredentialId, Passkey, PasskeyError, PasskeyUse, PasskeyUser};

use super::recording::{ENROLLING, ORIGIN, RELYING_PARTY, SIGNING_IN};
use super::{Factory, run_all};

/// Which promise is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Breaks {
    Nothing,
    EnrolmentChallenge,
    EnrolmentOrigin,
    Handle,
    Challenge,
    Origin,
    RelyingParty,
    User,
    Signature,
    Counter,
    CounterTold,
    Backup,
    Length,
    Memory,
    NoneNamed,
    Known,
}

/// The adapter, with what it is asked or what it answers bent.
#[derive(Debug)]
struct Bent {
    breaks: Breaks,
    inner: Passkeys,
    asked: std::sync::atomic::AtomicU32,
}

impl PasskeyVerifier for Bent {
    fn enrolment_options(
        &self,
        user: &PasskeyUser,
        challenge: &[u8; 32],
        known: &[CredentialId],
    ) -> Result<String, PasskeyError> {
        self.inner.enrolment_options(user, challenge, if self.breaks == Breaks::Known { &[] } else { known })
    }

    fn enrol(&self, user: &PasskeyUser, challenge: &[u8; 32], response_json: &str) -> Result<Passkey, PasskeyError> {
        let challenge = if self.breaks == Breaks::EnrolmentChallenge { &ENROLLING } else { challenge };
        let response = if self.breaks == Breaks::Length { response_json.trim_end() } else { response_json };
        let mut passkey = self.inner.enrol(user, challenge, response)?;
        if self.breaks == Breaks::Handle {
            passkey.user = mychartum_core::port::passkeys::UserHandle::new(&[0; 16]).unwrap();
        }
        Ok(passkey)
    }

    fn sign_in_options(&self, challenge: &[u8; 32], known: &[Passkey]) -> Result<String, PasskeyError> {
        match self.inner.sign_in_options(challenge, known) {
            Err(_) if self.breaks == Breaks::NoneNamed => Ok("{}".to_owned()),
            answer => answer,
        }
    }

    fn verify(&self, challenge: &[u8; 32], known: &[Passkey], response_json: &str) -> Result<PasskeyUse, PasskeyError> {
        let challenge = if self.breaks == Breaks::Challenge { &SIGNING_IN } else { challenge };
        let mut known = known.to_vec();
        for passkey in &mut known {
            match self.breaks {
                Breaks::User => passkey.user = super::recording::user().unwrap().handle,
                Breaks::Counter => passkey.counter = 0,
                Breaks::Backup => passkey.backup_eligible = true,
                _ => {}
            }
        }
        let asked = self.asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        match self.inner.verify(challenge, &known, response_json) {
            Err(PasskeyError::BadSignature) if self.breaks == Breaks::Signature => {
                Ok(PasskeyUse { id: known[0].id.clone(), counter: 2, user_verified: true })
            }
            Ok(proof) if self.breaks == Breaks::CounterTold => Ok(PasskeyUse { counter: 3, ..proof }),
            Ok(_) if self.breaks == Breaks::Memory && asked > 0 => Err(PasskeyError::WrongChallenge),
            answer => answer,
        }
    }
}

impl Factory for Breaks {
    fn verifier(&self, relying_party: &str, name: &str, origin: &str) -> Arc<dyn PasskeyVerifier> {
        let relying_party = if *self == Self::RelyingParty { RELYING_PARTY } else { relying_party };
        let origins = matches!(self, Self::Origin | Self::EnrolmentOrigin).then_some(ORIGIN);
        let inner = Passkeys::new(relying_party, name, origins.into_iter().chain([origin])).unwrap();
        Arc::new(Bent { breaks: *self, inner, asked: 0.into() })
    }
}

#[tokio::test]
async fn each_broken_promise_is_found() {
    run_all(&Breaks::Nothing).await.assert_passed();
    for (breaks, promise) in [
        (Breaks::EnrolmentChallenge, 1),
        (Breaks::EnrolmentOrigin, 1),
        (Breaks::Handle, 1),
        (Breaks::Challenge, 2),
        (Breaks::Origin, 2),
        (Breaks::RelyingParty, 2),
        (Breaks::User, 2),
        (Breaks::Signature, 2),
        (Breaks::Counter, 3),
        (Breaks::CounterTold, 4),
        (Breaks::Backup, 4),
        (Breaks::Length, 5),
        (Breaks::Memory, 6),
        (Breaks::NoneNamed, 7),
        (Breaks::Known, 7),
    ] {
        let report = run_all(&breaks).await;
        assert!(report.broke(promise), "{breaks:?} was not found\n{report}");
    }
}
