//! Tokens in links that are sent to people.
//!
//! INVARIANT (nothing to steal): what proves a link is made from the tenant's key when the link is sent, and compared with a
//! stored hash when it is used. No row, and so no copy of the database, holds it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::kernel::id::AccountId;
use crate::notify::LinkOf;
use crate::vault::{Pepper, Vault};

use super::credential::six_digits as typed_digits;
use super::secret_token::bearer;

bearer! {
    /// A token from a link: 64 characters of base64url (RFC 4648, section 5), `selector.verifier` in one.
    ///
    /// The selector is the account's id under a mask that differs from link to link; the verifier has 192 bits.
    LinkToken
}

/// What makes two links of one account and purpose differ.
pub(crate) type Nonce = [u8; 8];

const NONCE: usize = 8;
const ID: usize = 16;
const VERIFIER: usize = 24;

/// A token from a link, taken apart.
pub(crate) struct Link {
    pub(crate) account: AccountId,
    pub(crate) nonce: Nonce,
    verifier: [u8; VERIFIER],
}

impl LinkOf {
    /// Its number in what is hashed.
    const fn number(self) -> u8 {
        match self {
            Self::SignIn => 0,
            Self::Activation => 1,
            Self::Reset => 2,
            Self::Freeze => 3,
            Self::CancelRecovery => 4,
        }
    }
}

/// The token of a link.
pub(crate) fn token(vault: &Vault, of: LinkOf, account: AccountId, nonce: Nonce) -> SecretString {
    let mask = keyed(vault, b"mychartum/link/mask/1", of, &[&nonce]);
    let verifier = verifier(vault, of, account, nonce);
    let mut bytes = Vec::with_capacity(NONCE + ID + VERIFIER);
    bytes.extend(nonce);
    bytes.extend(account.to_bytes().iter().zip(mask).map(|(id, mask)| id ^ mask));
    bytes.extend(verifier);
    SecretString::from(URL_SAFE_NO_PAD.encode(bytes))
}

/// What is stored of a link.
pub(crate) fn stored_hash(vault: &Vault, of: LinkOf, account: AccountId, nonce: Nonce) -> [u8; 32] {
    hash(of, &verifier(vault, of, account, nonce))
}

impl Link {
    /// Takes a token apart; any text of the right length leads to some account id, known or not.
    pub(crate) fn read(vault: &Vault, of: LinkOf, token: &LinkToken) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(token.0.expose_secret().trim()).ok()?;
        let bytes: [u8; NONCE + ID + VERIFIER] = bytes.try_into().ok()?;
        let (nonce, rest) = bytes.split_first_chunk::<NONCE>()?;
        let (masked, verifier) = rest.split_first_chunk::<ID>()?;
        let mask = keyed(vault, b"mychartum/link/mask/1", of, &[nonce]);
        let mut id = [0; ID];
        for ((id, masked), mask) in id.iter_mut().zip(masked).zip(mask) {
            *id = masked ^ mask;
        }
        Some(Self { account: AccountId::from_bytes(id), nonce: *nonce, verifier: verifier.try_into().ok()? })
    }

    /// Whether it is the link of which this hash was stored, compared in constant time.
    pub(crate) fn proves(&self, of: LinkOf, stored: &[u8; 32]) -> bool {
        hash(of, &self.verifier).ct_eq(stored).into()
    }

    /// Whether it was made here at all: for links of which nothing is stored, since using them twice does no harm.
    pub(crate) fn is_ours(&self, vault: &Vault, of: LinkOf) -> bool {
        verifier(vault, of, self.account, self.nonce).ct_eq(&self.verifier).into()
    }
}

/// Six digits that prove that somebody reads what is sent to an address: made from the tenant's key and the row that waits for
/// them, so that no row holds them.
pub(crate) fn six_digits(vault: &Vault, account: AccountId, row: [u8; 16]) -> SecretString {
    let bytes = keyed(vault, b"mychartum/code/1", LinkOf::SignIn, &[&account.to_bytes(), &row]);
    // 64 bits cut to a million: the bias is under one in ten million millions.
    let number = bytes.iter().take(8).fold(0u64, |number, byte| number << 8 | u64::from(*byte)) % 1_000_000;
    SecretString::from(format!("{number:06}"))
}

/// Whether these are the digits, compared in constant time; blanks and hyphens between them do not count.
pub(crate) fn is_six_digits(vault: &Vault, account: AccountId, row: [u8; 16], entered: &str) -> bool {
    let Some(entered) = typed_digits(entered) else { return false };
    six_digits(vault, account, row).expose_secret().as_bytes().ct_eq(&*entered).into()
}

fn verifier(vault: &Vault, of: LinkOf, account: AccountId, nonce: Nonce) -> [u8; VERIFIER] {
    let full = keyed(vault, b"mychartum/link/verifier/1", of, &[&account.to_bytes(), &nonce]);
    let mut cut = [0; VERIFIER];
    cut.iter_mut().zip(full).for_each(|(cut, byte)| *cut = byte);
    cut
}

fn hash(of: LinkOf, verifier: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(b"mychartum/link/1").chain_update([of.number()]).chain_update(verifier).finalize().into()
}

/// A keyed hash; all parts but the last have a fixed length.
fn keyed(vault: &Vault, domain: &[u8], of: LinkOf, parts: &[&[u8]]) -> [u8; 32] {
    let key = vault.pepper(Pepper::Token);
    // HMAC takes a key of any length.
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(key.expose()) else { return [0; 32] };
    let mac = mac.chain_update(domain).chain_update([of.number()]);
    parts.iter().fold(mac, |mac, part| mac.chain_update(part)).finalize().into_bytes().into()
}
