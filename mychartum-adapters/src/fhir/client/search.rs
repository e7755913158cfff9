//! One call's part of a pass over the pages of a search.

use std::collections::HashSet;

use mychartum_core::chart::SourceRef;
use mychartum_core::port::record_source::{Changes, Completeness, Next, PassedOver, SourceError, SourceErrorKind};
use reqwest::Url;

use super::exchange::{Exchange, Fetched, error};
use super::page::Page;
use super::parcels::of_page;
use super::position::{Pass, Position, digest};
use super::query::Query;

/// The longest address of a page that is followed.
const LONGEST_LINK: usize = 32 << 10;

/// A search under way.
pub(super) struct Search<'s> {
    pub(super) exchange: &'s Exchange,
    pub(super) patient: &'s SourceRef,
    pub(super) query: Query,
    pub(super) position: Position,
}

/// What a call has read so far.
#[derive(Default)]
struct Gathered {
    changes: Vec<mychartum_core::sync::Parcel>,
    withdrawn: Vec<SourceRef>,
    passed_over: PassedOver,
    seen: HashSet<String>,
    pages: u16,
    bytes: usize,
}

/// Whether a pass goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    On,
    Over,
}

impl Search<'_> {
    /// Reads pages until there are no more, or enough for one call.
    pub(super) async fn run(mut self) -> Result<Changes, SourceError> {
        let mut gathered = Gathered::default();
        let (mut wait, mut turn) = (None, Turn::On);
        let settings = &self.exchange.settings;
        while turn == Turn::On && gathered.pages < settings.pages_a_call && gathered.bytes < settings.call_bytes {
            match self.step(&mut gathered).await {
                Ok(now) => turn = now,
                Err(fault) if gathered.pages == 0 => return Err(fault),
                // What was read is handed over first; asking again from here meets the fault again, if it is still there.
                Err(fault) => {
                    wait = fault.retry_after();
                    break;
                }
            }
        }
        let incomplete = self.position.pass.as_ref().is_some_and(|pass| pass.incomplete);
        let next = if turn == Turn::Over { self.finish()? } else { Next::More(self.position.cursor()?) };
        Ok(Changes {
            parcels: gathered.changes,
            withdrawn: gathered.withdrawn,
            next,
            completeness: if incomplete { Completeness::Incomplete } else { Completeness::Complete },
            passed_over: gathered.passed_over,
            wait,
        })
    }

    /// Ends the pass. Only a complete one moves the window on.
    fn finish(&mut self) -> Result<Next, SourceError> {
        if let Some(pass) = self.position.pass.take()
            && !pass.incomplete
        {
            self.position.since = Some(pass.began);
        }
        Ok(Next::UpToDate(self.position.cursor()?))
    }

    /// Reads one page. On an error the position is what it was.
    async fn step(&mut self, gathered: &mut Gathered) -> Result<Turn, SourceError> {
        let asked = self.exchange.clock.now();
        let url = self.page()?;
        let answer = match self.exchange.get(&url, self.query.kind, None, "search").await? {
            Fetched::Body(answer) => answer,
            Fetched::Missing | Fetched::Gone => return self.restart(),
            Fetched::NotModified => return Err(error(SourceErrorKind::BadAnswer, "search")),
        };
        let no_page = error(SourceErrorKind::BadAnswer, "page");
        let body = core::str::from_utf8(&answer.body).map_err(|_| no_page)?;
        let page = Page::read(body, self.query.kind, &self.exchange.base, &mut gathered.seen).map_err(|_| no_page)?;
        let most = self.exchange.settings.page_bytes;
        gathered.changes.extend(of_page(&page, gathered.pages.into(), self.patient, most));
        gathered.passed_over.duplicates += page.duplicates;
        gathered.passed_over.remarks += page.remarks;
        gathered.pages += 1;
        gathered.bytes = gathered.bytes.saturating_add(answer.body.len());
        // Of two clocks the one behind decides: asking for too much is safe.
        let began = answer.date().map_or(asked, |date| date.min(asked)).timestamp();
        let turn = self.turn(&url, page.next.as_deref(), page.incomplete, began);
        gathered.withdrawn.extend(page.withdrawn);
        Ok(turn)
    }

    /// The address of the page that is next.
    fn page(&self) -> Result<Url, SourceError> {
        let Some(pass) = &self.position.pass else { return self.first() };
        // A cursor was out of our hands: what it leads to is looked at again.
        let url = Url::parse(&pass.page).ok().filter(|url| self.exchange.base.is_origin_of(url));
        url.ok_or(error(SourceErrorKind::Gone, "cursor"))
    }

    fn first(&self) -> Result<Url, SourceError> {
        let (patient, window) = (self.patient.id.as_str(), self.position.window());
        let path = self.query.path(patient, window.as_deref(), self.exchange.settings.page_size);
        self.exchange.base.below(&path).ok_or(error(SourceErrorKind::Refused, "search"))
    }

    /// The pages are not there any more: they are read from the first again, once.
    fn restart(&mut self) -> Result<Turn, SourceError> {
        let first = self.first()?.to_string();
        match &mut self.position.pass {
            None => Err(error(SourceErrorKind::Refused, "search")),
            Some(pass) if pass.restarted => Err(error(SourceErrorKind::Gone, "page")),
            Some(pass) => {
                *pass = Pass { began: pass.began, page: first, seen: Vec::new(), restarted: true, incomplete: false };
                Ok(Turn::On)
            }
        }
    }

    /// Notes that a page was read, and where the next one is.
    fn turn(&mut self, url: &Url, next: Option<&str>, incomplete: bool, began: i64) -> Turn {
        let most = usize::from(self.exchange.settings.pages_a_pass);
        let fresh = || Pass { began, page: String::new(), seen: Vec::new(), restarted: false, incomplete: false };
        let pass = self.position.pass.get_or_insert_with(fresh);
        pass.incomplete |= incomplete;
        pass.seen.push(digest(url.as_str()));
        let Some(link) = next else { return Turn::Over };
        // A link elsewhere, in a circle or without end is not followed, and what lies behind it is missing.
        let followed = self.exchange.base.follow(url, link).filter(|next| {
            next.as_str().len() <= LONGEST_LINK && pass.seen.len() < most && !pass.seen.contains(&digest(next.as_str()))
        });
        match followed {
            Some(next) => {
                pass.page = next.into();
                Turn::On
            }
            None => {
                pass.incomplete = true;
                Turn::Over
            }
        }
    }
}
