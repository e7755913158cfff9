//! A policy pack as it is applied: validated, with names resolved to places.

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::account_policy::AccountPolicy;
use super::band::{Band, LeapDay};
use super::basis_policy::BasisPolicy;
use super::release_policy::ReleasePolicy;
use super::template::{Template, TemplateId};
use super::topic::Topic;
use crate::access::grant::LegalBasis;
use crate::access::{Sensitivity, SensitivitySet, Verb};

/// Which version of which pack decided: its number and the first eight bytes of the SHA-256 of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PolicyVersion {
    /// The number that the pack gives itself.
    pub number: u32,
    /// The first eight bytes of the SHA-256 of the pack's text, big endian.
    pub fingerprint: u64,
}

/// Policy as data: who may see what, at which age, released when. Made by [`parse`](Self::parse) only.
///
/// No number of policy is a constant in code; every rule of a pack names where it comes from.
#[derive(Debug, Clone)]
pub struct PolicyPack {
    pub(in crate::access) id: Box<str>,
    pub(in crate::access) title: Box<str>,
    pub(in crate::access) version: PolicyVersion,
    pub(in crate::access) effective: NaiveDate,
    /// The zone of patients whose own zone is not known.
    pub(in crate::access) zone: Tz,
    pub(in crate::access) leap_day: LeapDay,
    pub(in crate::access) sources: Vec<Source>,
    pub(in crate::access) topics: Vec<Topic>,
    pub(in crate::access) templates: Vec<Template>,
    /// One for each legal basis that the pack knows, by [`LegalBasis::number`].
    pub(in crate::access) bases: [Option<BasisPolicy>; LegalBasis::ALL.len()],
    /// From birth on, without gap or overlap; the last one has no end.
    pub(in crate::access) bands: Vec<Band>,
    pub(in crate::access) assurance: AssurancePolicy,
    pub(in crate::access) glass: GlassPolicy,
    pub(in crate::access) invitation: InvitationPolicy,
    pub(in crate::access) release: ReleasePolicy,
    pub(in crate::access) accounts: AccountPolicy,
    /// What the account of someone who died still opens; nothing where the pack does not say.
    pub(in crate::access) own_after_death: Option<TemplateId>,
    /// So many days before a boundary both sides are told.
    pub(in crate::access) notices: Vec<u16>,
    /// The youngest age of a proxy, in years; parents of the patient may be excepted (`features.md` has no unit but years).
    pub(in crate::access) proxy_min_age: u8,
}

/// Where a rule comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// What rules of the pack call it.
    pub key: Box<str>,
    /// The publication, as one would cite it.
    pub citation: Box<str>,
    /// Where it was read, if it has an address.
    pub url: Option<Box<str>>,
}

/// How sure one must be of who someone is, for each verb; 1 is a password, 2 a second factor, 3 a proofed identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AssurancePolicy {
    /// By [`Verb::number`].
    pub(in crate::access) of_verb: [u8; Verb::ALL.len()],
    /// For items that carry any of these labels.
    pub(in crate::access) sensitive: u8,
}

/// Breaking the glass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GlassPolicy {
    /// For how long at most; never more than 60.
    pub(in crate::access) max_minutes: u8,
}

/// Inviting a proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvitationPolicy {
    /// How many wrong dates of birth end an invitation.
    pub(in crate::access) wrong_birth_dates: u8,
    /// For how many days it can be accepted.
    pub(in crate::access) days: u16,
}

impl PolicyPack {
    /// What the pack calls itself.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its title, for people.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Which version of it this is.
    #[must_use]
    pub const fn version(&self) -> PolicyVersion {
        self.version
    }

    /// From which day on it applies.
    #[must_use]
    pub const fn effective(&self) -> NaiveDate {
        self.effective
    }

    /// The zone of patients whose own is not known.
    #[must_use]
    pub const fn zone(&self) -> Tz {
        self.zone
    }

    /// When someone who was born on a leap day has a birthday in other years.
    #[must_use]
    pub const fn leap_day(&self) -> LeapDay {
        self.leap_day
    }

    /// The publications that it rests on.
    #[must_use]
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Its age bands, from birth on.
    #[must_use]
    pub fn bands(&self) -> &[Band] {
        &self.bands
    }

    /// The band of an age in full years. There always is one: the first begins at 0 and there is no gap.
    #[must_use]
    pub fn band_at(&self, years: u8) -> Option<&Band> {
        self.bands.iter().rev().find(|band| band.from <= years)
    }

    /// Its templates.
    #[must_use]
    pub fn templates(&self) -> &[Template] {
        &self.templates
    }

    /// The groups of codes that templates may leave out.
    #[must_use]
    pub fn topics(&self) -> &[Topic] {
        &self.topics
    }

    /// What it says of a legal basis; nothing where grants of that basis are not known to it.
    #[must_use]
    pub fn basis(&self, basis: LegalBasis) -> Option<&BasisPolicy> {
        self.bases.get(usize::from(basis.number()))?.as_ref()
    }

    /// The template at a place.
    #[must_use]
    pub fn template(&self, at: TemplateId) -> Option<&Template> {
        self.templates.get(usize::from(at.0))
    }

    /// The place of the template with a name.
    #[must_use]
    pub fn template_named(&self, name: &str) -> Option<TemplateId> {
        let place = self.templates.iter().position(|template| &*template.name == name)?;
        u8::try_from(place).ok().map(TemplateId)
    }

    /// What it says of releasing results.
    #[must_use]
    pub const fn release(&self) -> &ReleasePolicy {
        &self.release
    }

    /// What the account of someone who died still opens; nothing where the pack does not say.
    #[must_use]
    pub const fn own_after_death(&self) -> Option<TemplateId> {
        self.own_after_death
    }

    /// Whether the patient's age changes nothing for the own chart: every band says the same.
    #[must_use]
    pub fn own_is_ageless(&self) -> bool {
        let same = |pair: &[Band]| matches!(pair, [one, next] if one.own == next.own && one.proxy.is_portal() && next.proxy.is_portal());
        self.bands.windows(2).all(same)
    }

    /// What it says of accounts.
    #[must_use]
    pub const fn accounts(&self) -> &AccountPolicy {
        &self.accounts
    }

    /// What it says of assurance.
    #[must_use]
    pub const fn assurance(&self) -> AssurancePolicy {
        self.assurance
    }

    /// What it says of emergencies.
    #[must_use]
    pub const fn glass(&self) -> GlassPolicy {
        self.glass
    }

    /// What it says of invitations.
    #[must_use]
    pub const fn invitation(&self) -> InvitationPolicy {
        self.invitation
    }

    /// So many days before a boundary both sides are told.
    #[must_use]
    pub fn notices(&self) -> &[u16] {
        &self.notices
    }

    /// The youngest age of a proxy, in years.
    #[must_use]
    pub const fn proxy_min_age(&self) -> u8 {
        self.proxy_min_age
    }
}

impl AssurancePolicy {
    /// The least level for a verb on an item with these labels.
    #[must_use]
    pub fn least(&self, verb: Verb, labels: SensitivitySet) -> u8 {
        let own = self.of_verb.get(usize::from(verb.number())).copied().unwrap_or(u8::MAX);
        if labels.is_empty() { own } else { own.max(self.sensitive) }
    }
}

impl GlassPolicy {
    /// For how many minutes at most.
    #[must_use]
    pub const fn max_minutes(&self) -> u8 {
        self.max_minutes
    }
}

impl InvitationPolicy {
    /// How many wrong dates of birth end an invitation.
    #[must_use]
    pub const fn wrong_birth_dates(&self) -> u8 {
        self.wrong_birth_dates
    }

    /// For how many days it can be accepted.
    #[must_use]
    pub const fn days(&self) -> u16 {
        self.days
    }
}

/// Labels that no template may show: only a consent of the patient's own opens them (42 CFR 2.31; 45 CFR 164.502(g)(3)).
pub const BY_CONSENT_ONLY: SensitivitySet = SensitivitySet::NONE
    .with(Sensitivity::Part2)
    .with(Sensitivity::MinorConsented)
    .with(Sensitivity::PsychotherapyNote)
    .with(Sensitivity::Restricted)
    .with(Sensitivity::Unknown);
