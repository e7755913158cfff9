//! Activations that died of wrong dates of birth, and notices that could not be delivered.

use maud::html;

use super::parts::{account, ways};
use crate::pages::parts::nothing;
use crate::web::refusal::Answer;
use crate::web::staff::Staff;
use crate::words::{fill, look_up, say};

/// The page.
pub(crate) async fn page(staff: Staff) -> Answer {
    let visitor = &staff.0;
    let portal = &visitor.house.portal;
    let (locked, letters) = (portal.locked_activations().await?, portal.dead_letters().await?);
    Ok(visitor.frame().await?.plain(
        say("clinic.worries"),
        html! {
            h1 { (say("clinic.title")) }
            (ways("/clinic/worries"))
            section.group {
                h2 { (say("worries.locked")) }
                p.quiet { (say("worries.locked-text")) }
                @if locked.is_empty() { (nothing(say("worries.none"))) }
                ul.cards { @for one in &locked { li { article.card { h3 { (fill("accounts.account", &[("id", &account(*one))])) } } } } }
            }
            section.group {
                h2 { (say("worries.letters")) }
                p.quiet { (say("worries.letters-text")) }
                @if letters.is_empty() { (nothing(say("worries.none"))) }
                ul.cards {
                    @for letter in &letters {
                        li { article.card {
                            h3 { (fill("accounts.account", &[("id", &account(letter.account))])) }
                            p { (look_up(&format!("notice-kind.{}", crate::show::keys::key(&letter.notice.category()))).unwrap_or_default()) }
                        } }
                    }
                }
            }
        },
    ))
}
