//! The decision: a pure function of the question and the facts.

use crate::audit::{Actor, Purpose, ReasonCode};
use crate::chart::{Section, SectionSet};
use crate::kernel::id::PatientId;

use super::ask::Ask;

/// What is known when a question is decided.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The charts that are the actor's own.
    pub own: &'a [PatientId],
    /// Whether there is such a chart.
    pub chart: Chart,
}

/// Whether there is a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chart {
    /// There is one.
    Exists,
    /// There is none.
    Missing,
}

/// The rule that decided. Its number goes into the audit trail and is never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// Patients see their own chart (45 CFR 164.524).
    OwnChart,
    /// Whatever no rule permits is denied.
    DefaultDeny,
    /// A question for nothing is denied.
    NothingAsked,
    /// The host sees who a patient is, and nothing else, to run the portal (45 CFR 164.506(c)(1)).
    HostDemographics,
    /// Where there is no chart there is nothing to show.
    NoSuchChart,
}

impl Rule {
    /// Its number in the audit trail.
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            Self::OwnChart => 1,
            Self::DefaultDeny => 2,
            Self::NothingAsked => 3,
            Self::HostDemographics => 4,
            Self::NoSuchChart => 5,
        }
    }

    /// Where it comes from, for the privacy officer.
    #[must_use]
    pub const fn citation(self) -> &'static str {
        match self {
            Self::OwnChart => "45 CFR 164.524(a)(1)",
            Self::DefaultDeny | Self::NothingAsked | Self::NoSuchChart => "45 CFR 164.502(a)",
            Self::HostDemographics => "45 CFR 164.506(c)(1)",
        }
    }
}

impl From<Rule> for ReasonCode {
    fn from(rule: Rule) -> Self {
        Self::new(rule.number())
    }
}

/// What was decided, and by which rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Decision {
    /// It may be shown.
    Permit(Rule),
    /// It may not.
    Deny(Rule),
}

/// Decides a question. Total and pure; the default is to deny.
pub fn decide(ask: &Ask, facts: &Facts<'_>) -> Decision {
    if ask.sections.is_empty() {
        return Decision::Deny(Rule::NothingAsked);
    }
    if facts.chart == Chart::Missing {
        return Decision::Deny(Rule::NoSuchChart);
    }
    match ask.actor {
        Actor::Account(_) if facts.own.contains(&ask.patient) => Decision::Permit(Rule::OwnChart),
        Actor::Host
            if ask.purpose == Purpose::Operations && ask.sections == SectionSet::from(Section::Demographics) =>
        {
            Decision::Permit(Rule::HostDemographics)
        }
        _ => Decision::Deny(Rule::DefaultDeny),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::id::AccountId;
    use chrono::DateTime;
    use proptest::prelude::*;

    fn ask(patient: u8, bits: u32) -> Ask {
        Ask {
            actor: Actor::Account(AccountId::from_bytes([9; 16])),
            session: None,
            patient: PatientId::from_bytes([patient; 16]),
            sections: SectionSet::from_bits(bits),
            purpose: Purpose::Care,
            at: DateTime::UNIX_EPOCH,
        }
    }

    proptest! {
        #[test]
        fn permits_exactly_own_charts(patient in 0u8..6, own in proptest::collection::vec(0u8..6, 0..4), bits in 1u32..(1 << 14)) {
            let charts: Vec<PatientId> = own.iter().map(|byte| PatientId::from_bytes([*byte; 16])).collect();
            let decision = decide(&ask(patient, bits), &Facts { own: &charts, chart: Chart::Exists });
            let expected = if own.contains(&patient) { Decision::Permit(Rule::OwnChart) } else { Decision::Deny(Rule::DefaultDeny) };
            prop_assert_eq!(decision, expected);
        }
    }

    proptest! {
        #[test]
        fn the_host_sees_who_a_patient_is_and_nothing_else(bits in 0u32..(1 << 14), purpose in 0usize..5) {
            let purpose = Purpose::ALL[purpose];
            let ask = Ask { actor: Actor::Host, purpose, ..ask(1, bits) };
            let own = [PatientId::from_bytes([1; 16])];
            let permitted = matches!(decide(&ask, &Facts { own: &own, chart: Chart::Exists }), Decision::Permit(Rule::HostDemographics));
            prop_assert_eq!(permitted, purpose == Purpose::Operations && bits == 1);
        }
    }

    #[test]
    fn where_there_is_no_chart_nobody_gets_a_permit() {
        let own = [PatientId::from_bytes([1; 16])];
        let decision = decide(&ask(1, 1), &Facts { own: &own, chart: Chart::Missing });
        assert_eq!(decision, Decision::Deny(Rule::NoSuchChart));
    }

    #[test]
    fn asking_for_nothing_is_denied_even_to_the_owner() {
        let own = [PatientId::from_bytes([1; 16])];
        assert_eq!(decide(&ask(1, 0), &Facts { own: &own, chart: Chart::Exists }), Decision::Deny(Rule::NothingAsked));
        assert!(SectionSet::from(Section::Results).has(Section::Results));
    }
}
