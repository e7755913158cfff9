//! Answers other than the page that was asked for. They say nothing about what is or is not there.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use mychartum_core::access::AccessError;
use mychartum_core::account::{AccountError, SessionError};
use mychartum_core::kernel::id::PatientId;
use mychartum_core::portal::{Failure, ProxyError, ReadError};

use super::cookies;
use crate::pages::layout::plain_page;
use crate::words::say;

/// Why there is no page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There is none, or it is not for this person: the two are the same, to the byte.
    NotFound,
    /// The session is turned to another chart; this one is to be turned to by a form.
    Turn(PatientId),
    /// Nobody is signed in.
    SignIn,
    /// The session was idle for too long.
    Idle,
    /// The session was as long as sessions may be.
    TooOld,
    /// The form is not from here, or too old.
    Foreign,
    /// It cannot be done as things stand now.
    NotPossible,
    /// It takes a fresh proof of who one is.
    StepUp,
    /// It was meant for another host.
    WrongHost,
    /// It took too long.
    TooSlow,
    /// Something broke.
    Broken,
}

/// What handlers return.
pub(crate) type Answer = Result<Response, Refusal>;

impl Refusal {
    /// The refusal as a page or a way to one.
    pub(crate) fn page(self) -> Response {
        let (status, title, text) = match self {
            Self::SignIn => return Redirect::to("/sign-in").into_response(),
            Self::Turn(patient) => return Redirect::to(&format!("/turn/{patient}")).into_response(),
            Self::StepUp => return Redirect::to("/account/step-up").into_response(),
            Self::Idle => return signed_out("/signed-out?why=idle"),
            Self::TooOld => return signed_out("/signed-out?why=old"),
            Self::NotFound => (StatusCode::NOT_FOUND, say("refusal.not-found"), say("refusal.not-found-text")),
            Self::Foreign => (StatusCode::FORBIDDEN, say("refusal.foreign"), say("refusal.foreign-text")),
            Self::NotPossible => (StatusCode::CONFLICT, say("refusal.not-possible"), say("refusal.not-possible-text")),
            Self::WrongHost => (StatusCode::MISDIRECTED_REQUEST, say("refusal.host"), say("refusal.host-text")),
            Self::TooSlow => (StatusCode::SERVICE_UNAVAILABLE, say("refusal.slow"), say("refusal.slow-text")),
            Self::Broken => (StatusCode::INTERNAL_SERVER_ERROR, say("refusal.broken"), say("refusal.broken-text")),
        };
        (status, plain_page(title, text)).into_response()
    }
}

fn signed_out(to: &str) -> Response {
    let mut response = Redirect::to(to).into_response();
    response.headers_mut().append(header::SET_COOKIE, cookies::CLEAR_SESSION);
    clear_site(&mut response);
    response
}

/// Asks the browser to forget what it kept of this site, but for the cookies: that of the session is taken away by itself, and
/// the one by which a trusted device is known outlives a session.
pub(crate) fn clear_site(response: &mut Response) {
    let all = HeaderValue::from_static("\"cache\", \"storage\"");
    response.headers_mut().insert("clear-site-data", all);
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        self.page()
    }
}

impl From<SessionError> for Refusal {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Unknown => Self::SignIn,
            SessionError::Idle => Self::Idle,
            SessionError::TooOld => Self::TooOld,
            SessionError::Failure(_) => Self::Broken,
        }
    }
}

impl From<AccessError> for Refusal {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::NotFound => Self::NotFound,
            AccessError::SessionEnded => Self::SignIn,
            AccessError::Failure(_) => Self::Broken,
        }
    }
}

impl From<ProxyError> for Refusal {
    fn from(error: ProxyError) -> Self {
        match error {
            ProxyError::NotFound => Self::NotFound,
            ProxyError::SessionEnded => Self::SignIn,
            ProxyError::StepUp => Self::StepUp,
            ProxyError::WrongBirthDate | ProxyError::Refused(_) | ProxyError::Consent(_) => Self::NotPossible,
            ProxyError::Failure(_) => Self::Broken,
        }
    }
}

impl From<AccountError> for Refusal {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::SessionEnded => Self::SignIn,
            AccountError::StepUp => Self::StepUp,
            AccountError::NoSuchAccount | AccountError::NoSuchPatient => Self::NotFound,
            AccountError::Failure(_) => Self::Broken,
            _ => Self::NotPossible,
        }
    }
}

impl From<ReadError> for Refusal {
    fn from(_: ReadError) -> Self {
        Self::Broken
    }
}

impl From<Failure> for Refusal {
    fn from(_: Failure) -> Self {
        Self::Broken
    }
}
