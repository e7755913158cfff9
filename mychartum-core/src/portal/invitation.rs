//! Invitations: a token that leads to a grant that nobody has accepted yet.

use crate::account::{Minted, Presented, TokenUse, bearer, mint};
use crate::kernel::id::{GrantId, PatientId};
use crate::port::Entropy;
use crate::port::entropy::NoEntropy;

bearer! {
    /// An opaque token that leads to an invitation: 128 hexadecimal digits, of which 256 bits are random and secret.
    ///
    /// It names nobody, and only a hash of its secret part is stored. It opens nothing by itself: it takes an account of the own
    /// and the patient's date of birth.
    InvitationToken
}

impl InvitationToken {
    /// A new token, and the hash to store of it.
    pub(super) fn new(
        patient: PatientId,
        grant: GrantId,
        entropy: &dyn Entropy,
    ) -> Result<(Self, [u8; 32]), NoEntropy> {
        let Minted { text, hash } = mint(TokenUse::Invitation, patient, grant, entropy)?;
        Ok((Self(text), hash))
    }

    pub(super) fn parts(&self) -> Option<Presented<PatientId, GrantId>> {
        Presented::read(&self.0)
    }
}
