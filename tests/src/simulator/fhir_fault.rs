//! What a FHIR server can do wrong.

use serde_json::Value;

/// Something that a server does wrong, as seen in the field.
#[derive(Debug, Clone, PartialEq)]
pub enum FhirFault {
    /// Answers with a status, perhaps with a `Retry-After`; only where a type is asked for, if one is named.
    Status {
        /// The status.
        status: u16,
        /// The value of `Retry-After`.
        retry_after: Option<String>,
        /// The type; all without one.
        kind: Option<&'static str>,
    },
    /// Gives the last resource of the page before once more.
    Repeat,
    /// Links the page to itself as the next one.
    NextLoops,
    /// Links every page to one more, for ever; a page beyond the last is empty.
    NextEndless,
    /// Links the next page at another origin.
    NextElsewhere(String),
    /// Links the next page by a path below the base, without the server's name.
    NextRelative,
    /// Links the next page by an address of some thousand bytes.
    NextLong(usize),
    /// Has forgotten a page that it linked to: 410.
    PageExpired,
    /// Puts a remark of this severity among the matches.
    Remark(&'static str),
    /// Answers 200 with a remark of this severity and nothing else.
    RemarkOnly(&'static str),
    /// Answers 200 with a web page.
    WebPage,
    /// Puts another entry among the matches: somebody else's resource, a deletion.
    Extra(Value),
}

impl FhirFault {
    /// A status without more.
    #[must_use]
    pub const fn status(status: u16) -> Self {
        Self::Status { status, retry_after: None, kind: None }
    }

    /// A fault from which whoever asks again in time loses nothing; which one, a number says.
    #[must_use]
    pub fn passing(number: u64) -> Self {
        let busy = |status, retry_after: Option<&str>| Self::Status {
            status,
            retry_after: retry_after.map(str::to_owned),
            kind: None,
        };
        match number % 9 {
            0 => busy(429, Some("7")),
            1 => busy(503, Some("Sun, 06 Nov 1994 08:49:37 GMT")),
            2 => busy(503, None),
            3 => busy(502, Some("soon")),
            4 => Self::Repeat,
            5 => Self::NextRelative,
            6 => Self::NextLong(3000),
            7 => Self::Remark("warning"),
            _ => Self::WebPage,
        }
    }
}
