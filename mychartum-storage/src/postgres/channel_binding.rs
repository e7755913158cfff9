//! What ties a SCRAM sign-in to the TLS connection it runs in: `tls-server-end-point` (RFC 5929, section 4.1).
//!
//! It is the hash of the server's certificate, by the hash function of the certificate's own signature. Finding that takes
//! three steps into the certificate's DER, so no parser is taken in for it.

use sha2::{Digest as _, Sha256, Sha384, Sha512};

/// Object identifiers of signatures (RFC 8017, RFC 5758), without tag and length.
const SHA_1_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05];
const SHA_256_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
const SHA_384_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c];
const SHA_512_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d];
const SHA_256_ECDSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
const SHA_384_ECDSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03];
const SHA_512_ECDSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04];

const SEQUENCE: u8 = 0x30;
const OBJECT_IDENTIFIER: u8 = 0x06;

/// The binding for a certificate in DER; `None` for a signature without a hash function of its own, such as Ed25519.
pub(super) fn end_point(certificate: &[u8]) -> Option<Vec<u8>> {
    match signature(certificate)? {
        // SHA-1 counts as SHA-256 here.
        SHA_1_RSA | SHA_256_RSA | SHA_256_ECDSA => Some(Sha256::digest(certificate).to_vec()),
        SHA_384_RSA | SHA_384_ECDSA => Some(Sha384::digest(certificate).to_vec()),
        SHA_512_RSA | SHA_512_ECDSA => Some(Sha512::digest(certificate).to_vec()),
        _ => None,
    }
}

/// The object identifier in `Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm SEQUENCE { OID, .. }, .. }`.
fn signature(certificate: &[u8]) -> Option<&[u8]> {
    let (inside, _) = element(certificate, SEQUENCE)?;
    let (_, after_body) = element(inside, SEQUENCE)?;
    let (algorithm, _) = element(after_body, SEQUENCE)?;
    element(algorithm, OBJECT_IDENTIFIER).map(|(identifier, _)| identifier)
}

/// The content of the first element, which must have this tag, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&[found, short], rest) = der.split_first_chunk::<2>()?;
    if found != tag {
        return None;
    }
    let (length, rest) = if short < 0x80 {
        (usize::from(short), rest)
    } else {
        let (bytes, rest) = rest.split_at_checked(usize::from(short & 0x7f))?;
        if bytes.is_empty() || bytes.len() > 4 {
            return None;
        }
        (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A certificate's outline with this signature and a body of `length` bytes.
    fn outline(signature: &[u8], length: usize) -> Vec<u8> {
        let wrap = |tag: u8, content: &[u8]| {
            let length = u32::try_from(content.len()).unwrap().to_be_bytes();
            [&[tag, 0x84][..], &length, content].concat()
        };
        let short = [&[OBJECT_IDENTIFIER, u8::try_from(signature.len()).unwrap()], signature].concat();
        let inside = [wrap(SEQUENCE, &vec![7; length]), wrap(SEQUENCE, &short), vec![3, 1, 0]].concat();
        wrap(SEQUENCE, &inside)
    }

    #[test]
    fn the_hash_is_that_of_the_signature() {
        for (signature, length) in [
            (SHA_1_RSA, 32),
            (SHA_256_RSA, 32),
            (SHA_256_ECDSA, 32),
            (SHA_384_RSA, 48),
            (SHA_384_ECDSA, 48),
            (SHA_512_RSA, 64),
            (SHA_512_ECDSA, 64),
        ] {
            assert_eq!(end_point(&outline(signature, 300)).unwrap().len(), length);
        }
        assert_eq!(end_point(&outline(&[0x2b, 0x65, 0x70], 300)), None, "Ed25519 has none");
    }

    #[test]
    fn broken_certificates_have_no_binding() {
        let whole = outline(SHA_256_RSA, 200);
        for end in 0..whole.len() - 3 {
            assert_eq!(end_point(&whole[..end]), None, "{end}");
        }
        assert_eq!(end_point(&[SEQUENCE, 0x80]), None);
        assert_eq!(end_point(&[SEQUENCE, 0x85, 0, 0, 0, 0, 1, 0]), None);
        assert_eq!(end_point(&[0x31, 0]), None);
    }
}
