//! One file of an export, line by line.

use core::fmt;
use std::collections::VecDeque;
use std::sync::Arc;

use mychartum_core::chart::SourceRef;
use mychartum_core::port::record_source::{SourceError, SourceErrorKind};
use mychartum_core::sync::{Parcel, Place, Reading, Reason};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_ENCODING, LOCATION};
use reqwest::{Response, Url};

use super::super::address::is_guarded;
use super::super::exchange::{Exchange, bearer, error};
use super::super::page::deletions;
use super::super::parcels::of_line;
use super::super::requester::Answer;
use super::lines::{Cutter, Line};
use super::manifest::BulkFile;

/// How often a file may lie elsewhere.
const HOPS: u32 = 5;

const AT: &str = "file";

/// Reads a file of an export as it comes. What is held in memory does not grow with the file.
pub struct BulkReader {
    response: Option<Response>,
    cutter: Cutter,
    waiting: VecDeque<Line>,
    kind: Box<str>,
    most: usize,
    after: u64,
    line: u64,
}

impl fmt::Debug for BulkReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BulkReader").field("line", &self.line).finish_non_exhaustive()
    }
}

impl BulkReader {
    pub(super) async fn open(
        exchange: Arc<Exchange>,
        guarded: bool,
        file: &BulkFile,
        after: u64,
    ) -> Result<Self, SourceError> {
        let response = find(&exchange, guarded, file.url().clone()).await?;
        // None was asked for; reading it as lines would only give nonsense.
        if response.headers().get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
            return Err(error(SourceErrorKind::BadAnswer, "file: compressed"));
        }
        let most = exchange.settings.page_bytes;
        Ok(Self {
            response: Some(response),
            cutter: Cutter::new(most),
            waiting: VecDeque::new(),
            kind: file.kind().into(),
            most,
            after,
            line: after,
        })
    }

    /// How many lines were read, those skipped included: where to go on after a restart, once what came of them is durable.
    #[must_use]
    pub const fn line(&self) -> u64 {
        self.line
    }

    /// The parcels of the next line; `None` after the last. A bad line is one unusable parcel, and the next one goes on.
    ///
    /// # Errors
    /// [`SourceError`]: `Unreachable` where the file was cut off; open it again after [`line`](Self::line).
    pub async fn parcels(&mut self) -> Result<Option<Vec<Parcel>>, SourceError> {
        let Some(line) = self.next().await? else { return Ok(None) };
        if line.too_long {
            let place = Place { document: 0, entry: Some(line.number) };
            let reading = Reading::Unusable(Reason::TooLarge);
            return Ok(Some(vec![Parcel { place, resource: Box::default(), reading, original: line.bytes }]));
        }
        Ok(Some(of_line(&line.bytes, line.number, &self.kind, self.most)))
    }

    /// What the next line of a file of [`Manifest::deleted`](super::Manifest::deleted) names; `None` after the last.
    ///
    /// # Errors
    /// As [`parcels`](Self::parcels), and `BadAnswer` for a line that is no bundle: the deletions in it are not known.
    pub async fn withdrawn(&mut self) -> Result<Option<Vec<SourceRef>>, SourceError> {
        let Some(line) = self.next().await? else { return Ok(None) };
        let found = core::str::from_utf8(&line.bytes).ok().filter(|_| !line.too_long).and_then(deletions);
        found.map(Some).ok_or(error(SourceErrorKind::BadAnswer, "deleted"))
    }

    async fn next(&mut self) -> Result<Option<Line>, SourceError> {
        loop {
            while let Some(line) = self.waiting.pop_front() {
                if line.number > self.after {
                    self.line = line.number;
                    return Ok(Some(line));
                }
            }
            let Some(response) = &mut self.response else { return Ok(None) };
            let mut lines = Vec::new();
            match response.chunk().await.map_err(|_| error(SourceErrorKind::Unreachable, AT))? {
                Some(piece) => self.cutter.push(&piece, &mut lines),
                None => {
                    self.response = None;
                    lines.extend(self.cutter.finish());
                }
            }
            self.waiting.extend(lines);
        }
    }
}

/// Follows a file to where it lies. The token goes to the server's own origin and nowhere else.
async fn find(exchange: &Exchange, guarded: bool, mut url: Url) -> Result<Response, SourceError> {
    let (mut refused, mut hops) = (None, 0);
    let bad = error(SourceErrorKind::BadAnswer, AT);
    // Clear text is for a server on this machine, and its files.
    let clear = exchange.base.url().scheme() == "http";
    while hops <= HOPS {
        if is_guarded(&url) != Some(true) || (url.scheme() == "http" && !clear) {
            return Err(bad);
        }
        let ours = guarded && exchange.base.is_origin_of(&url);
        let token = if ours { exchange.token(None, refused.as_ref()).await? } else { None };
        let mut request = exchange.requester.client().get(url.clone()).header(ACCEPT, "application/fhir+ndjson");
        if let Some(token) = &token {
            request = request.header(AUTHORIZATION, bearer(token).ok_or(bad)?);
        }
        let request = request.build().map_err(|_| bad)?;
        let opened = exchange.requester.open(request).await;
        let response = opened.map_err(|_| error(SourceErrorKind::Unreachable, AT))?;
        match response.status().as_u16() {
            200 => return Ok(response),
            301 | 302 | 303 | 307 | 308 => {
                let to = response.headers().get(LOCATION).and_then(|to| to.to_str().ok());
                url = to.and_then(|to| url.join(to).ok()).ok_or(bad)?;
                hops += 1;
            }
            401 if token.is_some() && refused.is_none() => refused = token,
            404 | 410 => return Err(error(SourceErrorKind::Gone, AT)),
            status => {
                let answer = Answer { status, headers: response.headers().clone(), body: Vec::new() };
                return Err(exchange.judge(&answer, AT));
            }
        }
    }
    Err(bad)
}
