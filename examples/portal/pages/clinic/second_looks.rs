//! Broken glasses that the privacy officer has not looked at again.

use axum::extract::Path;
use axum::response::{IntoResponse, Redirect};
use maud::html;
use mychartum_core::kernel::id::SessionId;

use super::parts::{shown, ways, whose};
use crate::pages::parts::nothing;
use crate::web::refusal::{Answer, Refusal};
use crate::web::sent::Sent;
use crate::web::staff::Staff;
use crate::words::say;

/// The page.
pub(crate) async fn page(staff: Staff) -> Answer {
    let visitor = &staff.0;
    let portal = &visitor.house.portal;
    let mut waiting = Vec::new();
    for (patient, session) in portal.second_looks().await? {
        waiting.push((whose(portal, patient).await?, session));
    }
    Ok(visitor.frame().await?.plain(
        say("clinic.second-looks"),
        html! {
            h1 { (say("clinic.title")) }
            (ways("/clinic/second-looks"))
            p.lead { (say("looks.lead")) }
            @if waiting.is_empty() { (nothing(say("looks.none"))) }
            ul.cards {
                @for (whose, session) in &waiting {
                    li { article.card {
                        h2 { (shown(whose)) }
                        p { (say("looks.session")) " " code { (session.to_string().chars().take(8).collect::<String>()) } }
                        form method="post" action={ "/clinic/second-looks/" (session) } {
                            input type="hidden" name="token" value=(visitor.form_token);
                            div.actions { button.plain type="submit" { (say("looks.done")) span.unseen { ": " (whose.name) } } }
                        }
                    } }
                }
            }
        },
    ))
}

/// Notes that it was looked at again.
pub(crate) async fn done(staff: Staff, Path(session): Path<String>, sent: Sent) -> Answer {
    sent.is_from(&staff.0)?;
    let session: SessionId = session.parse().map_err(|_| Refusal::NotFound)?;
    staff.0.house.portal.looked_again(session).await?;
    Ok(Redirect::to("/clinic/second-looks").into_response())
}
