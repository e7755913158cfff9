//! Where the verifiers under test come from.

use std::sync::Arc;

use mychartum_core::port::PasskeyVerifier;

/// Makes verifiers for the cases.
pub trait Factory: Send + Sync {
    /// A verifier for a relying party of this id and name that allows this origin and no other.
    ///
    /// It takes ES256, the algorithm that every authenticator has.
    fn verifier(&self, relying_party: &str, name: &str, origin: &str) -> Arc<dyn PasskeyVerifier>;
}
