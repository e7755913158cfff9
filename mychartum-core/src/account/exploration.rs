//! An account's whole life explored: every sequence of events to depth 8, through the functions that the portal runs on.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use crate::access::pack::SecondFactorRule;

use super::factor::{Factor, FactorSet};
use super::gate::{Doorway, Shown, Step, next_step};
use super::state::{AccountEvent, AccountState};

/// Everything of an account that decides who gets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct World {
    state: AccountState,
    has_app: bool,
    has_codes: bool,
    password_is_long: bool,
    must_change_password: bool,
    trusted_device: bool,
    recovery: bool,
    /// A sign-in that is under way, void once the credentials change.
    shown: Option<(bool, Option<bool>)>,
    /// A session, and how sure it is.
    session: Option<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Life(AccountEvent),
    Password,
    App,
    RecoveryCode,
    Trust,
    Enter,
    Enrol,
    RemoveApp,
    ShortPassword,
    NewPassword,
    ResetByLink,
    Freeze,
    ReproofByLink,
    BeginRecovery,
    CancelRecovery,
    FinishRecovery,
    SignOut,
}

const EVENTS: [Event; 20] = [
    Event::Life(AccountEvent::Activate),
    Event::Life(AccountEvent::Suspend),
    Event::Life(AccountEvent::Resume),
    Event::Life(AccountEvent::Deactivate),
    Event::Password,
    Event::App,
    Event::RecoveryCode,
    Event::Trust,
    Event::Enter,
    Event::Enrol,
    Event::RemoveApp,
    Event::ShortPassword,
    Event::NewPassword,
    Event::ResetByLink,
    Event::Freeze,
    Event::ReproofByLink,
    Event::BeginRecovery,
    Event::CancelRecovery,
    Event::FinishRecovery,
    Event::SignOut,
];

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_000, 0).unwrap()
}

impl World {
    const NEW: Self = Self {
        state: AccountState::Pending,
        has_app: false,
        has_codes: false,
        password_is_long: true,
        must_change_password: false,
        trusted_device: false,
        recovery: false,
        shown: None,
        session: None,
    };

    fn door(self, rule: SecondFactorRule) -> Doorway {
        Doorway {
            state: self.state,
            enrolled: if self.has_app { FactorSet::NONE.with(Factor::Totp) } else { FactorSet::NONE },
            has_recovery_codes: self.has_codes,
            rule,
            acts_for_others: true,
            is_trusted_device: self.trusted_device,
            must_change_password: self.must_change_password,
            has_terms_due: false,
        }
    }

    fn step(self, rule: SecondFactorRule) -> Option<Step> {
        let (password, factor) = self.shown?;
        let factor = factor.map(|is_code| if is_code { Factor::RecoveryCode } else { Factor::Totp });
        Some(next_step(&self.door(rule), Shown { password, factor }, now()))
    }

    /// Sessions end, sign-ins that are under way are void.
    fn shut_out(self) -> Self {
        Self { shown: None, session: None, ..self }
    }

    fn forget_devices(self) -> Self {
        Self { trusted_device: false, ..self }
    }

    fn after(self, event: Event, rule: SecondFactorRule) -> Option<Self> {
        let moved = |event| self.state.after(event).ok().map(|state| Self { state, ..self });
        let sees_factor = matches!(self.step(rule), Some(Step::SecondFactor(_)));
        Some(match event {
            Event::Life(event @ AccountEvent::Activate) => Self { shown: Some((true, None)), ..moved(event)? },
            Event::Life(event) => moved(event)?.shut_out().forget_devices(),
            Event::Password => Self { shown: Some((true, None)), ..self },
            Event::App if sees_factor && self.has_app => Self { shown: Some((true, Some(false))), ..self },
            Event::RecoveryCode if sees_factor && self.has_codes => Self { shown: Some((true, Some(true))), ..self },
            Event::Enter => match self.step(rule)? {
                Step::Enter { assurance } => Self { session: Some(assurance), shown: None, ..self },
                _ => return None,
            },
            // A device is trusted only where a factor was shown in this very sign-in.
            Event::Trust => match (self.step(rule)?, self.shown) {
                (Step::Enter { .. }, Some((_, Some(_)))) => Self { trusted_device: true, ..self },
                _ => return None,
            },
            Event::Enrol if self.step(rule) == Some(Step::Enrol) => {
                Self { has_app: true, has_codes: true, shown: Some((true, Some(false))), ..self }
            }
            Event::Enrol if self.session.is_some() && rule != SecondFactorRule::Off => {
                Self { has_app: true, has_codes: true, shown: None, ..self }
            }
            Event::RemoveApp if self.session.is_some() && self.has_app && rule == SecondFactorRule::Optional => Self {
                has_app: false,
                has_codes: false,
                shown: None,
                must_change_password: self.must_change_password || !self.password_is_long,
                ..self.forget_devices()
            },
            Event::ShortPassword if self.session.is_some() && self.has_app => {
                Self { password_is_long: false, must_change_password: false, ..self.shut_out().forget_devices() }
            }
            Event::NewPassword if self.step(rule) == Some(Step::NewPassword) => {
                let shown = self.shown;
                Self { password_is_long: true, must_change_password: false, shown, ..self.shut_out() }
            }
            Event::ResetByLink => {
                Self { must_change_password: false, ..moved(AccountEvent::Reset)?.shut_out().forget_devices() }
            }
            Event::Freeze => Self { recovery: false, ..moved(AccountEvent::Freeze)?.shut_out().forget_devices() },
            Event::ReproofByLink => {
                let proved = Self { must_change_password: false, ..moved(AccountEvent::Reproof)?.shut_out() };
                Self { shown: Some((true, None)), ..proved }
            }
            Event::BeginRecovery => {
                self.state.after(AccountEvent::Reproof).ok()?;
                Self { recovery: true, ..self }
            }
            Event::CancelRecovery if self.recovery => Self { recovery: false, ..self },
            Event::FinishRecovery if self.recovery => Self {
                has_app: false,
                has_codes: false,
                password_is_long: true,
                must_change_password: false,
                recovery: false,
                ..moved(AccountEvent::Reproof)?.shut_out().forget_devices()
            },
            Event::SignOut => Self { session: None, ..self },
            _ => return None,
        })
    }
}

/// Every sequence to a depth, each state visited once for each number of events left.
fn explore(world: World, rule: SecondFactorRule, depth: u8, seen: &mut HashSet<(World, u8)>, looked: &mut u64) {
    if depth == 0 || !seen.insert((world, depth)) {
        return;
    }
    for event in EVENTS {
        let Some(next) = world.after(event, rule) else { continue };
        *looked += 1;
        if event == Event::Enter {
            let assurance = next.session.unwrap();
            let enrolled = world.has_app;
            assert!(next.state.opens_at(now()), "{world:?}");
            // I12: nobody enters with fewer factors than are enrolled, or than the policy asks for.
            assert!(assurance == 1 || matches!(world.shown, Some((_, Some(_)))), "{world:?}");
            assert!(!enrolled || world.trusted_device || matches!(world.shown, Some((_, Some(_)))), "{world:?}");
            let asked = matches!(rule, SecondFactorRule::Required | SecondFactorRule::RequiredForProxies);
            assert!(!asked || enrolled, "{world:?}");
            assert!(!world.must_change_password && (world.password_is_long || enrolled), "{world:?}");
        }
        if next.session.is_some() && event != Event::Enter {
            // No event but entering gives a session, and none outlives what ends it.
            assert_eq!(next.session, world.session, "{event:?} {world:?}");
            let ends = [Event::ResetByLink, Event::Freeze, Event::ReproofByLink, Event::FinishRecovery];
            assert!(!ends.contains(&event) && event != Event::ShortPassword, "{event:?}");
        }
        explore(next, rule, depth - 1, seen, looked);
    }
}

#[test]
fn i12_no_sequence_of_eight_events_reaches_a_session_with_fewer_factors_than_enrolled() {
    let rules = [
        SecondFactorRule::Off,
        SecondFactorRule::Optional,
        SecondFactorRule::Required,
        SecondFactorRule::RequiredForProxies,
    ];
    let mut looked = 0;
    for rule in rules {
        let mut seen = HashSet::new();
        explore(World::NEW, rule, 8, &mut seen, &mut looked);
        explore(World { state: AccountState::Active, ..World::NEW }, rule, 8, &mut seen, &mut looked);
    }
    assert!(looked > 8_000, "{looked}");
}
