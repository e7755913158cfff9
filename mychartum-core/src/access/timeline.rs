//! What will change for a proxy, and when.

use chrono::{DateTime, Duration, Utc};

use crate::audit::Purpose;
use crate::chart::{Section, SectionSet};
use crate::kernel::id::AccountId;

use super::grant::{GrantIndex, Terms};
use super::pack::PolicyPack;
use super::rule::Rule;
use super::subject::Subject;
use super::verb::Verb;
use super::viewer::{Question, Viewer};
use super::who::{Role, Who};

/// A change for a proxy that will come by itself: a birthday, the end of a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// When.
    pub at: DateTime<Utc>,
    /// The sections that may be seen from then on.
    pub sections: SectionSet,
    /// Those that may be seen before and not after.
    pub lost: SectionSet,
    /// Those that may be seen after and not before.
    pub won: SectionSet,
    /// Why, for the first section that is lost.
    pub rule: Option<Rule>,
}

/// Someone whose access is looked at over time.
#[derive(Debug, Clone, Copy)]
pub struct Lifeline<'a> {
    /// Whose access.
    pub proxy: AccountId,
    /// The chart.
    pub subject: &'a Subject,
    /// Every grant on the chart.
    pub grants: &'a [Terms],
    /// The policy.
    pub pack: &'a PolicyPack,
}

impl Lifeline<'_> {
    /// What a proxy may ask to see at a time, as far as the proxy may know it.
    #[must_use]
    pub fn sections(&self, at: DateTime<Utc>) -> SectionSet {
        let viewer = self.viewer(at);
        Section::ALL.into_iter().filter(|section| viewer.ask(*section).is_permit()).collect()
    }

    /// What will change after a time, in order. Between two turns nothing changes by itself.
    #[must_use]
    pub fn turns(&self, after: DateTime<Utc>) -> Vec<Turn> {
        let bands = (0..self.pack.bands().len()).filter_map(|band| {
            // Where a date of birth is not known to the day, both of its readings turn something.
            let band = u8::try_from(band).ok()?;
            Some([self.subject.ages.begins(band)?, self.subject.ages.begins_at_latest(band)?])
        });
        let windows = self.grants.iter().flat_map(|terms| {
            let widened = terms.widened.and_then(|widened| widened.until);
            [Some(terms.from), terms.until, widened].into_iter().flatten()
        });
        let mut instants: Vec<DateTime<Utc>> = bands.flatten().chain(windows).filter(|at| *at > after).collect();
        instants.sort_unstable();
        instants.dedup();
        let mut before = self.sections(after);
        let mut turns = Vec::new();
        for at in instants {
            let sections = self.sections(at);
            if sections != before {
                let lost: SectionSet = before.iter().filter(|section| !sections.has(*section)).collect();
                let won = sections.iter().filter(|section| !before.has(*section)).collect();
                let rule = lost.iter().next().map(|section| self.viewer(at).ask(section).rule);
                turns.push(Turn { at, sections, lost, won, rule });
                before = sections;
            }
        }
        turns
    }

    fn viewer(&self, at: DateTime<Utc>) -> Viewer {
        let role = Role::Account { account: self.proxy, own: &[], app: None };
        let who = Who { tenant: self.subject.tenant, role, assurance: u8::MAX };
        let question = Question { who, purpose: Purpose::Care, verb: Verb::View, at };
        Viewer::new(&question, self.subject, &GrantIndex::new(self.grants, self.pack), self.pack)
    }
}

/// The turn that both sides are to be told of now, and the pack's number of days that it is of; none where nothing is due or it
/// was told already. The smallest number that is reached counts, so that a late run tells once.
#[must_use]
pub fn due_notice(turns: &[Turn], pack: &PolicyPack, told: &[u16], now: DateTime<Utc>) -> Option<(Turn, u16)> {
    let next = turns.iter().find(|turn| turn.at > now && !turn.lost.is_empty())?;
    let reached = |days: &&u16| next.at - now <= Duration::days(i64::from(**days));
    let days = pack.notices().iter().filter(reached).min()?;
    (!told.contains(days)).then_some((*next, *days))
}
