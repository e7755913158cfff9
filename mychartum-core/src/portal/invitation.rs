//! Invitations: a token that leads to a grant that nobody has accepted yet.

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::kernel::hidden;
use crate::kernel::id::{GrantId, PatientId};
use crate::port::Entropy;
use crate::port::entropy::NoEntropy;

/// An opaque token that leads to an invitation: 128 hexadecimal digits, of which 256 bits are random and secret.
///
/// It names nobody, and only a hash of its secret part is stored. It opens nothing by itself: it takes an account of the own and
/// the patient's date of birth.
pub struct InvitationToken(SecretString);

hidden!(InvitationToken);

/// A token taken apart.
pub(super) struct InvitationParts {
    pub(super) patient: PatientId,
    pub(super) grant: GrantId,
    secret: SecretString,
}

impl InvitationToken {
    /// A token that someone presents. Whether it is worth anything shows when it is used.
    #[must_use]
    pub fn presented(token: &str) -> Self {
        Self(SecretString::from(token))
    }

    /// Shows the token, for a link.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// A new token, and the hash to store of it.
    pub(super) fn new(
        patient: PatientId,
        grant: GrantId,
        entropy: &dyn Entropy,
    ) -> Result<(Self, [u8; 32]), NoEntropy> {
        let mut random = zeroize::Zeroizing::new([0u8; 32]);
        entropy.fill(&mut *random)?;
        let secret: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let hash = hash(&secret);
        Ok((Self(SecretString::from(format!("{patient}{grant}{secret}"))), hash))
    }

    pub(super) fn parts(&self) -> Option<InvitationParts> {
        let (patient, rest) = self.expose().split_at_checked(32)?;
        let (grant, secret) = rest.split_at_checked(32)?;
        let secret = (secret.len() == 64).then(|| SecretString::from(secret))?;
        Some(InvitationParts { patient: patient.parse().ok()?, grant: grant.parse().ok()?, secret })
    }
}

impl InvitationParts {
    /// Whether the secret part is the one that was hashed, compared in constant time.
    pub(super) fn proves(&self, stored: &[u8; 32]) -> bool {
        hash(self.secret.expose_secret()).ct_eq(stored).into()
    }
}

fn hash(secret: &str) -> [u8; 32] {
    Sha256::new().chain_update(b"mychartum/invitation/1").chain_update(secret).finalize().into()
}
