//! A chart's grants, ready to be decided with.

use crate::access::consent::Part2Reach;
use crate::access::pack::{AgeRule, PolicyPack, TopicSet};
use crate::access::rule::Rule;
use crate::access::subject::{Assent, Life, Majority, Subject};
use crate::access::{Scope, SensitivitySet, Verb, pack};
use crate::chart::Section;
use crate::kernel::id::{AccountId, GrantId, PatientId, TenantId};

use super::legal_basis::LegalBasis;
use super::terms::{GrantStanding, Terms};

/// The grants of a chart, sorted by proxy and id, with what the pack says of each resolved.
#[derive(Debug, Clone, Default)]
pub struct GrantIndex {
    grants: Vec<Indexed>,
}

/// A grant with what the pack says of its basis.
#[derive(Debug, Clone, Copy)]
pub(in crate::access) struct Indexed {
    proxy: u128,
    pub(in crate::access) id: GrantId,
    tenant: TenantId,
    patient: PatientId,
    basis: LegalBasis,
    standing: GrantStanding,
    scope: Scope,
    narrowed: Scope,
    consents: SensitivitySet,
    part2: Part2Reach,
    from: i64,
    until: i64,
    /// The band, the template's place, and the end.
    widened: Option<(u8, pack::TemplateId, i64)>,
    /// What the pack says of the basis; nothing where it does not know it.
    cap: Option<Cap>,
    parent: Parent,
}

/// The most that a basis or a band gives.
#[derive(Debug, Clone, Copy)]
struct Cap {
    follows_age: bool,
    scope: Scope,
    shown: SensitivitySet,
    hides: TopicSet,
}

/// Where the grant stands that another one was delegated from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Parent {
    None,
    At(usize),
    /// It is not there, which denies.
    Lost,
}

/// The sections on which a scope has one verb, a bit each: a sixteenth of a scope, and all that a question of one verb needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::access) struct Reach(u16);

/// What a grant lets through at one moment, for one verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::access) struct Pass {
    pub(in crate::access) id: GrantId,
    /// What the grant says, as its proxy may know it.
    pub(in crate::access) apparent: Reach,
    /// What it comes to.
    pub(in crate::access) scope: Reach,
    /// What the grant itself says, before the pack's templates.
    pub(in crate::access) granted: Reach,
    pub(in crate::access) shown: SensitivitySet,
    pub(in crate::access) part2: Part2Reach,
    pub(in crate::access) hides: TopicSet,
    /// Only what was recorded before.
    pub(in crate::access) before: i64,
    /// What the grants that it was delegated from let through together; nothing to look at where there are none.
    pub(in crate::access) above: Option<Above>,
}

/// What the grants above one let through together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::access) struct Above {
    pub(in crate::access) apparent: Reach,
    pub(in crate::access) scope: Reach,
    pub(in crate::access) shown: SensitivitySet,
    pub(in crate::access) part2: Part2Reach,
    pub(in crate::access) hides: TopicSet,
    pub(in crate::access) before: i64,
}

impl Above {
    const NOTHING: Self = Self {
        apparent: Reach::NONE,
        scope: Reach::NONE,
        shown: SensitivitySet::NONE,
        part2: Part2Reach::NONE,
        hides: TopicSet::NONE,
        before: i64::MIN,
    };

    /// What both let through.
    fn and(self, pass: &Pass) -> Self {
        Self {
            apparent: self.apparent.and(pass.apparent),
            scope: self.scope.and(pass.scope),
            shown: self.shown.and(pass.shown),
            part2: self.part2.and(pass.part2),
            hides: self.hides.or(pass.hides),
            before: self.before.min(pass.before),
        }
    }
}

/// What a grant lets through before a verb is asked for.
#[derive(Debug, Clone, Copy)]
struct Wide {
    apparent: Scope,
    scope: Scope,
    shown: SensitivitySet,
    hides: TopicSet,
    before: i64,
}

/// How long a chain of delegations may be.
const LONGEST_CHAIN: u8 = 4;

impl Reach {
    /// Every section.
    pub(in crate::access) const ALL: Self = Self(u16::MAX);
    /// No section.
    pub(in crate::access) const NONE: Self = Self(0);

    /// The sections on which a scope has a verb.
    #[inline]
    pub(in crate::access) const fn of(scope: Scope, verb: Verb) -> Self {
        let bits = scope.bits() >> verb.number();
        Self(gathered(bits as u64) | gathered((bits >> 64) as u64) << 8)
    }

    /// Whether a section is among them.
    #[inline]
    pub(in crate::access) const fn has(self, section: Section) -> bool {
        self.0 >> section.number() & 1 != 0
    }

    const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

/// The lowest bit of each of eight bytes, side by side. The products' bits all fall on different places, so nothing is carried.
const fn gathered(half: u64) -> u16 {
    ((half & 0x0101_0101_0101_0101).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u16
}

impl GrantIndex {
    /// Makes the index of a chart's grants.
    #[must_use]
    pub fn new(grants: &[Terms], pack: &PolicyPack) -> Self {
        let mut sorted: Vec<&Terms> = grants.iter().collect();
        sorted.sort_by_key(|terms| (terms.proxy, terms.id));
        let place = |id: GrantId| sorted.iter().position(|terms| terms.id == id);
        let grants = sorted.iter().map(|terms| {
            let parent = match terms.delegated_from {
                None => Parent::None,
                Some(id) => place(id).map_or(Parent::Lost, Parent::At),
            };
            Indexed::new(terms, parent, pack)
        });
        Self { grants: grants.collect() }
    }

    /// The grants of a proxy, by id.
    #[inline]
    pub(in crate::access) fn of(&self, proxy: AccountId) -> &[Indexed] {
        let proxy = u128::from_be_bytes(proxy.to_bytes());
        let first = self.grants.partition_point(|grant| grant.proxy < proxy);
        let own = self.grants.get(first..).unwrap_or_default();
        let mut count = 0;
        while own.get(count).is_some_and(|grant| grant.proxy == proxy) {
            count += 1;
        }
        own.get(..count).unwrap_or_default()
    }

    /// What a grant lets through now. The band is the patient's at that time.
    #[inline]
    pub(in crate::access) fn pass(
        &self,
        grant: &Indexed,
        verb: Verb,
        subject: &Subject,
        pack: &PolicyPack,
        (band, now): (Option<u8>, i64),
    ) -> Result<Pass, Rule> {
        let mut pass = grant.pass(verb, subject, pack, band, now)?;
        if grant.parent != Parent::None {
            pass.above = Some(self.above(grant, verb, subject, pack, (band, now)));
        }
        Ok(pass)
    }

    /// What the grants that one was delegated from let through together.
    #[inline(never)]
    fn above(
        &self,
        grant: &Indexed,
        verb: Verb,
        subject: &Subject,
        pack: &PolicyPack,
        (band, now): (Option<u8>, i64),
    ) -> Above {
        let (mut child, mut found) = (grant, None);
        for _ in 1..LONGEST_CHAIN {
            let place = match child.parent {
                Parent::None => return found.unwrap_or(Above::NOTHING),
                Parent::Lost => return Above::NOTHING,
                Parent::At(place) => place,
            };
            let parent = self.grants.get(place);
            let Some((parent, pass)) =
                parent.and_then(|one| Some((one, one.pass(verb, subject, pack, band, now).ok()?)))
            else {
                return Above::NOTHING;
            };
            let own = Above {
                apparent: pass.apparent,
                scope: pass.scope,
                shown: pass.shown,
                part2: pass.part2,
                hides: pass.hides,
                before: pass.before,
            };
            found = Some(found.map_or(own, |found: Above| found.and(&pass)));
            child = parent;
        }
        // Longer than a chain may be.
        if child.parent == Parent::None { found.unwrap_or(Above::NOTHING) } else { Above::NOTHING }
    }
}

impl Indexed {
    fn new(terms: &Terms, parent: Parent, pack: &PolicyPack) -> Self {
        let cap = pack.basis(terms.basis).and_then(|basis| {
            let template = pack.template(basis.template)?;
            let follows_age = basis.age == AgeRule::Bands;
            Some(Cap { follows_age, scope: template.scope, shown: template.shown, hides: template.hides })
        });
        let until = terms.until.map_or(i64::MAX, |until| until.timestamp_micros());
        Self {
            proxy: u128::from_be_bytes(terms.proxy.to_bytes()),
            id: terms.id,
            tenant: terms.tenant,
            patient: terms.patient,
            basis: terms.basis,
            standing: terms.standing,
            scope: terms.scope,
            narrowed: terms.narrowed,
            consents: terms.consents,
            part2: terms.part2,
            from: terms.from.timestamp_micros(),
            until,
            widened: terms.widened.map(|widened| {
                let until = widened.until.map_or(i64::MAX, |until| until.timestamp_micros());
                (widened.band, widened.template, until)
            }),
            cap,
            parent,
        }
    }

    /// What it lets through by itself.
    #[inline]
    fn pass(&self, verb: Verb, subject: &Subject, pack: &PolicyPack, band: Option<u8>, now: i64) -> Result<Pass, Rule> {
        if self.tenant != subject.tenant {
            return Err(Rule::OtherTenant);
        }
        if self.patient != subject.patient {
            return Err(Rule::OtherChart);
        }
        if self.standing == GrantStanding::NotLive {
            return Err(Rule::GrantNotLive);
        }
        match (subject.life, self.basis) {
            (Life::Alive, LegalBasis::Executor) => return Err(Rule::GrantNotLive),
            (Life::Alive, _) | (Life::Deceased, LegalBasis::Executor) => {}
            _ => return Err(Rule::Deceased),
        }
        if now < self.from || now >= self.until {
            return Err(Rule::GrantOutOfTime);
        }
        let cap = self.cap.as_ref().ok_or(Rule::BasisUnknown)?;
        let granted = self.scope.and(self.narrowed);
        let mut wide = Wide {
            apparent: self.scope.and(cap.scope),
            scope: granted.and(cap.scope),
            shown: cap.shown,
            hides: cap.hides,
            before: i64::MAX,
        };
        if cap.follows_age {
            self.follow_age(&mut wide, subject, pack, band, now)?;
        }
        Ok(Pass {
            id: self.id,
            apparent: Reach::of(wide.apparent, verb),
            scope: Reach::of(wide.scope, verb),
            granted: Reach::of(granted, verb),
            shown: wide.shown.or(self.consents).without(crate::access::Sensitivity::Unknown),
            part2: self.part2,
            hides: wide.hides,
            before: wide.before,
            above: None,
        })
    }

    /// Narrows to what the patient's age leaves.
    #[inline]
    fn follow_age(
        &self,
        wide: &mut Wide,
        subject: &Subject,
        pack: &PolicyPack,
        band: Option<u8>,
        now: i64,
    ) -> Result<(), Rule> {
        if subject.majority == Majority::Emancipated {
            return Err(Rule::OfAge);
        }
        let number = band.ok_or(Rule::AgeUnknown)?;
        let band = pack.bands().get(usize::from(number)).ok_or(Rule::AgeUnknown)?;
        let mut template = match band.proxy {
            pack::ProxyAccess::Template(template) => template,
            pack::ProxyAccess::WithAssent(template) if subject.assent == Assent::Given => template,
            pack::ProxyAccess::WithAssent(_) => return Err(Rule::NoAssent),
            pack::ProxyAccess::Frozen(template) => {
                wide.before = subject.ages.begins_at(number).ok_or(Rule::AgeUnknown)?;
                template
            }
            pack::ProxyAccess::NoPortal => return Err(Rule::NoPortal),
            pack::ProxyAccess::Suspended | pack::ProxyAccess::Revoked => match self.widening(number, now) {
                Some(template) => template,
                None => return Err(Rule::AgeBand),
            },
        };
        if let Some(wider) = self.widening(number, now) {
            template = wider;
            wide.before = i64::MAX;
        }
        let template = pack.template(template).ok_or(Rule::AgeBand)?;
        wide.scope = wide.scope.and(template.scope);
        wide.apparent = wide.apparent.and(template.scope);
        wide.shown = wide.shown.and(template.shown);
        wide.hides = wide.hides.or(template.hides);
        Ok(())
    }

    /// The wider template that was given for this band, if it still holds.
    fn widening(&self, band: u8, now: i64) -> Option<pack::TemplateId> {
        self.widened.filter(|(given, _, until)| *given == band && now < *until).map(|(_, template, _)| template)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_reach_has_the_sections_on_which_a_scope_has_the_verb(bits: u128) {
            let scope = Scope::from_bits(bits);
            for (section, verb) in Scope::ALL.pairs() {
                prop_assert_eq!(Reach::of(scope, verb).has(section), scope.has(section, verb));
            }
        }
    }
}
