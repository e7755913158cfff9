//! One access token.

use core::fmt;

use secrecy::{ExposeSecret as _, SecretString};

/// A bearer token with the scopes that were granted for it.
#[derive(Clone)]
pub struct AccessToken {
    token: SecretString,
    scopes: Option<Box<str>>,
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken([hidden])")
    }
}

impl AccessToken {
    /// A token; `scopes` are those that were granted, separated by blanks, `None` where nothing was said of them.
    ///
    /// `None` for a token with characters that no header can hold (RFC 6750 section 2.1).
    #[must_use]
    pub fn new(token: SecretString, scopes: Option<&str>) -> Option<Self> {
        let text = token.expose_secret();
        let fits = (1..=16 << 10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        fits.then(|| Self { token, scopes: scopes.map(Into::into) })
    }

    pub(in super::super) fn expose(&self) -> &str {
        self.token.expose_secret()
    }

    pub(super) fn is(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }

    /// Whether the scopes let one search and read a type: `system/Observation.read`, `.rs`, `*.*` and the like of SMART 1 and 2.
    ///
    /// Scopes narrowed by a query (`Observation.rs?category=..`) count too: the server answers for the rest.
    #[must_use]
    pub fn reads(&self, kind: &str) -> bool {
        let Some(scopes) = &self.scopes else { return true };
        scopes.split_ascii_whitespace().any(|scope| {
            let scope = scope.split_once('?').map_or(scope, |(scope, _)| scope);
            let Some((context, rest)) = scope.split_once('/') else { return false };
            let Some((found, may)) = rest.split_once('.') else { return false };
            let known = matches!(context, "system" | "user" | "patient");
            let lets = |wanted: char| may.bytes().all(|letter| b"cruds".contains(&letter)) && may.contains(wanted);
            // A patient is read and not searched for.
            let reads = matches!(may, "read" | "*") || (lets('r') && (lets('s') || kind == "Patient"));
            known && (found == kind || found == "*") && reads
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn granted_scopes_decide() {
        for (scopes, kind, reads) in [
            (None, "Observation", true),
            (Some(""), "Observation", false),
            (Some("system/*.read"), "Observation", true),
            (Some("system/*.*"), "Observation", true),
            (Some("openid system/Observation.read"), "Observation", true),
            (Some("system/Observation.rs"), "Observation", true),
            (Some("system/Observation.cruds"), "Observation", true),
            (Some("system/Observation.rs?category=laboratory"), "Observation", true),
            (Some("system/Observation.r"), "Observation", false),
            (Some("system/Patient.r"), "Patient", true),
            (Some("system/Observation.write"), "Observation", false),
            (Some("system/Condition.read"), "Observation", false),
            (Some("launch/patient"), "Observation", false),
        ] {
            let token = AccessToken::new("t".to_owned().into(), scopes).unwrap();
            assert_eq!(token.reads(kind), reads, "{scopes:?} {kind}");
        }
    }

    #[test]
    fn a_token_fits_a_header() {
        for bad in ["", "a b", "a\r\nX: y", "é"] {
            assert!(AccessToken::new(bad.to_owned().into(), None).is_none());
        }
    }
}
