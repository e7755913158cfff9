//! One request to a server, with its token, and what the status of the answer means.

use core::sync::atomic::{AtomicU32, Ordering};
use core::time::Duration;
use std::sync::Arc;

use mychartum_core::port::record_source::{SourceError, SourceErrorKind};
use mychartum_core::port::{Clock, Entropy};
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue, IF_NONE_MATCH, RETRY_AFTER};
use reqwest::{Request, Url};

use super::address::Address;
use super::error::ClientError;
use super::patience::retry_after;
use super::requester::{Answer, Fault, Requester};
use super::settings::FhirSettings;
use super::token::{AccessToken, TokenError};

/// The ways to one server.
pub(super) struct Exchange {
    pub(super) settings: FhirSettings,
    pub(super) base: Address,
    pub(super) requester: Requester,
    pub(super) clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    /// How many times in a row the server was busy.
    failures: AtomicU32,
}

/// An answer that is not an error.
pub(super) enum Fetched {
    /// 200.
    Body(Answer),
    /// 304: the version that we know.
    NotModified,
    /// 404: not there.
    Missing,
    /// 410: not there any more.
    Gone,
}

impl Exchange {
    pub(super) fn new(
        settings: FhirSettings,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, ClientError> {
        settings.check()?;
        let base = Address::base("base", &settings.base)?;
        let requester = Requester::new(&settings.trust, settings.timeout, settings.timeout)?;
        Ok(Self { settings, base, requester, clock, entropy, failures: AtomicU32::new(0) })
    }

    /// Gets a page or a resource of a type; `known` is the version tag of what we have.
    pub(super) async fn get(
        &self,
        url: &Url,
        kind: &str,
        known: Option<&str>,
        at: &'static str,
    ) -> Result<Fetched, SourceError> {
        let make = |token: Option<&AccessToken>| self.request(url, token, known);
        let answer = self.ask(make, Some(kind), at).await?;
        let fetched = match answer.status {
            200 => Fetched::Body(answer),
            304 if known.is_some() => Fetched::NotModified,
            404 => Fetched::Missing,
            410 => Fetched::Gone,
            _ => return Err(self.judge(&answer, at)),
        };
        self.failures.store(0, Ordering::Relaxed);
        Ok(fetched)
    }

    /// Sends a request with a token; the token may have ended early, so one new one is tried.
    pub(super) async fn ask(
        &self,
        make: impl Fn(Option<&AccessToken>) -> Option<Request>,
        kind: Option<&str>,
        at: &'static str,
    ) -> Result<Answer, SourceError> {
        let mut refused: Option<AccessToken> = None;
        loop {
            let token = self.token(kind, refused.as_ref()).await?;
            let request = make(token.as_ref()).ok_or(error(SourceErrorKind::Refused, at))?;
            let (most, whole) = (self.settings.page_bytes, self.settings.timeout);
            let answer = self.requester.send(request, most, whole).await.map_err(|fault| match fault {
                Fault::Silent => error(SourceErrorKind::Unreachable, at),
                Fault::TooLong => error(SourceErrorKind::BadAnswer, at),
            })?;
            if answer.status != 401 || refused.is_some() || token.is_none() {
                return Ok(answer);
            }
            refused = token;
        }
    }

    /// What an answer that is none of the good ones means.
    pub(super) fn judge(&self, answer: &Answer, at: &'static str) -> SourceError {
        match answer.status {
            401 => error(SourceErrorKind::NeedsReauth, at),
            403 => error(SourceErrorKind::Forbidden, at),
            408 | 425 | 429 | 500..=599 => {
                let said = answer.header(RETRY_AFTER).and_then(|said| retry_after(said, self.clock.now()));
                self.passing(said, at)
            }
            400..=499 => error(SourceErrorKind::Refused, at),
            _ => error(SourceErrorKind::BadAnswer, at),
        }
    }

    /// A failure that may pass, with the time to wait.
    pub(super) fn passing(&self, said: Option<Duration>, at: &'static str) -> SourceError {
        let failures = self.failures.fetch_add(1, Ordering::Relaxed);
        let mut chance = [u8::MAX];
        // Without chance the wait is the longest of its range.
        let chance = self.entropy.fill(&mut chance).map_or([u8::MAX], |()| chance);
        let retry_after = self.settings.patience.wait(said, failures, chance[0]);
        error(SourceErrorKind::Passing { retry_after }, at)
    }

    /// A token, which may read a type where one is named; none where the server needs none.
    pub(super) async fn token(
        &self,
        kind: Option<&str>,
        refused: Option<&AccessToken>,
    ) -> Result<Option<AccessToken>, SourceError> {
        let at = "token";
        let token = self.settings.tokens.token(refused).await.map_err(|fault| match fault {
            TokenError::Unreachable => error(SourceErrorKind::Unreachable, at),
            TokenError::Passing { retry_after } => self.passing(retry_after, at),
            TokenError::NotJson | TokenError::NoToken => error(SourceErrorKind::BadAnswer, at),
            TokenError::Refused => error(SourceErrorKind::NeedsReauth, at),
            TokenError::Signing => error(SourceErrorKind::Refused, at),
        })?;
        match token {
            Some(token) if kind.is_some_and(|kind| !token.reads(kind)) => {
                Err(error(SourceErrorKind::Forbidden, "scope"))
            }
            token => Ok(token),
        }
    }

    fn request(&self, url: &Url, token: Option<&AccessToken>, known: Option<&str>) -> Option<Request> {
        let mut request = self.requester.client().get(url.clone()).header(ACCEPT, "application/fhir+json");
        if let Some(known) = known {
            request = request.header(IF_NONE_MATCH, known);
        }
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, bearer(token)?);
        }
        request.build().ok()
    }
}

/// The header that carries a token; marked so that no layer below shows it.
pub(super) fn bearer(token: &AccessToken) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose())).ok()?;
    value.set_sensitive(true);
    Some(value)
}

pub(super) const fn error(kind: SourceErrorKind, at: &'static str) -> SourceError {
    SourceError::new(kind, at)
}
