//! An invitation, as the invited person meets it: what is offered, but not whose chart, until the date of birth is right.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use chrono::NaiveDate;
use maud::html;
use mychartum_core::access::grant::DeclineReason;
use mychartum_core::portal::{InvitationToken, Offered, ProxyError};

use crate::show::keys::{key, of_key};
use crate::show::{grants, rights};
use crate::web::cookies;
use crate::web::refusal::{Answer, Refusal};
use crate::web::sent::Sent;
use crate::web::visitor::Visitor;
use crate::words::{fill, look_up, say};

/// The page. Who is not signed in signs in first, and comes back.
pub(crate) async fn page(visitor: Result<Visitor, Refusal>, Path(token): Path<String>) -> Answer {
    let visitor = match visitor {
        Ok(visitor) => visitor,
        Err(Refusal::SignIn | Refusal::Idle | Refusal::TooOld) => return Ok(sign_in_first(&token)),
        Err(refusal) => return Err(refusal),
    };
    match visitor.session.offered(&InvitationToken::presented(&token)).await {
        Ok(offered) => shown(&visitor, &token, &offered, None).await,
        Err(error) => over(&visitor, error).await,
    }
}

fn sign_in_first(token: &str) -> Response {
    // What is no token leads nowhere after signing in.
    let mut response = Redirect::to(&format!("/sign-in?next=/invitation/{}", plain(token))).into_response();
    response.headers_mut().append(header::SET_COOKIE, cookies::CLEAR_SESSION);
    response
}

fn plain(token: &str) -> String {
    token.chars().filter(char::is_ascii_alphanumeric).take(128).collect()
}

async fn shown(visitor: &Visitor, token: &str, offered: &Offered, trouble: Option<&'static str>) -> Answer {
    let until = offered
        .until
        .map_or(say("grant.no-end").to_owned(), |until| fill("grant.until", &[("day", &grants::day(until))]));
    let to = format!("/invitation/{}", plain(token));
    let described = trouble.map(|_| "trouble");
    let page = visitor.frame().await?.plain(
        say("invitation.title"),
        html! {
            h1 { (say("invitation.title")) }
            @if let Some(trouble) = trouble { div.trouble #trouble role="alert" { p { (say(trouble)) } } }
            p.lead { (say("invitation.lead")) }
            section.card {
                dl.facts {
                    div { dt { (say("acting.as")) } dd { (grants::relation(offered.relation)) } }
                    div { dt { (say("grant.basis")) } dd { (grants::basis(offered.basis)) } }
                    div { dt { (say("invitation.may")) } dd {
                        ul.plain-list { @for line in rights::lines(offered.scope) { li { (line) } } }
                    } }
                    div { dt { (say("grant.time")) } dd { (until) } }
                }
            }
            section.card {
                h2 { (say("invitation.accept")) }
                p { (say("invitation.terms")) }
                form method="post" action={ (to) "/accept" } {
                    input type="hidden" name="token" value=(visitor.form_token);
                    div.field {
                        label for="born" { (say("invitation.born")) }
                        input #born name="born" type="date" required autocomplete="off" aria-describedby=[described];
                    }
                    div.actions { button type="submit" { (say("invitation.accept")) } }
                }
            }
            section.card {
                h2 { (say("invitation.decline")) }
                form method="post" action={ (to) "/decline" } {
                    input type="hidden" name="token" value=(visitor.form_token);
                    div.field {
                        label for="reason" { (say("invitation.why")) }
                        select #reason name="reason" required {
                            option value="" { (say("form.choose")) }
                            @for reason in DeclineReason::ALL { option value=(key(reason)) { (why(*reason)) } }
                        }
                    }
                    div.actions { button.plain type="submit" { (say("invitation.decline")) } }
                }
            }
        },
    );
    let status = if trouble.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, page).into_response())
}

fn why(reason: DeclineReason) -> &'static str {
    look_up(&format!("decline.{}", key(&reason))).unwrap_or_default()
}

/// The same page for an invitation that never was, was used, is over, or is meant for someone else.
async fn over(visitor: &Visitor, error: ProxyError) -> Answer {
    match error {
        ProxyError::NotFound | ProxyError::Refused(_) | ProxyError::WrongBirthDate => {}
        other => return Err(other.into()),
    }
    let page = visitor.frame().await?.plain(
        say("invitation.over"),
        html! {
            h1 { (say("invitation.over")) }
            p.lead { (say("invitation.over-text")) }
            p { a.button href="/" { (say("frame.to-start")) } }
        },
    );
    Ok((StatusCode::NOT_FOUND, page).into_response())
}

/// Accepts it, with the date of birth. Wrong ones are counted by the engine.
pub(crate) async fn accept(visitor: Visitor, Path(token): Path<String>, sent: Sent) -> Answer {
    sent.is_from(&visitor)?;
    let presented = InvitationToken::presented(&token);
    let offered = match visitor.session.offered(&presented).await {
        Ok(offered) => offered,
        Err(error) => return over(&visitor, error).await,
    };
    let Ok(born) = sent.one("born").parse::<NaiveDate>() else {
        return shown(&visitor, &token, &offered, Some("invitation.no-date")).await;
    };
    match visitor.session.accept(&presented, born).await {
        Ok(_) => Ok(Redirect::to("/charts").into_response()),
        Err(ProxyError::WrongBirthDate) => match visitor.session.offered(&presented).await {
            Ok(offered) => shown(&visitor, &token, &offered, Some("invitation.wrong-date")).await,
            Err(error) => over(&visitor, error).await,
        },
        // It was accepted, and gives nothing yet: a minor has to agree, or the policy lets nothing through now.
        Err(ProxyError::NotFound) => Ok(Redirect::to("/acting").into_response()),
        Err(error) => over(&visitor, error).await,
    }
}

/// Says no, with a reason.
pub(crate) async fn decline(visitor: Visitor, Path(token): Path<String>, sent: Sent) -> Answer {
    sent.is_from(&visitor)?;
    let presented = InvitationToken::presented(&token);
    let Some(reason) = of_key(DeclineReason::ALL, sent.one("reason")) else {
        return match visitor.session.offered(&presented).await {
            Ok(offered) => shown(&visitor, &token, &offered, Some("invitation.no-reason")).await,
            Err(error) => over(&visitor, error).await,
        };
    };
    if let Err(error) = visitor.session.offered(&presented).await {
        return over(&visitor, error).await;
    }
    match visitor.session.decline(&presented, reason).await {
        Ok(()) => Ok(visitor.frame().await?.plain(
            say("invitation.declined"),
            html! {
                h1 { (say("invitation.declined")) }
                p.lead { (say("invitation.declined-text")) }
                p { a.button href="/" { (say("frame.to-start")) } }
            },
        )),
        Err(error) => over(&visitor, error).await,
    }
}
