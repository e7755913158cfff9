//! What is asked next of somebody who signs in: a pure function.
//!
//! INVARIANT (no door but this): a session is opened only where [`next_step`] says [`Step::Enter`].

use chrono::{DateTime, Utc};

use crate::access::pack::SecondFactorRule;

use super::factor::{Factor, FactorSet};
use super::state::AccountState;

/// What is known of an account when somebody stands at its door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doorway {
    /// Where it stands.
    pub state: AccountState,
    /// The second factors that its holder set up; saved recovery codes are not one by themselves.
    pub enrolled: FactorSet,
    /// Whether a saved recovery code is left.
    pub has_recovery_codes: bool,
    /// Of whom the policy asks a second factor.
    pub rule: SecondFactorRule,
    /// Whether the holder acts for somebody else.
    pub acts_for_others: bool,
    /// Whether this device proved a second factor not long ago and is trusted since.
    pub is_trusted_device: bool,
    /// Whether the password has to be changed before anything else.
    pub must_change_password: bool,
    /// Whether terms wait to be accepted.
    pub has_terms_due: bool,
}

/// What somebody at the door has shown so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shown {
    /// The password.
    pub password: bool,
    /// A second factor.
    pub factor: Option<Factor>,
}

/// What is asked next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// The password.
    Password,
    /// One of these second factors.
    SecondFactor(FactorSet),
    /// A new password.
    NewPassword,
    /// A second factor is to be set up.
    Enrol,
    /// Terms are to be accepted.
    Terms,
    /// Nothing: a session of this assurance (1 a password, 2 a second factor).
    Enter {
        /// How sure it is who it is.
        assurance: u8,
    },
    /// Nobody gets in.
    Shut,
}

/// What is asked next.
#[must_use]
pub fn next_step(door: &Doorway, shown: Shown, now: DateTime<Utc>) -> Step {
    if !shown.password {
        return Step::Password;
    }
    if !door.state.opens_at(now) {
        return Step::Shut;
    }
    let has_factor = !door.enrolled.is_empty();
    let proved = shown.factor.is_some() || (has_factor && door.is_trusted_device);
    if has_factor && !proved {
        let codes = if door.has_recovery_codes { FactorSet::NONE.with(Factor::RecoveryCode) } else { FactorSet::NONE };
        return Step::SecondFactor(door.enrolled.iter().chain(codes.iter()).collect());
    }
    if door.must_change_password {
        return Step::NewPassword;
    }
    let is_required = match door.rule {
        SecondFactorRule::Off | SecondFactorRule::Optional => false,
        SecondFactorRule::Required => true,
        SecondFactorRule::RequiredForProxies => door.acts_for_others,
    };
    // Nobody sets up anything in the name of the dead.
    if is_required && !has_factor && door.state.may_write() {
        return Step::Enrol;
    }
    if door.has_terms_due && door.state.may_write() {
        return Step::Terms;
    }
    // A device that is trusted is spared the factor and has not shown it.
    Step::Enter { assurance: if shown.factor.is_some() { 2 } else { 1 } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::id::AccountId;

    const RULES: [SecondFactorRule; 4] = [
        SecondFactorRule::Off,
        SecondFactorRule::Optional,
        SecondFactorRule::Required,
        SecondFactorRule::RequiredForProxies,
    ];

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_000, 0).unwrap()
    }

    fn every_doorway() -> impl Iterator<Item = Doorway> {
        let into = AccountId::from_bytes([1; 16]);
        let states = [
            AccountState::Pending,
            AccountState::Active,
            AccountState::Frozen,
            AccountState::Suspended,
            AccountState::Deactivated,
            AccountState::Deceased { reads_until: now() },
            AccountState::Deceased { reads_until: now() + chrono::Duration::seconds(1) },
            AccountState::Merged { into },
            AccountState::Closed,
        ];
        states.into_iter().flat_map(|state| {
            (0u16..32 * 4 * 32).map(move |bits| {
                let flag = |at: u16| bits >> at & 1 == 1;
                Doorway {
                    state,
                    enrolled: Factor::ALL
                        .into_iter()
                        .zip(0..)
                        .filter(|(factor, at)| *factor != Factor::RecoveryCode && flag(*at))
                        .map(|(factor, _)| factor)
                        .collect(),
                    rule: RULES[usize::from(bits >> 5 & 3)],
                    has_recovery_codes: flag(7),
                    acts_for_others: flag(8),
                    is_trusted_device: flag(9),
                    must_change_password: flag(10),
                    has_terms_due: flag(11),
                }
            })
        })
    }

    #[test]
    fn nobody_enters_with_less_than_is_enrolled_or_asked_for() {
        let mut entered = 0;
        for door in every_doorway() {
            for password in [false, true] {
                for factor in [None, Some(Factor::Totp), Some(Factor::RecoveryCode)] {
                    let step = next_step(&door, Shown { password, factor }, now());
                    let Step::Enter { assurance } = step else { continue };
                    entered += 1;
                    assert!(password && door.state.opens_at(now()) && !door.must_change_password);
                    let proved = factor.is_some() || door.is_trusted_device;
                    assert!(door.enrolled.is_empty() || proved);
                    assert_eq!(assurance == 2, factor.is_some(), "only what was shown counts");
                    let asked = match door.rule {
                        SecondFactorRule::Required => true,
                        SecondFactorRule::RequiredForProxies => door.acts_for_others,
                        _ => false,
                    };
                    assert!(!asked || !door.enrolled.is_empty() || !door.state.may_write());
                }
            }
        }
        assert!(entered > 1_000, "{entered}");
    }

    #[test]
    fn a_trusted_device_spares_the_factor_and_nothing_else() {
        for door in every_doorway().filter(|door| door.is_trusted_device && door.state == AccountState::Active) {
            let shown = Shown { password: true, factor: Some(Factor::Totp) };
            let without = next_step(&door, Shown { factor: None, ..shown }, now());
            if !door.enrolled.is_empty() {
                let with = next_step(&door, shown, now());
                let both_enter =
                    matches!((without, with), (Step::Enter { assurance: 1 }, Step::Enter { assurance: 2 }));
                assert!(both_enter || without == with);
            }
        }
    }
}
