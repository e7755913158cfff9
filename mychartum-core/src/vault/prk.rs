//! Deriving keys from a key: HKDF with SHA-256 (RFC 5869).

use core::fmt;

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::SecretKey;

/// A pseudorandom key: what HKDF's first step makes of a secret key, and all that is kept of it.
///
/// Cached in place of the secret key, so that the first step is paid once a key and not once a row. Wiped when dropped.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(super) struct Prk([u8; 32]);

impl Prk {
    /// HKDF-Extract without a salt (RFC 5869, section 2.2): the secret is uniform already.
    pub(super) fn extract(secret: &SecretKey) -> Self {
        let (mut output, _) = Hkdf::<Sha256>::extract(None, secret.expose());
        let prk = Self(output.into());
        output.as_mut_slice().zeroize();
        prk
    }

    /// HKDF-Expand (RFC 5869, section 2.3) to `N` blocks of 32 bytes; the label is the parts one after the other.
    ///
    /// Labels of one key must not run into each other: every caller starts with a fixed text of its own and goes on
    /// with fields of fixed width. Written out here because the crate's version can fail, and a key that was not
    /// filled must not exist even in a branch that is never taken.
    pub(super) fn expand<const N: usize>(&self, label: &[&[u8]]) -> Zeroizing<[[u8; 32]; N]> {
        const { assert!(N <= 255, "HKDF gives at most 255 blocks") };
        let keyed = self.mac();
        let mut output = Zeroizing::new([[0; 32]; N]);
        let mut previous: Option<&[u8; 32]> = None;
        for (number, block) in (1u8..=255).zip(output.iter_mut()) {
            let mut mac = keyed.clone();
            previous.iter().for_each(|block| mac.update(block.as_slice()));
            label.iter().for_each(|part| mac.update(part));
            mac.update(&[number]);
            *block = mac.finalize().into_bytes().into();
            previous = Some(block);
        }
        output
    }

    /// Another pseudorandom key, for one use only.
    pub(super) fn derive(&self, label: &[&[u8]]) -> Self {
        let [key] = *self.expand(label);
        Self(key)
    }

    /// HMAC-SHA256 under this key (RFC 2104), which pads a key of 32 bytes with zeros to the block of 64.
    pub(super) fn mac(&self) -> Hmac<Sha256> {
        let mut block = Zeroizing::new([0; 64]);
        block.iter_mut().zip(self.0).for_each(|(to, from)| *to = from);
        Hmac::new((&*block).into())
    }
}

impl fmt::Debug for Prk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prk([hidden])")
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_entropy::hex;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_second_test_case_of_rfc_5869_comes_out() {
        // Appendix A.2: the key that its extract step gives, 80 bytes of info (b0 to ff), 82 bytes of output.
        let prk = Prk([
            0x06, 0xa6, 0xb8, 0x8c, 0x58, 0x53, 0x36, 0x1a, 0x06, 0x10, 0x4c, 0x9c, 0xeb, 0x35, 0xb4, 0x5c, 0xef, 0x76,
            0x00, 0x14, 0x90, 0x46, 0x71, 0x01, 0x4a, 0x19, 0x3f, 0x40, 0xc1, 0x5f, 0xc2, 0x44,
        ]);
        let info: Vec<u8> = (0xb0..=0xff).collect();
        assert_eq!(
            hex(&prk.expand::<3>(&[&info[..7], &info[7..]]).as_flattened()[..82]),
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c\
             59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71\
             cc30c58179ec3e87c14c01d5c1f3434f1d87"
        );
    }

    proptest! {
        #[test]
        fn it_agrees_with_the_hkdf_crate(secret: [u8; 32], label in proptest::collection::vec(any::<u8>(), 0..100)) {
            let peer = Hkdf::<Sha256>::new(None, &secret);
            let mut expected = [[0; 32]; 4];
            peer.expand(&label, expected.as_flattened_mut()).unwrap();
            let prk = Prk::extract(&SecretKey::from_bytes(secret));
            prop_assert_eq!(*prk.expand::<4>(&[&label]), expected);
        }
    }
}
