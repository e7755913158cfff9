//! Tokens for a system without a person (SMART App Launch 2.2, Backend Services).

use core::fmt;
use core::time::Duration;
use std::sync::Arc;

use async_trait::async_trait;
use mychartum_core::port::{Clock, Entropy};
use reqwest::header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;

use crate::notify::Trust;

use super::super::ClientError;
use super::super::address::Address;
use super::super::patience::retry_after;
use super::super::requester::{Answer, Fault, Requester};
use super::access_token::AccessToken;
use super::access_tokens::AccessTokens;
use super::assertion::SigningKey;
use super::error::TokenError;

/// How long before its end a token is not used any more, in seconds.
const EARLY: i64 = 60;

/// How long a token lives whose server does not say so, in seconds: what SMART recommends as the longest.
const UNSAID: i64 = 300;

/// The longest life that is believed, in seconds.
const LONGEST: i64 = 24 * 3600;

/// The most bytes of an answer.
const MOST: usize = 64 << 10;

/// How a client gets its tokens.
#[derive(Debug)]
#[non_exhaustive]
pub struct BackendSettings {
    /// The token endpoint.
    pub endpoint: String,
    /// The client's id there.
    pub client: String,
    /// What it proves itself with.
    pub key: SigningKey,
    /// What it asks for, separated by blanks: `system/*.rs` at first.
    pub scopes: String,
    /// Whose certificates are believed.
    pub trust: Trust,
    /// For one request as a whole; 15 seconds at first.
    pub timeout: Duration,
}

impl BackendSettings {
    /// A client at a token endpoint.
    #[must_use]
    pub fn new(endpoint: impl Into<String>, client: impl Into<String>, key: SigningKey) -> Self {
        Self {
            endpoint: endpoint.into(),
            client: client.into(),
            key,
            scopes: "system/*.rs".to_owned(),
            trust: Trust::system(),
            timeout: Duration::from_secs(15),
        }
    }
}

/// Gets tokens by a signed assertion, and keeps each until a minute before its end.
pub struct BackendServices {
    settings: BackendSettings,
    endpoint: Address,
    requester: Requester,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    held: Mutex<Option<Held>>,
}

struct Held {
    token: AccessToken,
    until: i64,
}

#[derive(Deserialize)]
struct Granted {
    #[serde(default)]
    access_token: Value,
    #[serde(default)]
    token_type: Value,
    #[serde(default)]
    expires_in: Value,
    #[serde(default)]
    scope: Value,
}

impl fmt::Debug for BackendServices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BackendServices([hidden])")
    }
}

impl BackendServices {
    /// A client with these settings. It does not connect yet.
    ///
    /// # Errors
    /// [`ClientError`] for an endpoint in clear text, and for an empty client id or scope.
    pub fn new(
        settings: BackendSettings,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, ClientError> {
        let endpoint = Address::parse("endpoint", &settings.endpoint)?;
        for (field, text) in [("client", &settings.client), ("scopes", &settings.scopes)] {
            if !(1..=4096).contains(&text.trim().len()) {
                return Err(ClientError::Field(field));
            }
        }
        let requester = Requester::new(&settings.trust, settings.timeout, settings.timeout)?;
        Ok(Self { settings, endpoint, requester, clock, entropy, held: Mutex::new(None) })
    }

    async fn grant(&self) -> Result<Held, TokenError> {
        let now = self.clock.now();
        let mut nonce = [0; 16];
        self.entropy.fill(&mut nonce).map_err(|_| TokenError::Signing)?;
        let assertion =
            self.settings.key.assert(&self.settings.client, &self.settings.endpoint, now.timestamp(), nonce)?;
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("scope", &self.settings.scopes)
            .append_pair("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
            .append_pair("client_assertion", &assertion)
            .finish();
        let request = self
            .requester
            .client()
            .post(self.endpoint.url().clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json")
            .body(form)
            .build()
            .map_err(|_| TokenError::Signing)?;
        let answer = match self.requester.send(request, MOST, self.settings.timeout).await {
            Ok(answer) => answer,
            Err(Fault::Silent) => return Err(TokenError::Unreachable),
            Err(Fault::TooLong) => return Err(TokenError::NotJson),
        };
        match answer.status {
            200..=299 => held(&answer, now.timestamp()),
            408 | 425 | 429 | 500..=599 => {
                let said = answer.header(RETRY_AFTER).and_then(|said| retry_after(said, now));
                Err(TokenError::Passing { retry_after: said })
            }
            _ if serde_json::from_slice::<serde_json::Map<String, Value>>(&answer.body).is_err() => {
                Err(TokenError::NotJson)
            }
            _ => Err(TokenError::Refused),
        }
    }
}

fn held(answer: &Answer, now: i64) -> Result<Held, TokenError> {
    let granted: Granted = serde_json::from_slice(&answer.body).map_err(|_| TokenError::NotJson)?;
    let bearer = granted.token_type.as_str().is_none_or(|kind| kind.eq_ignore_ascii_case("bearer"));
    let token = granted.access_token.as_str().filter(|_| bearer).ok_or(TokenError::NoToken)?;
    let token = AccessToken::new(token.to_owned().into(), granted.scope.as_str()).ok_or(TokenError::NoToken)?;
    // Some servers send the number as a text.
    let life = granted.expires_in.as_i64().or_else(|| granted.expires_in.as_str()?.parse().ok()).unwrap_or(UNSAID);
    Ok(Held { token, until: now + life.clamp(0, LONGEST) - EARLY })
}

#[async_trait]
impl AccessTokens for BackendServices {
    async fn token(&self, refused: Option<&AccessToken>) -> Result<Option<AccessToken>, TokenError> {
        // Held while a token is fetched, so that many requests at once fetch one.
        let mut held = self.held.lock().await;
        if let Some(kept) = &*held
            && self.clock.now().timestamp() < kept.until
            && refused.is_none_or(|refused| !kept.token.is(refused))
        {
            return Ok(Some(kept.token.clone()));
        }
        *held = None;
        let new = self.grant().await?;
        Ok(Some(held.insert(new).token.clone()))
    }
}
