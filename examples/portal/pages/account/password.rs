//! Changing the password.

use axum::http::header;
use axum::response::{IntoResponse, Redirect};
use maud::html;
use mychartum_core::account::Password;

use super::parts::{page, said, step_up};
use crate::pages::credentials::{new_password, password_trouble, token};
use crate::web::cookies;
use crate::web::refusal::{Answer, Refusal};
use crate::web::sent::Sent;
use crate::web::visitor::Visitor;
use crate::words::say;

/// The form.
pub(crate) async fn form(visitor: Visitor) -> Answer {
    if visitor.session.is_fresh() { shown(&visitor, None).await } else { Ok(step_up("password")) }
}

async fn shown(visitor: &Visitor, why: Option<&str>) -> Answer {
    let factors = visitor.session.own_account().await.map_err(Refusal::from)?.factors;
    let policy = visitor.house.portal.policy().accounts();
    let fewest = if factors.is_empty() { policy.password_alone } else { policy.password_with_factor };
    let body = html! {
        p.lead { (say("account.password-lead")) }
        form method="post" action="/account/password" {
            (token(&visitor.form_token))
            label for="present" { (say("account.present-password")) }
            input #present type="password" name="present" required autocomplete="current-password" maxlength="256";
            (new_password(usize::from(fewest)))
            div.actions { button type="submit" { (say("account.password")) } a.button.plain href="/account" { (say("form.cancel")) } }
        }
    };
    page(visitor, say("account.password"), why, body).await
}

/// The new password, sent. Every session ends.
pub(crate) async fn change(visitor: Visitor, sent: Sent) -> Answer {
    sent.is_from(&visitor)?;
    let password = match Password::entered(sent.one("password")) {
        Ok(password) => password,
        Err(error) => return shown(&visitor, Some(&password_trouble(error))).await,
    };
    let present = match Password::entered(sent.one("present")) {
        Ok(present) => present,
        Err(error) => return shown(&visitor, Some(&password_trouble(error))).await,
    };
    match visitor.session.change_password(&present, &password).await {
        Ok(()) => {
            let mut response = Redirect::to("/sign-in?said=password").into_response();
            response.headers_mut().append(header::SET_COOKIE, cookies::CLEAR_SESSION);
            Ok(response)
        }
        Err(error) => match said(error, &visitor, "password")? {
            Ok(text) => shown(&visitor, Some(&text)).await,
            Err(response) => Ok(response),
        },
    }
}
