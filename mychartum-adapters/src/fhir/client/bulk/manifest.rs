//! What an export has become: a list of files.

use core::fmt;

use chrono::{DateTime, Utc};
use reqwest::Url;
use serde::Deserialize;
use serde_json::Value;

/// A file of an export: lines of one type of resource.
#[derive(Clone, PartialEq, Eq)]
pub struct BulkFile {
    kind: Box<str>,
    url: Url,
}

impl fmt::Debug for BulkFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // An address of a file often opens it without more.
        f.write_str("BulkFile([hidden])")
    }
}

impl BulkFile {
    /// The type that its lines are said to have.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    pub(super) const fn url(&self) -> &Url {
        &self.url
    }
}

/// The files of an export that is done.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Manifest {
    /// Of when it is: the next export asks for what changed since.
    pub as_of: DateTime<Utc>,
    /// The files, patients first: what else comes is about somebody.
    pub files: Vec<BulkFile>,
    /// Files that name what the server has no more.
    pub deleted: Vec<BulkFile>,
    /// Whether the server gave everything. With files of errors, or a file whose address cannot be used, it did not.
    pub complete: bool,
    /// Whether the files want the access token.
    pub(super) guarded: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outer {
    transaction_time: String,
    #[serde(default)]
    requires_access_token: Value,
    #[serde(default)]
    output: Value,
    #[serde(default)]
    deleted: Value,
    #[serde(default)]
    error: Value,
}

impl Manifest {
    /// Reads a manifest; `None` for what is none.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let outer: Outer = serde_json::from_slice(body).ok()?;
        let as_of = DateTime::parse_from_rfc3339(&outer.transaction_time).ok()?.with_timezone(&Utc);
        let (mut files, lost) = list(&outer.output);
        let (deleted, also_lost) = list(&outer.deleted);
        files.sort_by_key(|file| &*file.kind != "Patient");
        let errors = !outer.error.is_null() && outer.error.as_array().is_none_or(|errors| !errors.is_empty());
        // What does not say that it needs no token gets one, at the server's own origin only.
        let guarded = outer.requires_access_token.as_bool() != Some(false);
        Some(Self { as_of, files, deleted, complete: !errors && !lost && !also_lost, guarded })
    }
}

/// The files of a list, and whether one of them cannot be used.
fn list(files: &Value) -> (Vec<BulkFile>, bool) {
    let all = files.as_array().map_or(&[] as &[Value], Vec::as_slice);
    let read = |file: &Value| {
        let kind = file.get("type").and_then(Value::as_str).unwrap_or("");
        let url = Url::parse(file.get("url")?.as_str()?).ok()?;
        Some(BulkFile { kind: kind.into(), url })
    };
    let found: Vec<_> = all.iter().filter_map(read).collect();
    let lost = found.len() < all.len() || !(files.is_null() || files.is_array());
    (found, lost)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(rest: &str) -> Option<Manifest> {
        Manifest::read(format!(r#"{{"transactionTime":"2026-01-01T00:00:00Z"{rest}}}"#).as_bytes())
    }

    #[test]
    fn patients_are_first_and_errors_are_told() {
        let files = r#","output":[{"type":"Observation","url":"https://a/1"},{"type":"Patient","url":"https://a/2"}]"#;
        let whole = read(files).unwrap();
        assert_eq!(whole.files.iter().map(BulkFile::kind).collect::<Vec<_>>(), ["Patient", "Observation"]);
        assert!(whole.complete && whole.guarded);
        for lacking in [
            r#","error":[{"type":"OperationOutcome","url":"https://a/3"}]"#,
            r#","error":"yes""#,
            r#","output":[{"type":"Patient"}]"#,
            r#","output":5"#,
            r#","deleted":[{"url":"nowhere"}]"#,
        ] {
            assert!(!read(lacking).unwrap().complete, "{lacking}");
        }
        assert!(read(r#","error":[],"deleted":[]"#).unwrap().complete);
        assert!(!read(r#","requiresAccessToken":false"#).unwrap().guarded);
        assert_eq!(Manifest::read(b"<html>"), None);
        assert_eq!(Manifest::read(b"{}"), None);
    }
}
