//! The decision for a grant that was delegated: never more than each grant above it lets through now.

use chrono::Duration;

use super::grant::{GrantStanding, LegalBasis, Terms};
use super::pack::TopicSet;
use super::scene::*;
use super::*;
use crate::chart::Section;
use crate::kernel::id::{AccountId, GrantId};

const NUMBER_OF_BOBS: u8 = 9;

/// A grant of somebody else's, out of another one.
fn above(number: u8, basis: LegalBasis, from: Option<u8>) -> Terms {
    let delegated_from = from.map(|from| GrantId::from_bytes([from; 16]));
    Terms { proxy: AccountId::from_bytes([100 + number; 16]), delegated_from, ..grant(number, basis) }
}

/// Bob's grant, which was delegated out of another one. A guardian's, so that by itself it lets the most through.
fn bobs(from: u8) -> Terms {
    let delegated_from = Some(GrantId::from_bytes([from; 16]));
    Terms { delegated_from, ..grant(NUMBER_OF_BOBS, LegalBasis::CourtGuardian) }
}

/// Bob's grant under one of a parent's.
fn under_a_parent(parent: Terms, now: &str) -> Scene {
    Scene::of_proxy(&[bobs(1), parent], now)
}

fn parent() -> Terms {
    above(1, LegalBasis::Parent, None)
}

#[test]
fn a_delegated_grant_lets_through_what_the_one_above_it_does() {
    let permit = under_a_parent(parent(), IN_TEENS).permitted(Rule::ProxyGrant);
    assert_eq!(permit.grant, Some(GrantId::from_bytes([NUMBER_OF_BOBS; 16])));
    let scene = under_a_parent(parent(), IN_TEENS);
    let denied = scene.with(|scene| scene.item.section = Section::Results).denied(Rule::DelegatorsPower);
    assert_eq!(denied.grant, Some(GrantId::from_bytes([NUMBER_OF_BOBS; 16])));
    let label = |of| SensitivitySet::NONE.with(of);
    scene.with(|scene| scene.item.labels = label(Sensitivity::Sex)).permits(Rule::ProxyGrant);
    scene.with(|scene| scene.item.labels = label(Sensitivity::Psy)).denies(Rule::DelegatorsPower);
    scene.with(|scene| scene.item.topics = TopicSet::from_bits(1)).permits(Rule::ProxyGrant);
    scene.with(|scene| scene.item.topics = TopicSet::from_bits(2)).denies(Rule::DelegatorsPower);
}

#[test]
fn what_is_frozen_above_is_frozen_below() {
    let scene = under_a_parent(parent(), IN_FROZEN);
    scene.permits(Rule::ProxyGrant);
    let recorded = |when| scene.with(|scene| scene.item.recorded_at = when);
    recorded(at(FROZEN_SINCE) - Duration::microseconds(1)).permits(Rule::ProxyGrant);
    recorded(at(FROZEN_SINCE)).denies(Rule::DelegatorsPower);
    let before = under_a_parent(parent(), IN_TEENS);
    before.with(|scene| scene.item.recorded_at = at(IN_TEENS)).permits(Rule::ProxyGrant);
}

#[test]
fn where_the_grant_above_lets_nothing_through_or_is_lost_nothing_is_left() {
    under_a_parent(Terms { standing: GrantStanding::NotLive, ..parent() }, IN_TEENS).denies(Rule::DelegatorsPower);
    under_a_parent(Terms { until: Some(at(IN_TEENS)), ..parent() }, IN_TEENS).denies(Rule::DelegatorsPower);
    under_a_parent(parent(), GROWN_UP).denies(Rule::DelegatorsPower);
    Scene::of_proxy(&[bobs(1)], IN_TEENS).denies(Rule::DelegatorsPower);
    let under_a_lost_one = above(1, LegalBasis::Parent, Some(7));
    under_a_parent(under_a_lost_one, IN_TEENS).denies(Rule::DelegatorsPower);
}

#[test]
fn what_is_quietly_kept_from_the_one_above_does_not_show_below() {
    let quiet = Terms { narrowed: Scope::NONE, ..parent() };
    let scene = under_a_parent(quiet, IN_TEENS);
    assert_eq!(scene.viewer().ask(Section::Immunizations).rule, Rule::ProxyGrant);
    scene.denies(Rule::DelegatorsPower);
    assert_eq!(scene.viewer().ask(Section::Results).rule, Rule::DelegatorsPower);
}

#[test]
fn every_grant_of_a_chain_narrows_it() {
    // Two above Bob's: the nearer one, and the one that it came from.
    let chain = |near: Terms, far: Terms, now| Scene::of_proxy(&[bobs(1), near, far], now);
    let near = above(1, LegalBasis::CourtGuardian, Some(2));
    let far = above(2, LegalBasis::CourtGuardian, None);
    let (near_parent, far_parent) = (above(1, LegalBasis::Parent, Some(2)), above(2, LegalBasis::Parent, None));
    for scene in [chain(near, far_parent, IN_TEENS), chain(near_parent, far, IN_TEENS)] {
        scene.permits(Rule::ProxyGrant);
        scene.with(|scene| scene.item.section = Section::Results).denies(Rule::DelegatorsPower);
        let psy = SensitivitySet::NONE.with(Sensitivity::Psy);
        scene.with(|scene| scene.item.labels = psy).denies(Rule::DelegatorsPower);
        scene.with(|scene| scene.item.topics = TopicSet::from_bits(2)).denies(Rule::DelegatorsPower);
        assert_eq!(scene.viewer().ask(Section::Results).rule, Rule::DelegatorsPower);
        assert_eq!(scene.viewer().ask(Section::Immunizations).rule, Rule::ProxyGrant);
    }
    for scene in [chain(near, far_parent, IN_FROZEN), chain(near_parent, far, IN_FROZEN)] {
        scene.permits(Rule::ProxyGrant);
        scene.with(|scene| scene.item.recorded_at = at(FROZEN_SINCE)).denies(Rule::DelegatorsPower);
    }
    let only = |section| Scope::NONE.with(section, Verb::View);
    let apart = chain(
        Terms { scope: only(Section::Immunizations).with(Section::Results, Verb::View), ..near },
        Terms { scope: only(Section::Immunizations).with(Section::Vitals, Verb::View), ..far },
        GROWN_UP,
    );
    apart.permits(Rule::ProxyGrant);
    apart.with(|scene| scene.item.section = Section::Results).denies(Rule::DelegatorsPower);
    apart.with(|scene| scene.item.section = Section::Vitals).denies(Rule::DelegatorsPower);
}

#[test]
fn a_chain_has_four_grants_at_most_and_no_circle() {
    let link = |number, from| above(number, LegalBasis::CourtGuardian, from);
    let four = [bobs(1), link(1, Some(2)), link(2, Some(3)), link(3, None)];
    Scene::of_proxy(&four, GROWN_UP).permits(Rule::ProxyGrant);
    let five = [bobs(1), link(1, Some(2)), link(2, Some(3)), link(3, Some(4)), link(4, None)];
    Scene::of_proxy(&five, GROWN_UP).denies(Rule::DelegatorsPower);
    Scene::of_proxy(&[bobs(1), link(1, Some(1))], GROWN_UP).denies(Rule::DelegatorsPower);
    Scene::of_proxy(&[bobs(1), link(1, Some(NUMBER_OF_BOBS))], GROWN_UP).denies(Rule::DelegatorsPower);
}
