//! A question made ready for many items: who looks, at whose chart, now.

use chrono::{DateTime, Utc};

use crate::audit::Purpose;
use crate::chart::Section;
use crate::kernel::id::{AccountId, GrantId, PatientId, TenantId};

use super::decision::{Answer, Decision};
use super::grant::{Above, GrantIndex, Pass, Reach};
use super::item_facts::{Hidden, ItemFacts, Released, Shows, Truth};
use super::pack::{OwnAccess, PolicyPack, PolicyVersion, TopicSet};
use super::rule::Rule;
use super::scope::Scope;
use super::subject::{Assent, Life, Majority, Subject};
use super::verb::Verb;
use super::who::{GlassReason, Role, Who};
use crate::kernel::{Obligations, Sensitivity, SensitivitySet};

/// What someone wants to do, and when.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Who asks.
    pub who: Who<'a>,
    /// What for.
    pub purpose: Purpose,
    /// What they want to do.
    pub verb: Verb,
    /// When.
    pub at: DateTime<Utc>,
}

/// A question made ready for many items: what is the same for all of them is decided already.
///
/// `viewer.decide(item)` is [`decide`](super::decide) of the same question; there is no second implementation for lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Viewer {
    tenant: TenantId,
    patient: PatientId,
    /// When, and the same in microseconds since 1970.
    at: DateTime<Utc>,
    now: i64,
    policy: PolicyVersion,
    /// What an app's token allows of the verb; everything where no app asks.
    app: Reach,
    /// Whether the asker is sure enough, for plain and for labelled items.
    sure: (bool, bool),
    /// Whether it is for proceedings, for which some records are not used.
    in_proceedings: bool,
    standpoint: Standpoint,
    /// What the grants of a proxy let through; beside the standpoint, so that it is written once and never moved.
    passes: [Option<Pass>; PASSES],
    /// Why the first grant of a proxy lets nothing through, where it does not.
    first: Option<(GrantId, Rule)>,
}

/// From where someone looks.
#[allow(clippy::large_enum_variant, reason = "a decision allocates nothing, so the passes lie in here")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standpoint {
    /// Nothing is seen, by this rule.
    Nowhere(Rule, Option<GrantId>),
    /// The own chart, within a scope.
    Own { scope: Reach, band: Option<u8> },
    /// Behind broken glass.
    Glass,
    /// The host, in its own name.
    Host,
    /// For someone else, by grants.
    Proxy(Proxy),
}

/// Up to so many grants of one person on one chart are looked at.
const PASSES: usize = super::grant::MOST_OF_ONE;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Proxy {
    account: AccountId,
    band: Option<u8>,
    messages_apart: bool,
}

/// How a scope is looked at: as the proxy may know it, or as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    Apparent,
    Real,
}

impl Viewer {
    /// Makes a question ready.
    #[must_use]
    pub fn new(question: &Question<'_>, subject: &Subject, grants: &GrantIndex, pack: &PolicyPack) -> Self {
        let mut viewer = Self::begin(question, subject, pack);
        viewer.stand(question, subject, grants, pack);
        viewer
    }

    /// Decides about one item. As [`new`](Self::new) and [`decide`](Self::decide), but the viewer is never moved.
    pub(super) fn decide_once(
        question: &Question<'_>,
        item: &ItemFacts<'_>,
        subject: &Subject,
        grants: &GrantIndex,
        pack: &PolicyPack,
    ) -> Decision {
        let mut viewer = Self::begin(question, subject, pack);
        viewer.stand(question, subject, grants, pack);
        viewer.decide(item)
    }

    /// What depends on neither grants nor age. Nothing is seen yet.
    #[inline]
    fn begin(question: &Question<'_>, subject: &Subject, pack: &PolicyPack) -> Self {
        let Question { who, purpose, verb, at } = *question;
        let sure = |labels| who.assurance >= pack.assurance.least(verb, labels);
        let app = match who.role {
            Role::Account { app: Some(token), .. } if token.patient == subject.patient => Reach::of(token.scope, verb),
            Role::Account { app: Some(_), .. } => Reach::NONE,
            _ => Reach::ALL,
        };
        Self {
            tenant: subject.tenant,
            patient: subject.patient,
            at,
            now: at.timestamp_micros(),
            policy: pack.version(),
            app,
            sure: (sure(SensitivitySet::NONE), sure(SensitivitySet::KNOWN)),
            in_proceedings: purpose == Purpose::Proceedings,
            standpoint: Standpoint::Nowhere(Rule::DefaultDeny, None),
            passes: [None; PASSES],
            first: None,
        }
    }

    /// Notes from where the question is asked.
    #[inline]
    fn stand(&mut self, question: &Question<'_>, subject: &Subject, grants: &GrantIndex, pack: &PolicyPack) {
        let Question { who, purpose, verb, at } = *question;
        let nowhere = |rule| Standpoint::Nowhere(rule, None);
        self.standpoint = if who.tenant != subject.tenant {
            nowhere(Rule::OtherTenant)
        } else if subject.life == Life::Merged {
            nowhere(Rule::Merged)
        } else {
            match who.role {
                Role::Account { own, .. } if own.contains(&subject.patient) => {
                    match of_owner(subject, pack, self.now) {
                        Ok((scope, band)) => Standpoint::Own { scope: Reach::of(scope, verb), band },
                        Err(rule) => nowhere(rule),
                    }
                }
                Role::Account { account, .. } => return self.stand_as_proxy(account, verb, subject, grants, pack),
                Role::Staff { glass: None, .. } => nowhere(Rule::NoGlass),
                Role::Staff { glass: Some(glass), .. } => {
                    let most = chrono::Duration::minutes(i64::from(pack.glass().max_minutes()));
                    let open = glass.patient == subject.patient
                        && glass.reason != GlassReason::None
                        && glass.from <= at
                        && at < glass.until
                        && glass.until - glass.from <= most;
                    if !open {
                        nowhere(Rule::NoGlass)
                    } else if verb == Verb::View {
                        Standpoint::Glass
                    } else {
                        nowhere(Rule::GlassOnlyLooks)
                    }
                }
                Role::Host if purpose == Purpose::Operations && verb == Verb::View => Standpoint::Host,
                Role::Host => nowhere(Rule::DefaultDeny),
            }
        };
    }

    /// Notes what a proxy's grants let through.
    #[inline]
    fn stand_as_proxy(
        &mut self,
        account: AccountId,
        verb: Verb,
        subject: &Subject,
        grants: &GrantIndex,
        pack: &PolicyPack,
    ) {
        let own = grants.of(account);
        let band = subject.ages.band_at(self.now);
        let bands = pack.bands();
        let place = match subject.majority {
            Majority::Emancipated => bands.len().checked_sub(1),
            Majority::ByAge => band.map(usize::from),
        };
        // Where the age is not known, the band that keeps messages apart is the one that counts.
        let messages_apart = match place.and_then(|place| bands.get(place)) {
            Some(band) => band.messages_apart,
            None => bands.iter().any(|band| band.messages_apart),
        };
        let mut free = self.passes.iter_mut();
        for grant in own {
            match grants.pass(grant, verb, subject, pack, (band, self.now)) {
                // Beyond so many live grants of one person the last ones are not looked at, which can only deny.
                Ok(pass) => {
                    if let Some(place) = free.next() {
                        *place = Some(pass);
                    }
                }
                Err(rule) if self.first.is_none() => self.first = Some((grant.id, rule)),
                Err(_) => {}
            }
        }
        self.standpoint = Standpoint::Proxy(Proxy { account, band, messages_apart });
    }

    /// Decides about an item. Every step may only deny but the last; the default is to deny.
    #[inline]
    pub fn decide(&self, item: &ItemFacts<'_>) -> Decision {
        self.look(item, Look::Real)
    }

    /// Whether someone looks who is not the patient: then what is hidden must leave no trace.
    #[must_use]
    pub const fn is_of_another(&self) -> bool {
        matches!(self.standpoint, Standpoint::Proxy(_))
    }

    /// When it was asked.
    pub(crate) const fn asked_at(&self) -> DateTime<Utc> {
        self.at
    }

    /// Who acts for the patient, where someone does.
    #[must_use]
    pub const fn proxy_account(&self) -> Option<AccountId> {
        match &self.standpoint {
            Standpoint::Proxy(proxy) => Some(proxy.account),
            _ => None,
        }
    }

    /// Decides whether a section may be asked for at all, as far as the asker may know: what is kept from a proxy without
    /// telling (safety mode) leaves the section empty, and not closed.
    pub fn ask(&self, section: Section) -> Decision {
        self.look(&self.nothing_yet(section), Look::Apparent)
    }

    /// The same as it is, and not as the asker may know: what a change is measured by, which must not come true where it was
    /// taken from a proxy without telling.
    pub(crate) fn truly_asks(&self, section: Section) -> Decision {
        self.look(&self.nothing_yet(section), Look::Real)
    }

    /// A section as it is asked for: before anything of it is known.
    const fn nothing_yet(&self, section: Section) -> ItemFacts<'static> {
        ItemFacts {
            tenant: self.tenant,
            patient: self.patient,
            section,
            labels: SensitivitySet::NONE,
            topics: TopicSet::NONE,
            truth: Truth::Fact,
            recorded_at: DateTime::<Utc>::MIN_UTC,
            released: Released::ALWAYS,
            hidden: Hidden::From(&[]),
            author: self.proxy_account(),
        }
    }

    #[inline]
    fn look(&self, item: &ItemFacts<'_>, look: Look) -> Decision {
        if item.tenant != self.tenant || matches!(self.standpoint, Standpoint::Nowhere(Rule::OtherTenant, _)) {
            return self.deny(Rule::OtherTenant, None, None);
        }
        if item.patient != self.patient {
            return self.deny(Rule::OtherChart, None, None);
        }
        if let Standpoint::Nowhere(rule @ Rule::Merged, grant) = self.standpoint {
            return self.deny(rule, grant, None);
        }
        if item.truth == Truth::NotAFact {
            return self.deny(Rule::NotAFact, None, None);
        }
        if !self.app.has(item.section) {
            return self.deny(Rule::AppScope, None, None);
        }
        if !(if item.labels.is_empty() { self.sure.0 } else { self.sure.1 }) {
            return self.deny(Rule::Assurance, None, None);
        }
        match &self.standpoint {
            Standpoint::Nowhere(rule, grant) => self.deny(*rule, *grant, None),
            Standpoint::Own { scope, band } => self.own(*scope, *band, item),
            Standpoint::Glass if self.in_proceedings && item.labels.has(Sensitivity::Part2) => {
                self.deny(Rule::Part2Proceedings, None, None)
            }
            Standpoint::Glass => {
                let obligations = Obligations::NOTIFY_PATIENT.and(Obligations::SECOND_LOOK).and(part2(item));
                self.permit(Rule::BrokenGlass, None, None, obligations)
            }
            Standpoint::Host if item.section == Section::Demographics => {
                self.permit(Rule::HostDemographics, None, None, Obligations::NONE)
            }
            Standpoint::Host => self.deny(Rule::DefaultDeny, None, None),
            Standpoint::Proxy(proxy) => self.proxy(proxy, item, look),
        }
    }

    fn own(&self, scope: Reach, band: Option<u8>, item: &ItemFacts<'_>) -> Decision {
        if !scope.has(item.section) {
            return self.deny(Rule::OwnTemplate, None, band);
        }
        if !self.is_past(item.released.own) {
            return self.deny(Rule::NotReleased, None, band);
        }
        let obligations = match item.released.shows {
            Shows::AtOnce => Obligations::NONE,
            Shows::AfterTap => Obligations::HIDE_UNTIL_TAP,
        };
        self.permit(Rule::OwnChart, None, band, obligations)
    }

    #[inline]
    fn proxy(&self, proxy: &Proxy, item: &ItemFacts<'_>, look: Look) -> Decision {
        if item.hidden.is_from(proxy.account) {
            return self.deny(Rule::Hidden, None, proxy.band);
        }
        if item.labels.has(Sensitivity::Unknown) {
            return self.deny(Rule::UnknownLabel, None, proxy.band);
        }
        if self.in_proceedings && item.labels.has(Sensitivity::Part2) {
            return self.deny(Rule::Part2Proceedings, None, proxy.band);
        }
        if !self.is_past(item.released.others) {
            return self.deny(Rule::NotReleased, None, proxy.band);
        }
        if proxy.messages_apart && item.section == Section::Messages && item.author != Some(proxy.account) {
            return self.deny(Rule::OthersMessage, None, proxy.band);
        }
        let mut first = self.first;
        for pass in self.passes.iter().flatten() {
            match self.through(pass, item, look) {
                Ok(()) => return self.permit(Rule::ProxyGrant, Some(pass.id), proxy.band, part2(item)),
                Err(rule) => {
                    first = match first {
                        Some((id, _)) if id < pass.id => first,
                        _ => Some((pass.id, rule)),
                    }
                }
            }
        }
        match first {
            Some((grant, rule)) => self.deny(rule, Some(grant), proxy.band),
            None => self.deny(Rule::DefaultDeny, None, proxy.band),
        }
    }

    #[inline]
    fn through(&self, pass: &Pass, item: &ItemFacts<'_>, look: Look) -> Result<(), Rule> {
        let scope = match look {
            Look::Apparent => pass.apparent,
            Look::Real => pass.scope,
        };
        if !scope.has(item.section) {
            let granted = pass.granted.has(item.section);
            return Err(if granted { Rule::TemplateScope } else { Rule::GrantScope });
        }
        if !item.labels.is_empty() {
            pass.part2.shows(item.labels, item.section, pass.shown)?;
        }
        if item.topics.meets(pass.hides) {
            return Err(Rule::Topic);
        }
        if pass.before != i64::MAX && is_since(item.recorded_at, pass.before) {
            return Err(Rule::Frozen);
        }
        match &pass.above {
            Some(above) if !reaches(above, item, look) => Err(Rule::DelegatorsPower),
            _ => Ok(()),
        }
    }

    /// Whether a time has come, to the microsecond.
    #[inline]
    fn is_past(&self, time: Option<DateTime<Utc>>) -> bool {
        // Comparing dates is quicker than counting microseconds, and says the same but within one microsecond and a leap second.
        let is_leap = |time: &DateTime<Utc>| time.timestamp_subsec_nanos() >= 1_000_000_000;
        time.is_some_and(|time| (time <= self.at && !is_leap(&time)) || self.is_past_counted(time))
    }

    #[cold]
    #[inline(never)]
    fn is_past_counted(&self, time: DateTime<Utc>) -> bool {
        time.timestamp_micros() <= self.now
    }

    const fn deny(&self, rule: Rule, grant: Option<GrantId>, band: Option<u8>) -> Decision {
        Decision { answer: Answer::Deny, rule, grant, band, obligations: Obligations::NONE, policy: self.policy }
    }

    const fn permit(&self, rule: Rule, grant: Option<GrantId>, band: Option<u8>, obligations: Obligations) -> Decision {
        Decision { answer: Answer::Permit, rule, grant, band, obligations, policy: self.policy }
    }
}

/// What a patient may do with the own chart now; none where it is nothing.
pub(crate) fn own_scope(subject: &Subject, pack: &PolicyPack, now: DateTime<Utc>) -> Option<Scope> {
    of_owner(subject, pack, now.timestamp_micros()).ok().map(|(scope, _)| scope)
}

/// What the patient may do with the own chart, in which band; or the rule by which it is nothing.
fn of_owner(subject: &Subject, pack: &PolicyPack, now: i64) -> Result<(Scope, Option<u8>), Rule> {
    if subject.life == Life::Deceased {
        let left = pack.own_after_death().and_then(|template| pack.template(template));
        return left.map(|template| (template.scope, None)).ok_or(Rule::Deceased);
    }
    if subject.majority == Majority::Emancipated {
        // Of age whatever the age says: what the last band gives.
        return of_band(subject, pack, pack.bands().len().saturating_sub(1));
    }
    match subject.ages.band_at(now) {
        None if pack.own_is_ageless() => of_band(subject, pack, 0),
        None => Err(Rule::AgeUnknown),
        Some(band) => of_band(subject, pack, usize::from(band)),
    }
}

fn of_band(subject: &Subject, pack: &PolicyPack, place: usize) -> Result<(Scope, Option<u8>), Rule> {
    let band = pack.bands().get(place).ok_or(Rule::AgeUnknown)?;
    let template = match band.own {
        _ if band.proxy == super::pack::ProxyAccess::NoPortal => return Err(Rule::NoPortal),
        OwnAccess::Nothing => return Err(Rule::OwnTooYoung),
        OwnAccess::WithAssent(_) if subject.assent != Assent::Given => return Err(Rule::NoAssent),
        OwnAccess::Template(template) | OwnAccess::WithAssent(template) => template,
    };
    let template = pack.template(template).ok_or(Rule::OwnTemplate)?;
    Ok((template.scope, u8::try_from(place).ok()))
}

/// Whether something came at a time or later. Out of line: counting microseconds takes long, and few charts are frozen.
#[inline(never)]
fn is_since(recorded_at: DateTime<Utc>, before: i64) -> bool {
    recorded_at.timestamp_micros() >= before
}

/// Whether the grants above one let an item through as well. Out of line: few grants are delegated.
#[inline(never)]
fn reaches(above: &Above, item: &ItemFacts<'_>, look: Look) -> bool {
    let scope = match look {
        Look::Apparent => above.apparent,
        Look::Real => above.scope,
    };
    scope.has(item.section)
        && above.part2.shows(item.labels, item.section, above.shown).is_ok()
        && !item.topics.meets(above.hides)
        && (above.before == i64::MAX || !is_since(item.recorded_at, above.before))
}

fn part2(item: &ItemFacts<'_>) -> Obligations {
    if item.labels.has(Sensitivity::Part2) { Obligations::PART2_NOTICE } else { Obligations::NONE }
}
