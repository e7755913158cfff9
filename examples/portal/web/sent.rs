//! What a form sent: names and values, and whether it came from a page of this portal.

use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use subtle::ConstantTimeEq;

use super::house::Shared;
use super::refusal::Refusal;
use super::visitor::Visitor;

/// What a form sent, in its order. A name may be there several times, as ticked boxes are.
pub(crate) struct Sent(Vec<(String, String)>);

impl std::fmt::Debug for Sent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sent([hidden])")
    }
}

impl FromRequest<Shared> for Sent {
    type Rejection = Response;

    async fn from_request(request: Request, house: &Shared) -> Result<Self, Response> {
        match axum::extract::Form::<Vec<(String, String)>>::from_request(request, house).await {
            Ok(form) => Ok(Self(form.0)),
            Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => Err(error.into_response()),
            Err(_) => Err(Refusal::Foreign.page()),
        }
    }
}

impl Sent {
    /// The first value of a name; empty where there is none.
    pub(crate) fn one(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    }

    /// All values of a name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether it came from a page that was given to this visitor.
    ///
    /// # Errors
    /// [`Refusal::Foreign`].
    pub(crate) fn is_from(&self, visitor: &Visitor) -> Result<(), Refusal> {
        let same: bool = visitor.form_token.as_bytes().ct_eq(self.one("token").as_bytes()).into();
        if same { Ok(()) } else { Err(Refusal::Foreign) }
    }
}
