//! How far a pass has got: what a cursor holds.

use chrono::{DateTime, Duration, SecondsFormat, Utc};
use mychartum_core::chart::SourceRef;
use mychartum_core::port::record_source::{Category, Cursor, SourceError, SourceErrorKind};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// By how much windows overlap, since clocks differ and what is written may be seen late.
const OVERLAP: Duration = Duration::minutes(5);

/// Where one has got to with one patient's category at one server.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Position {
    /// Of whom, what and where: a hash.
    of: String,
    /// When the last complete pass began, in seconds since 1970.
    pub(super) since: Option<i64>,
    /// The version tag of what was read alone.
    pub(super) etag: Option<String>,
    /// The pass that is under way.
    pub(super) pass: Option<Pass>,
}

/// A pass over the pages of a search.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Pass {
    /// When it began, in seconds since 1970.
    pub(super) began: i64,
    /// The page that is next.
    pub(super) page: String,
    /// The pages that were read, by hash.
    pub(super) seen: Vec<String>,
    /// Whether the pages expired once already.
    pub(super) restarted: bool,
    /// Whether something was missing so far.
    pub(super) incomplete: bool,
}

impl Position {
    /// The place where nothing has been read yet.
    pub(super) fn start(server: &str, patient: &SourceRef, category: Category) -> Self {
        let of = [server, patient.kind.as_str(), patient.id.as_str(), &format!("{category:?}")].join("\n");
        Self { of: digest(&of), since: None, etag: None, pass: None }
    }

    /// The place that a cursor names.
    ///
    /// # Errors
    /// `Gone` for a cursor of anything else: it would lead to somebody else's pages.
    pub(super) fn resume(self, cursor: &Cursor) -> Result<Self, SourceError> {
        let found = serde_json::from_str::<Self>(cursor.as_str()).ok().filter(|found| found.of == self.of);
        found.ok_or(SourceError::new(SourceErrorKind::Gone, "cursor"))
    }

    pub(super) fn cursor(&self) -> Result<Cursor, SourceError> {
        let text = serde_json::to_string(self).unwrap_or_default();
        Cursor::parse(&text)
            .map_err(|_| SourceError::new(SourceErrorKind::BadAnswer, "next: longer than a cursor holds"))
    }

    /// From when on changes are asked for.
    pub(super) fn window(&self) -> Option<String> {
        let from = DateTime::<Utc>::from_timestamp(self.since?, 0)?.checked_sub_signed(OVERLAP)?;
        Some(from.to_rfc3339_opts(SecondsFormat::Secs, true))
    }
}

/// A short hash of a text.
pub(super) fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
