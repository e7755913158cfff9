//! The HTTP client: bounded in time and length, never redirected.

use core::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{ACCEPT_ENCODING, HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Request, Response};

use crate::notify::Trust;

use super::error::ClientError;

/// Sends requests.
#[derive(Debug, Clone)]
pub(super) struct Requester {
    client: Client,
}

/// An answer, read to its end.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// No connection, no answer in time, or one cut off.
    Silent,
    /// The answer is longer than the limit.
    TooLong,
}

impl Requester {
    /// A client without redirects, proxies, cookies, compression or a memory of referrers.
    pub(super) fn new(trust: &Trust, connect: Duration, silence: Duration) -> Result<Self, ClientError> {
        let config = trust.client_config().map_err(|_| ClientError::Trust)?;
        let plain = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static("identity"))]);
        let client = Client::builder()
            .tls_backend_preconfigured(config)
            .redirect(Policy::none())
            .referer(false)
            .no_proxy()
            .default_headers(plain)
            .connect_timeout(connect)
            .read_timeout(silence)
            .build();
        Ok(Self { client: client.map_err(|_| ClientError::Trust)? })
    }

    pub(super) const fn client(&self) -> &Client {
        &self.client
    }

    /// Sends a request; the body of the answer is still to be read.
    pub(super) async fn open(&self, request: Request) -> Result<Response, Fault> {
        self.client.execute(request).await.map_err(|_| Fault::Silent)
    }

    /// Sends a request and reads the answer.
    pub(super) async fn send(&self, request: Request, most: usize, whole: Duration) -> Result<Answer, Fault> {
        let exchange = async {
            let mut response = self.open(request).await?;
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            let mut body = Vec::new();
            while let Some(piece) = response.chunk().await.map_err(|_| Fault::Silent)? {
                if body.len() + piece.len() > most {
                    return Err(Fault::TooLong);
                }
                body.extend_from_slice(&piece);
            }
            Ok(Answer { status, headers, body })
        };
        tokio::time::timeout(whole, exchange).await.unwrap_or(Err(Fault::Silent))
    }
}

impl Answer {
    /// A header's text; `None` where it is missing or no text.
    pub(super) fn header(&self, name: HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// When the server says that it is.
    pub(super) fn date(&self) -> Option<DateTime<Utc>> {
        let date = DateTime::parse_from_rfc2822(self.header(reqwest::header::DATE)?).ok()?;
        Some(date.with_timezone(&Utc))
    }
}
