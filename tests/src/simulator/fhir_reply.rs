//! What a simulated server answers.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// An answer.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Reply {
    pub(super) fn status(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    pub(super) fn json(value: &Value) -> Self {
        Self::text("application/fhir+json", value.to_string())
    }

    pub(super) fn text(kind: &'static str, body: String) -> Self {
        Self { body: body.into_bytes(), ..Self::status(200).with("Content-Type", kind.to_owned()) }
    }

    pub(super) fn web_page() -> Self {
        Self::text("text/html", "<!DOCTYPE html><html><body>Please sign in.</body></html>".to_owned())
    }

    pub(super) fn with(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(super) fn with_only(self, headers: Vec<(&'static str, String)>) -> Self {
        Self { headers, ..self }
    }

    pub(super) fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// The bytes that go over the wire.
    pub(super) fn bytes(&self, now: DateTime<Utc>) -> Vec<u8> {
        let date = now.format("%a, %d %b %Y %H:%M:%S GMT");
        let mut text = format!("HTTP/1.1 {} x\r\nDate: {date}\r\nConnection: close\r\n", self.status);
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        if self.status != 304 {
            text.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
        }
        text.push_str("\r\n");
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

/// A remark of a server about its own answer.
pub(super) fn remark(severity: &str) -> Value {
    json!({ "resourceType": "OperationOutcome", "issue": [{ "severity": severity, "code": "processing" }] })
}
