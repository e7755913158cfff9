//! Grants in plain words: who acts for whom, on what basis, how it stands, and what will change.

use chrono::{DateTime, Utc};
use mychartum_core::access::grant::{GrantState, LegalBasis, ProxyGrant, Relation, Widening};
use mychartum_core::access::pack::{AgeRule, Band, PolicyPack, ProxyAccess, TemplateId};
use mychartum_core::access::{AgeClock, Scope, Sensitivity};

use super::keys::key;
use super::{date, rights};
use crate::words::{fill, look_up, say};

/// What someone is to the patient.
pub(crate) fn relation(relation: Relation) -> &'static str {
    look_up(&format!("relation.{}", key(&relation))).unwrap_or(say("grant.someone"))
}

/// What the patient is to someone who acts, where no name may be said.
pub(crate) fn the_other(relation: Relation) -> &'static str {
    look_up(&format!("other.{}", key(&relation))).unwrap_or(say("grant.someone"))
}

/// Why it is lawful.
pub(crate) fn basis(basis: LegalBasis) -> &'static str {
    look_up(&format!("basis.{}", basis.name())).unwrap_or_default()
}

/// How it stands.
pub(crate) fn state(state: GrantState) -> &'static str {
    look_up(&format!("grant-state.{}", key(&state))).unwrap_or_default()
}

/// A sensitive topic.
pub(crate) fn topic(label: Sensitivity) -> &'static str {
    look_up(&format!("topic.{}", label.code())).unwrap_or_default()
}

/// The topics that a patient can consent to show; what nobody knows is shown to nobody.
pub(crate) fn topics() -> impl Iterator<Item = Sensitivity> {
    // Records under 42 CFR Part 2 take a written consent, which has a page of its own.
    Sensitivity::ALL.into_iter().filter(|label| !matches!(label, Sensitivity::Unknown | Sensitivity::Part2))
}

/// The day of a time, in words.
pub(crate) fn day(at: DateTime<Utc>) -> String {
    date::day_of(at.with_timezone(&chrono::Local).date_naive())
}

/// What a grant comes to now: its scope within what the policy gives its basis at this age, within what is left of it in a
/// dispute and in safety mode. The patient and staff may know the last.
pub(crate) fn comes_to(grant: &ProxyGrant, policy: &PolicyPack, ages: &AgeClock, now: DateTime<Utc>) -> Scope {
    let left = grant.terms(policy, &[], now).map_or(Scope::ALL, |terms| terms.scope.and(terms.narrowed));
    let Some(basis) = policy.basis(grant.basis()) else { return Scope::NONE };
    let most = match basis.age {
        AgeRule::Ageless => scope_of(policy, basis.template),
        AgeRule::Bands => ages
            .band(now)
            .and_then(|band| policy.bands().get(usize::from(band)))
            .map_or(Scope::NONE, |band| of_band(policy, band)),
    };
    let holds =
        |widening: &&Widening| ages.band(now) == Some(widening.band) && widening.until.is_none_or(|until| now < until);
    let template = grant.widening().filter(holds).and_then(|widening| policy.template_named(&widening.template));
    let widened = template.map_or(Scope::NONE, |template| scope_of(policy, template));
    grant.scope().and(most.or(widened)).and(left)
}

/// What will change with the patient's birthdays, a sentence each.
pub(crate) fn birthdays(grant: &ProxyGrant, policy: &PolicyPack, ages: &AgeClock, now: DateTime<Utc>) -> Vec<String> {
    let follows = policy.basis(grant.basis()).is_some_and(|basis| basis.age == AgeRule::Bands);
    let Some(current) = ages.band(now).filter(|_| follows) else { return Vec::new() };
    let mut sentences = Vec::new();
    for (place, band) in (0u8..).zip(policy.bands()).skip(usize::from(current) + 1) {
        let Some(at) = ages.begins(place) else { break };
        if grant.until().is_some_and(|until| at >= until) {
            break;
        }
        let (day, age) = (date::day_of(at.with_timezone(&policy.zone()).date_naive()), band.from.to_string());
        let may = rights::sentence(grant.scope().and(of_band(policy, band)));
        let values = [("day", day.as_str()), ("age", age.as_str()), ("may", may.as_str())];
        let (sentence, is_end) = match band.proxy {
            ProxyAccess::Template(_) => (fill("birthday.within", &values), false),
            ProxyAccess::Suspended => (fill("birthday.rests", &values), false),
            ProxyAccess::Revoked => (fill("birthday.ends", &values), true),
            ProxyAccess::WithAssent(_) => (fill("birthday.assent", &values), false),
            ProxyAccess::Frozen(_) => (fill("birthday.frozen", &values), false),
            ProxyAccess::NoPortal => (fill("birthday.no-portal", &values), false),
        };
        sentences.push(sentence);
        if is_end {
            break;
        }
    }
    sentences
}

fn of_band(policy: &PolicyPack, band: &Band) -> Scope {
    match band.proxy {
        ProxyAccess::Template(template) | ProxyAccess::WithAssent(template) | ProxyAccess::Frozen(template) => {
            scope_of(policy, template)
        }
        ProxyAccess::Suspended | ProxyAccess::Revoked | ProxyAccess::NoPortal => Scope::NONE,
    }
}

fn scope_of(policy: &PolicyPack, template: TemplateId) -> Scope {
    policy.template(template).map_or(Scope::NONE, |template| template.scope)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use mychartum_core::access::grant::{DeclineReason, DenyReason, RevokeReason, SuspendReason};

    use super::*;

    fn all_states() -> Vec<GrantState> {
        use GrantState as S;
        let plain = [S::Requested, S::Invited, S::PendingVerification, S::PendingAssent, S::Active, S::Disputed];
        plain
            .into_iter()
            .chain([S::Expired, S::EndedByDeath])
            .chain(SuspendReason::ALL.iter().map(|reason| S::Suspended(*reason)))
            .chain(RevokeReason::ALL.iter().map(|reason| S::Revoked(*reason)))
            .chain(DeclineReason::ALL.iter().map(|reason| S::Declined(*reason)))
            .chain(DenyReason::ALL.iter().map(|reason| S::Denied(*reason)))
            .collect()
    }

    #[test]
    fn every_relation_basis_state_and_topic_has_words_of_its_own() {
        let mut said = BTreeSet::new();
        for one in Relation::ALL {
            assert_ne!(relation(*one), say("grant.someone"), "{one:?}");
            assert_ne!(the_other(*one), say("grant.someone"), "{one:?}");
            assert!(said.insert(relation(*one)), "{one:?}");
        }
        for one in LegalBasis::ALL {
            assert!(!basis(one).is_empty() && said.insert(basis(one)), "{one:?}");
        }
        for one in all_states() {
            assert!(!state(one).is_empty(), "{one:?} ({})", key(&one));
        }
        for label in topics() {
            assert!(!topic(label).is_empty() && said.insert(topic(label)), "{label:?}");
        }
    }

    #[test]
    fn a_name_leads_back_to_its_value() {
        for one in Relation::ALL {
            assert_eq!(super::super::keys::of_key(Relation::ALL, &key(one)), Some(*one));
        }
        assert_eq!(key(&GrantState::Suspended(SuspendReason::PatientPaused)), "suspended-patient-paused");
        assert_eq!(super::super::keys::of_key(Relation::ALL, "nobody"), None);
    }
}
