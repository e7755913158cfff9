//! How fresh a page is: when the sources of what it shows were last heard from, and whom to ask for what is missing.

use chrono::{DateTime, Duration, Utc};
use maud::{Markup, html};
use mychartum_core::chart::{Item, SourceId};

use super::parts::source_name;
use crate::show::date;
use crate::web::refusal::Refusal;
use crate::web::visitor::Visitor;
use crate::words::{fill, say};

/// After how long a silence it is said that something may be missing.
const LONG: Duration = Duration::days(7);

/// A line about the sources of the items shown. Of others nothing is said: who may not see an item does not learn who sent it.
pub(crate) async fn line<V>(visitor: &Visitor, items: &[Item<V>]) -> Result<Markup, Refusal> {
    let mut sources: Vec<&SourceId> = items.iter().map(|item| &item.provenance.source).collect();
    sources.sort_unstable();
    sources.dedup();
    let mut heard = Vec::new();
    for source in sources {
        heard.push((source_name(source.as_str()), visitor.house.portal.last_heard(source).await?));
    }
    Ok(shown(&heard, visitor.house.now()))
}

fn shown(heard: &[(String, Option<DateTime<Utc>>)], now: DateTime<Utc>) -> Markup {
    let silent: Vec<&str> =
        heard.iter().filter(|(_, at)| at.is_none_or(|at| now - at > LONG)).map(|(name, _)| name.as_str()).collect();
    html! {
        @if !heard.is_empty() {
            div.fresh {
                p.quiet {
                    (say("fresh.heard")) " "
                    @for (place, (name, at)) in heard.iter().enumerate() {
                        @if place > 0 { "; " }
                        (name) ", "
                        @match at { Some(at) => (date::instant(*at)), None => (say("fresh.never")) }
                    }
                    "."
                }
                @if !silent.is_empty() { p.notice { (fill("fresh.silent", &[("who", &silent.join(", "))])) } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_silence_is_said_and_a_short_one_is_not() {
        let now: DateTime<Utc> = "2026-03-10T00:00:00Z".parse().unwrap();
        let of = |days| shown(&[("Lab".to_owned(), Some(now - Duration::days(days)))], now).into_string();
        assert!(!of(7).contains("notice") && of(8).contains("notice"));
        assert!(shown(&[("Lab".to_owned(), None)], now).into_string().contains("notice"));
        assert_eq!(shown(&[], now).into_string(), "");
    }
}
