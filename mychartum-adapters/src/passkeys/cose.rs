//! Public keys in COSE (RFC 9052, RFC 9053, RFC 8230), and signatures checked with them.

use mychartum_core::port::passkeys::PasskeyError;
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm};

use super::cbor::{Item, Map, whole_map};

/// What we ask for, the dearest first, by the numbers of IANA's registry *COSE Algorithms*: ES256, Ed25519, RS256.
///
/// RS256 is what Windows Hello makes where the machine's TPM knows nothing better.
pub(super) const ALGORITHMS: [i32; 3] = [ES256, EDDSA, RS256];

pub(super) const ES256: i32 = -7;
pub(super) const EDDSA: i32 = -8;
pub(super) const RS256: i32 = -257;

/// A public key of one of [`ALGORITHMS`].
pub(super) enum PublicKey<'a> {
    /// A point of P-256: 0x04, x, y.
    Es256([u8; 65]),
    /// A point of Ed25519.
    Ed25519(&'a [u8; 32]),
    /// Modulus and exponent of RSA, for PKCS #1 v1.5 with SHA-256.
    Rs256 { modulus: &'a [u8], exponent: &'a [u8] },
}

impl<'a> PublicKey<'a> {
    /// Reads a key that stands alone.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, PasskeyError> {
        Self::from_map(&whole_map(bytes)?)
    }

    /// Takes a key from its map, which has the members that WebAuthn Level 3, section 5.8.5, names and no others.
    pub(super) fn from_map(map: &Map<'a>) -> Result<Self, PasskeyError> {
        let (kind, algorithm) = match (map.integer(1), map.integer(3)) {
            (Some(Item::Integer(kind)), Some(Item::Integer(algorithm))) => (*kind, *algorithm),
            _ => return Err(PasskeyError::Malformed),
        };
        let Some(algorithm) = ALGORITHMS.into_iter().find(|ours| i128::from(*ours) == algorithm) else {
            return Err(PasskeyError::Unsupported);
        };
        let (expected_kind, members) = match algorithm {
            ES256 => (2, 5),
            EDDSA => (1, 4),
            _ => (3, 4),
        };
        if kind != expected_kind || map.len() != members {
            return Err(PasskeyError::Malformed);
        }
        match algorithm {
            ES256 => {
                curve(map, 1)?;
                let mut point = [4; 65];
                let (_, coordinates) = point.split_at_mut(1);
                let (x, y) = coordinates.split_at_mut(32);
                x.copy_from_slice(fixed::<32>(map, -2)?);
                y.copy_from_slice(fixed::<32>(map, -3)?);
                Ok(Self::Es256(point))
            }
            EDDSA => {
                curve(map, 6)?;
                fixed(map, -2).map(Self::Ed25519)
            }
            _ => {
                let (modulus, exponent) = (bytes(map, -1)?, bytes(map, -2)?);
                let plain = |number: &[u8]| number.first().is_some_and(|first| *first != 0);
                // 2,048 to 4,096 bits, exponents up to 2^32: what authenticators make, and no more work than that.
                if plain(modulus) && plain(exponent) && (256..=512).contains(&modulus.len()) && exponent.len() <= 4 {
                    Ok(Self::Rs256 { modulus, exponent })
                } else {
                    Err(PasskeyError::Unsupported)
                }
            }
        }
    }

    /// The key's algorithm.
    pub(super) const fn algorithm(&self) -> i32 {
        match self {
            Self::Es256(_) => ES256,
            Self::Ed25519(_) => EDDSA,
            Self::Rs256 { .. } => RS256,
        }
    }

    /// Checks a signature over a message (WebAuthn Level 3, section 6.5.5, says how each is encoded).
    pub(super) fn check(&self, message: &[u8], signed: &[u8]) -> Result<(), PasskeyError> {
        let unparsed = |algorithm: &'static dyn VerificationAlgorithm, key: &[u8]| {
            UnparsedPublicKey::new(algorithm, key).verify(message, signed)
        };
        match self {
            Self::Es256(point) => unparsed(&signature::ECDSA_P256_SHA256_ASN1, point),
            Self::Ed25519(point) => unparsed(&signature::ED25519, point.as_slice()),
            Self::Rs256 { modulus, exponent } => RsaPublicKeyComponents { n: modulus, e: exponent }.verify(
                &signature::RSA_PKCS1_2048_8192_SHA256,
                message,
                signed,
            ),
        }
        .map_err(|_| PasskeyError::BadSignature)
    }
}

fn curve(map: &Map<'_>, number: i128) -> Result<(), PasskeyError> {
    match map.integer(-1) {
        Some(Item::Integer(curve)) if *curve == number => Ok(()),
        Some(Item::Integer(_)) => Err(PasskeyError::Unsupported),
        _ => Err(PasskeyError::Malformed),
    }
}

fn bytes<'a>(map: &Map<'a>, key: i128) -> Result<&'a [u8], PasskeyError> {
    match map.integer(key) {
        Some(Item::Bytes(bytes)) => Ok(bytes),
        _ => Err(PasskeyError::Malformed),
    }
}

fn fixed<'a, const N: usize>(map: &Map<'a>, key: i128) -> Result<&'a [u8; N], PasskeyError> {
    bytes(map, key)?.try_into().map_err(|_| PasskeyError::Malformed)
}
