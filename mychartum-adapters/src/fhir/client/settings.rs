//! Where a server is and how much it may ask of us.

use core::fmt;
use core::time::Duration;
use std::sync::Arc;

use crate::notify::Trust;

use super::error::ClientError;
use super::patience::Patience;
use super::token::{AccessTokens, NoToken};

/// A FHIR R4 server to pull from.
#[derive(Clone)]
#[non_exhaustive]
pub struct FhirSettings {
    /// Its base, such as `https://ehr.example.org/r4`; http only to the loopback.
    pub base: String,
    /// Where access tokens come from; none at first.
    pub tokens: Arc<dyn AccessTokens>,
    /// Whose certificates are believed.
    pub trust: Trust,
    /// How many resources a page is asked to have, 1 to 1000; 100 at first.
    pub page_size: u16,
    /// How many pages one call reads at most, 1 to 100; 10 at first.
    pub pages_a_call: u16,
    /// How many pages a pass reads at most, 1 to 500; more, and it is incomplete. 400 at first.
    pub pages_a_pass: u16,
    /// The most bytes of a page, up to 1 GiB; 16 MiB at first.
    pub page_bytes: usize,
    /// After how many bytes a call reads no further page; 32 MiB at first.
    pub call_bytes: usize,
    /// For one request as a whole; 60 seconds at first.
    pub timeout: Duration,
    /// How long to wait for a busy server.
    pub patience: Patience,
}

impl fmt::Debug for FhirSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FhirSettings").field("patience", &self.patience).finish_non_exhaustive()
    }
}

impl FhirSettings {
    /// A server that needs no token.
    #[must_use]
    pub fn new(base: impl Into<String>) -> Self {
        Self {
            base: base.into(),
            tokens: Arc::new(NoToken),
            trust: Trust::system(),
            page_size: 100,
            pages_a_call: 10,
            pages_a_pass: 400,
            page_bytes: 16 << 20,
            call_bytes: 32 << 20,
            timeout: Duration::from_secs(60),
            patience: Patience::default(),
        }
    }

    /// The same with access tokens.
    #[must_use]
    pub fn with_tokens(self, tokens: Arc<dyn AccessTokens>) -> Self {
        Self { tokens, ..self }
    }

    pub(super) fn check(&self) -> Result<(), ClientError> {
        for (field, value, most) in [
            ("page_size", usize::from(self.page_size), 1000),
            ("pages_a_call", usize::from(self.pages_a_call), 100),
            ("pages_a_pass", usize::from(self.pages_a_pass), 500),
            ("page_bytes", self.page_bytes, 1 << 30),
            ("call_bytes", self.call_bytes, usize::MAX),
        ] {
            if !(1..=most).contains(&value) {
                return Err(ClientError::Range(field));
            }
        }
        if self.timeout.is_zero() { Err(ClientError::Range("timeout")) } else { Ok(()) }
    }
}
