//! The token endpoint of a simulated server.

use serde_json::json;

use super::fhir_reply::Reply;

/// How the token endpoint behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenManner {
    /// Gives a token.
    Grant {
        /// What it says of the token's life, in seconds.
        expires_in: Option<i64>,
        /// The scopes that it says it granted.
        scope: Option<String>,
    },
    /// Answers 200 with a web page.
    WebPage,
    /// Answers 400 `invalid_client`.
    Refuse,
    /// Answers 503 with a `Retry-After` of 9 seconds.
    Busy,
}

/// Tokens that were given out.
#[derive(Debug)]
pub(super) struct Tokens {
    pub(super) manner: TokenManner,
    given: u32,
    /// Tokens up to this one are not accepted any more.
    revoked: u32,
}

impl Default for Tokens {
    fn default() -> Self {
        Self { manner: TokenManner::Grant { expires_in: Some(300), scope: None }, given: 0, revoked: 0 }
    }
}

impl Tokens {
    pub(super) fn revoke(&mut self) {
        self.revoked = self.given;
    }

    pub(super) fn accepts(&self, header: Option<&str>) -> bool {
        let number = header.and_then(|header| header.strip_prefix("Bearer token-")?.parse::<u32>().ok());
        number.is_some_and(|number| number > self.revoked && number <= self.given)
    }

    pub(super) fn answer(&mut self) -> Reply {
        match &self.manner {
            TokenManner::WebPage => Reply::web_page(),
            TokenManner::Refuse => Reply::json(&json!({ "error": "invalid_client" })).with_status(400),
            TokenManner::Busy => Reply::status(503).with("Retry-After", "9".to_owned()),
            TokenManner::Grant { expires_in, scope } => {
                self.given += 1;
                let mut answer = json!({ "access_token": format!("token-{}", self.given), "token_type": "bearer" });
                if let (Some(life), Some(fields)) = (expires_in, answer.as_object_mut()) {
                    fields.insert("expires_in".to_owned(), json!(life));
                }
                if let (Some(scope), Some(fields)) = (scope, answer.as_object_mut()) {
                    fields.insert("scope".to_owned(), json!(scope));
                }
                Reply::json(&answer)
            }
        }
    }
}
