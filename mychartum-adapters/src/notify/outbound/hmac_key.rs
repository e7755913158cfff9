//! Keys of signatures.

use core::fmt;

use secrecy::{ExposeSecret as _, SecretSlice};

/// A key to sign with, wiped when dropped.
#[derive(Clone)]
pub(in super::super) struct HmacKey(SecretSlice<u8>);

impl fmt::Debug for HmacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HmacKey([hidden])")
    }
}

impl HmacKey {
    pub(in super::super) fn new(bytes: Vec<u8>) -> Self {
        Self(SecretSlice::from(bytes))
    }

    pub(in super::super) fn bytes(&self) -> &[u8] {
        self.0.expose_secret()
    }
}
