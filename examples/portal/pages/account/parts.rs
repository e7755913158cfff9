//! Parts that the account's pages share.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use mychartum_core::account::AccountError;

use crate::pages::credentials::{account_trouble, trouble};
use crate::pages::parts::back;
use crate::web::refusal::{Answer, Refusal};
use crate::web::visitor::Visitor;
use crate::words::say;

/// Pages for which one proves anew who one is.
pub(super) const GUARDED: [&str; 5] = ["password", "app", "codes", "addresses", "end"];

/// The way to prove anew who one is, and back to a page.
pub(crate) fn step_up(page: &str) -> Response {
    Redirect::to(&format!("/account/step-up?to={page}")).into_response()
}

/// A page of the account.
pub(super) async fn page(visitor: &Visitor, title: &str, why: Option<&str>, body: Markup) -> Answer {
    let status = if why.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = visitor.frame().await?.plain(
        title,
        html! {
            (back("/account", say("account.title")))
            h1 { (title) }
            (trouble(why))
            (body)
        },
    );
    Ok((status, page).into_response())
}

/// What is said to whoever did something that was not taken; where the proof is too old, the way to a new one.
///
/// # Errors
/// What ends the visit.
pub(super) fn said(error: AccountError, visitor: &Visitor, page: &str) -> Result<Result<String, Response>, Refusal> {
    if matches!(error, AccountError::StepUp) {
        return Ok(Err(step_up(page)));
    }
    account_trouble(&error, &visitor.house).map(Ok).ok_or_else(|| Refusal::from(error))
}
