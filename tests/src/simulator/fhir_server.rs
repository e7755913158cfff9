//! The server.

use std::io::Result;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mychartum_core::port::Clock;
use serde_json::{Value, json};
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

use super::fhir_fault::FhirFault;
use super::fhir_reply::{Reply, remark};
use super::fhir_store::{FhirStore, tag};
use super::fhir_tokens::{TokenManner, Tokens};
use crate::ManualClock;
use crate::sinks::SinkRequest;
use crate::sinks::http_sink::read;

/// A FHIR R4 server on a port of the loopback, until it is dropped: searches in pages, reads, and tokens.
///
/// Faults are armed, and each happens to the next requests that it fits, as often as it was armed for.
#[derive(Debug)]
pub struct SimulatedFhir {
    port: u16,
    state: Arc<Mutex<State>>,
    serving: tokio::task::JoinHandle<()>,
}

#[derive(Debug)]
struct State {
    port: u16,
    clock: ManualClock,
    store: FhirStore,
    faults: Vec<(FhirFault, u32)>,
    requests: Vec<SinkRequest>,
    searches: Vec<(Vec<Value>, usize)>,
    tokens: Tokens,
    locked: bool,
    scripts: Vec<(String, Reply)>,
}

impl Drop for SimulatedFhir {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl SimulatedFhir {
    /// Starts one with what it holds; its clock is turned by hand.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(store: FhirStore, clock: ManualClock) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let state = State {
            port,
            clock,
            store,
            faults: Vec::new(),
            requests: Vec::new(),
            searches: Vec::new(),
            tokens: Tokens::default(),
            locked: false,
            scripts: Vec::new(),
        };
        let state = Arc::new(Mutex::new(state));
        let shared = state.clone();
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = shared.clone();
                tokio::spawn(async move {
                    let mut stream = BufReader::new(stream);
                    let request = read(&mut stream).await?;
                    let bytes = lock(&state).serve(request);
                    stream.write_all(&bytes).await.ok()?;
                    stream.shutdown().await.ok()
                });
            }
        });
        Ok(Self { port, state, serving })
    }

    /// Its base.
    #[must_use]
    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}/fhir", self.port)
    }

    /// Its token endpoint.
    #[must_use]
    pub fn token_endpoint(&self) -> String {
        format!("http://127.0.0.1:{}/token", self.port)
    }

    /// Lets a fault happen to the next requests that it fits.
    pub fn arm(&self, fault: FhirFault, times: u32) {
        lock(&self.state).faults.push((fault, times));
    }

    /// Lets nothing go wrong any more.
    pub fn disarm(&self) {
        lock(&self.state).faults.clear();
    }

    /// Answers a path, its query left out, in a way of the test's own: one answer after the other, the last one for good.
    pub fn script(&self, path: &str, status: u16, headers: &[(&'static str, String)], body: &str) {
        let kind = ("Content-Type", "application/json".to_owned());
        let headers = headers.iter().cloned().chain([kind]);
        let reply = Reply::text("text/plain", body.to_owned()).with_status(status).with_only(headers.collect());
        lock(&self.state).scripts.push((path.to_owned(), reply));
    }

    /// Forgets what was scripted for a path.
    pub fn forget_script(&self, path: &str) {
        lock(&self.state).scripts.retain(|(scripted, _)| scripted != path);
    }

    /// Changes what it holds.
    pub fn change(&self, change: impl FnOnce(&mut FhirStore)) {
        change(&mut lock(&self.state).store);
    }

    /// What it holds now.
    #[must_use]
    pub fn store(&self) -> FhirStore {
        lock(&self.state).store.clone()
    }

    /// Answers only who has a token from now on, and gives tokens in this manner.
    pub fn ask_for_tokens(&self, manner: TokenManner) {
        let mut state = lock(&self.state);
        state.locked = true;
        state.tokens.manner = manner;
    }

    /// Accepts no token that it gave until now.
    pub fn revoke_tokens(&self) {
        lock(&self.state).tokens.revoke();
    }

    /// What came, in order.
    #[must_use]
    pub fn requests(&self) -> Vec<SinkRequest> {
        lock(&self.state).requests.clone()
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    fn serve(&mut self, request: SinkRequest) -> Vec<u8> {
        let reply = self.answer(&request);
        self.requests.push(request);
        reply.bytes(self.clock.now())
    }

    fn answer(&mut self, request: &SinkRequest) -> Reply {
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        if path == "/token" && request.method == "POST" {
            return self.tokens.answer();
        }
        let Some(path) = path.strip_prefix("/fhir") else { return Reply::status(404) };
        if self.locked && !self.tokens.accepts(request.header("authorization")) {
            return Reply::status(401);
        }
        if let Some(reply) = self.scripted(path) {
            return reply;
        }
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let kind = parts.first().copied().unwrap_or("");
        let status = self.take(
            |fault| matches!(fault, FhirFault::Status { kind: only, .. } if only.is_none_or(|only| only == kind)),
        );
        if let Some(FhirFault::Status { status, retry_after, .. }) = status {
            let reply = Reply::status(status);
            return match retry_after {
                Some(wait) => reply.with("Retry-After", wait),
                None => reply,
            };
        }
        match parts.as_slice() {
            ["page", search, page] => match (search.parse(), page.parse()) {
                (Ok(search), Ok(page)) => self.page(search, page, &request.path),
                _ => Reply::status(400),
            },
            [kind] => self.search(kind, query, &request.path),
            [kind, id] => self.read(&format!("{kind}/{id}"), request.header("if-none-match")),
            _ => Reply::status(404),
        }
    }

    /// The next fault of a kind, if one is armed.
    fn take(&mut self, fits: impl Fn(&FhirFault) -> bool) -> Option<FhirFault> {
        let at = self.faults.iter().position(|(fault, times)| *times > 0 && fits(fault))?;
        let (fault, times) = self.faults.get_mut(at)?;
        *times -= 1;
        Some(fault.clone())
    }

    fn scripted(&mut self, path: &str) -> Option<Reply> {
        let at = self.scripts.iter().position(|(found, _)| found == path)?;
        let last = self.scripts.iter().filter(|(found, _)| found == path).count() == 1;
        if last { self.scripts.get(at).map(|(_, reply)| reply.clone()) } else { Some(self.scripts.remove(at).1) }
    }

    fn read(&self, address: &str, known: Option<&str>) -> Reply {
        match self.store.find(address) {
            Some(found) if known == Some(&tag(found)) => Reply::status(304).with("ETag", tag(found)),
            Some(found) => Reply::json(found).with("ETag", tag(found)),
            None if self.store.is_removed(address) => Reply::status(410),
            None => Reply::json(&remark("error")).with_status(404),
        }
    }

    fn search(&mut self, kind: &str, query: &str, path: &str) -> Reply {
        let value = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(found, _)| *found == name).map(|(_, value)| value)
        };
        let Some(patient) = value("patient") else { return Reply::json(&remark("error")).with_status(400) };
        let since = value("_lastUpdated").and_then(|value| value.strip_prefix("ge"));
        let found = self.store.search(kind, patient, value("category"), since);
        let count = value("_count").and_then(|count| count.parse().ok()).unwrap_or(10);
        self.searches.push((found, count));
        self.page(self.searches.len() - 1, 0, path)
    }

    fn page(&mut self, search: usize, page: usize, path: &str) -> Reply {
        if page > 0 && self.take(|fault| *fault == FhirFault::PageExpired).is_some() {
            return Reply::status(410);
        }
        if self.take(|fault| *fault == FhirFault::WebPage).is_some() {
            return Reply::web_page();
        }
        if let Some(FhirFault::RemarkOnly(severity)) = self.take(|fault| matches!(fault, FhirFault::RemarkOnly(_))) {
            return Reply::json(&remark(severity));
        }
        let Some((found, count)) = self.searches.get(search).cloned() else { return Reply::status(404) };
        let mut begin = page * count;
        let end = (begin + count).min(found.len());
        if begin > 0 && self.take(|fault| *fault == FhirFault::Repeat).is_some() {
            begin -= 1;
        }
        let entry = |resource: &Value| json!({ "resource": resource, "search": { "mode": "match" } });
        let mut entries: Vec<Value> = found.get(begin..end).unwrap_or_default().iter().map(entry).collect();
        while let Some(FhirFault::Remark(severity)) = self.take(|fault| matches!(fault, FhirFault::Remark(_))) {
            entries.push(json!({ "resource": remark(severity), "search": { "mode": "outcome" } }));
        }
        while let Some(FhirFault::Extra(extra)) = self.take(|fault| matches!(fault, FhirFault::Extra(_))) {
            entries.push(extra);
        }
        let mut bundle = json!({ "resourceType": "Bundle", "type": "searchset", "entry": entries });
        let next = self.next(search, page, end < found.len(), path);
        if let (Some(next), Some(fields)) = (next, bundle.as_object_mut()) {
            fields.insert("link".to_owned(), json!([{ "relation": "next", "url": next }]));
        }
        Reply::json(&bundle)
    }

    fn next(&mut self, search: usize, page: usize, more: bool, path: &str) -> Option<String> {
        let origin = format!("http://127.0.0.1:{}", self.port);
        let next = format!("page/{search}/{}", page + 1);
        if self.take(|fault| *fault == FhirFault::NextEndless).is_some() {
            return Some(format!("{origin}/fhir/{next}"));
        }
        if !more {
            return None;
        }
        if self.take(|fault| *fault == FhirFault::NextLoops).is_some() {
            return Some(format!("{origin}{path}"));
        }
        if self.take(|fault| *fault == FhirFault::NextRelative).is_some() {
            return Some(next);
        }
        let special = self.take(|fault| matches!(fault, FhirFault::NextElsewhere(_) | FhirFault::NextLong(_)));
        match special {
            Some(FhirFault::NextElsewhere(url)) => Some(url),
            Some(FhirFault::NextLong(bytes)) => Some(format!("{origin}/fhir/{next}?x={}", "x".repeat(bytes))),
            _ => Some(format!("{origin}/fhir/{next}?a=%7C|")),
        }
    }
}
