//! Asking for an export, and how far it is.

use core::fmt;
use core::time::Duration;
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use mychartum_core::port::record_source::{SourceError, SourceErrorKind};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_LOCATION, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Method, Request, Url};

use super::super::exchange::{Exchange, bearer, error};
use super::super::patience::retry_after;
use super::super::query::is_id;
use super::super::requester::Answer;
use super::super::server::FhirServer;
use super::super::token::AccessToken;
use super::file::BulkReader;
use super::job::{BulkJob, BulkScope};
use super::manifest::{BulkFile, Manifest};

/// By how much exports overlap, since what is written may be seen late.
const OVERLAP: chrono::Duration = chrono::Duration::minutes(5);

/// Exports of a FHIR server (HL7 Bulk Data Access 2.0): begin one, ask how far it is, read its files.
///
/// Nothing here waits: [`Polled::Running`] says for how long the caller should. How long one is waited for in all is the caller's too.
#[derive(Clone)]
pub struct BulkExport {
    exchange: Arc<Exchange>,
}

impl fmt::Debug for BulkExport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BulkExport([hidden])")
    }
}

/// How far an export is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Polled {
    /// The server works on it; ask again after this time.
    Running(Duration),
    /// Its files can be read.
    Done(Manifest),
}

impl FhirServer {
    /// Exports of this server.
    #[must_use]
    pub fn bulk(&self) -> BulkExport {
        BulkExport { exchange: self.exchange.clone() }
    }
}

impl BulkExport {
    /// Asks for an export of everything, or of what changed since another one was made ([`Manifest::as_of`]).
    ///
    /// # Errors
    /// [`SourceError`]: `Refused` too for a group with an id that is none.
    pub async fn kick_off(&self, scope: &BulkScope, since: Option<DateTime<Utc>>) -> Result<BulkJob, SourceError> {
        let at = "kick-off";
        let refused = error(SourceErrorKind::Refused, at);
        let mut path = match scope {
            BulkScope::AllPatients => "Patient/$export".to_owned(),
            BulkScope::Group(id) if is_id(id) => format!("Group/{id}/$export"),
            BulkScope::Group(_) => return Err(refused),
        };
        if let Some(since) = since.and_then(|since| since.checked_sub_signed(OVERLAP)) {
            path.push_str("?_since=");
            path.push_str(&since.to_rfc3339_opts(SecondsFormat::Secs, true));
        }
        let url = self.exchange.base.below(&path).ok_or(refused)?;
        let answer = self.ask(Method::GET, &url, at).await?;
        if answer.status != 202 {
            return Err(self.exchange.judge(&answer, at));
        }
        let location = answer.header(CONTENT_LOCATION).and_then(|location| self.exchange.base.follow(&url, location));
        location.map(|url| BulkJob::kept(url.as_str())).ok_or(error(SourceErrorKind::BadAnswer, at))
    }

    /// Asks how far an export is.
    ///
    /// # Errors
    /// [`SourceError`]: `Gone` for a job that the server does not know any more, or that is not one of its.
    pub async fn poll(&self, job: &BulkJob) -> Result<Polled, SourceError> {
        let at = "poll";
        let answer = self.ask(Method::GET, &self.status_of(job)?, at).await?;
        match answer.status {
            202 => {
                let said = answer.header(RETRY_AFTER).and_then(|said| retry_after(said, self.exchange.clock.now()));
                Ok(Polled::Running(self.exchange.passing(said, at).retry_after().unwrap_or_default()))
            }
            200 => {
                let manifest = Manifest::read(&answer.body).ok_or(error(SourceErrorKind::BadAnswer, "manifest"))?;
                Ok(Polled::Done(manifest))
            }
            404 | 410 => Err(error(SourceErrorKind::Gone, at)),
            _ => Err(self.exchange.judge(&answer, at)),
        }
    }

    /// Tells the server that an export is not wanted, or that its files were read and may go.
    ///
    /// # Errors
    /// [`SourceError`]. One that is gone already is no error.
    pub async fn discard(&self, job: &BulkJob) -> Result<(), SourceError> {
        let answer = self.ask(Method::DELETE, &self.status_of(job)?, "discard").await?;
        match answer.status {
            200..=204 | 404 | 410 => Ok(()),
            _ => Err(self.exchange.judge(&answer, "discard")),
        }
    }

    /// Opens a file of an export, after the lines that were read before.
    ///
    /// # Errors
    /// [`SourceError`]: `Gone` for a file that has expired; the export is to be begun again.
    pub async fn open(&self, manifest: &Manifest, file: &BulkFile, after: u64) -> Result<BulkReader, SourceError> {
        BulkReader::open(self.exchange.clone(), manifest.guarded, file, after).await
    }

    fn status_of(&self, job: &BulkJob) -> Result<Url, SourceError> {
        let url = Url::parse(job.as_str()).ok().filter(|url| self.exchange.base.is_origin_of(url));
        url.ok_or(error(SourceErrorKind::Gone, "job"))
    }

    async fn ask(&self, method: Method, url: &Url, at: &'static str) -> Result<Answer, SourceError> {
        let make = |token: Option<&AccessToken>| self.request(&method, url, token);
        self.exchange.ask(make, None, at).await
    }

    fn request(&self, method: &Method, url: &Url, token: Option<&AccessToken>) -> Option<Request> {
        let prefer = (HeaderName::from_static("prefer"), HeaderValue::from_static("respond-async"));
        let client = self.exchange.requester.client();
        let mut request =
            client.request(method.clone(), url.clone()).header(ACCEPT, "application/json").header(prefer.0, prefer.1);
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, bearer(token)?);
        }
        request.build().ok()
    }
}
