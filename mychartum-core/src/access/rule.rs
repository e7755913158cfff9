//! The rules that decide, with their numbers and where they come from.

use crate::audit::ReasonCode;

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $citation:literal;)*) => {
        /// The rule that decided. Its number goes into the audit trail and is never reused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Rule {
            $($(#[$doc])* $name,)*
        }

        impl Rule {
            /// All rules.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its number in the audit trail.
            #[must_use]
            pub const fn number(self) -> u16 {
                match self {
                    $(Self::$name => $number,)*
                }
            }

            /// The rule with this number.
            #[must_use]
            pub const fn of_number(number: u16) -> Option<Self> {
                match number {
                    $($number => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// Where it comes from, for the privacy officer.
            #[must_use]
            pub const fn citation(self) -> &'static str {
                match self {
                    $(Self::$name => $citation,)*
                }
            }
        }
    };
}

rules! {
    /// Patients see their own chart.
    OwnChart = 1, "45 CFR 164.524(a)(1)";
    /// Whatever no rule permits is denied.
    DefaultDeny = 2, "45 CFR 164.502(a)";
    /// A question for nothing is denied.
    NothingAsked = 3, "45 CFR 164.502(a)";
    /// The host sees who a patient is, and nothing else, to run the portal.
    HostDemographics = 4, "45 CFR 164.506(c)(1)";
    /// Where there is no chart there is nothing to show.
    NoSuchChart = 5, "45 CFR 164.502(a)";
    /// A proxy grant permits it.
    ProxyGrant = 6, "45 CFR 164.502(g)";
    /// Staff broke the glass in an emergency.
    BrokenGlass = 7, "45 CFR 164.312(a)(2)(ii)";
    /// Tenants never meet.
    OtherTenant = 20, "45 CFR 164.308(a)(4)(ii)(A)";
    /// What is asked for belongs to another chart.
    OtherChart = 21, "45 CFR 164.502(a)";
    /// The item was withdrawn, cancelled, negated or replaced.
    NotAFact = 22, "45 CFR 164.526(c)";
    /// The chart was merged into another one.
    Merged = 23, "45 CFR 164.312(c)(1)";
    /// The app has no scope for it, or its token is for another patient.
    AppScope = 24, "45 CFR 170.315(g)(10)";
    /// One must be surer who asks.
    Assurance = 25, "45 CFR 164.312(d)";
    /// The patient died; only an executor goes on.
    Deceased = 26, "45 CFR 164.502(f)";
    /// The patient's age is not known, and it decides.
    AgeUnknown = 27, "45 CFR 164.502(g)(3)";
    /// The patient has no access of the own at this age.
    OwnTooYoung = 28, "45 CFR 164.502(g)(3)";
    /// The patient's template has no such right at this age.
    OwnTemplate = 29, "45 CFR 164.502(g)(3)";
    /// Nobody gets in before the patient's assent.
    NoAssent = 30, "45 CFR 164.502(g)(3)";
    /// In this band of ages there is no portal.
    NoPortal = 31, "45 CFR 164.502(g)(3)";
    /// It is not released yet.
    NotReleased = 32, "45 CFR 171.201";
    /// The patient hid it from this reader.
    Hidden = 33, "45 CFR 164.522(a)";
    /// It carries a label that this version does not know.
    UnknownLabel = 34, "45 CFR 164.502(b)";
    /// Messages of the other side.
    OthersMessage = 35, "45 CFR 164.502(g)(3)";
    /// The glass is not broken: no reason, another chart, too early, too late, or for too long.
    NoGlass = 36, "45 CFR 164.312(a)(2)(ii)";
    /// Behind broken glass one looks, and does nothing else.
    GlassOnlyLooks = 37, "45 CFR 164.502(b)";
    /// The grant does not stand: not accepted, suspended, declined, revoked.
    GrantNotLive = 40, "45 CFR 164.502(g)";
    /// The grant is not yet, or no longer, in time.
    GrantOutOfTime = 41, "45 CFR 164.508(b)(2)(i)";
    /// The policy knows no grants of this basis.
    BasisUnknown = 42, "45 CFR 164.514(h)";
    /// The grant it was delegated from does not reach so far now.
    DelegatorsPower = 43, "45 CFR 164.502(g)";
    /// Access that rests on the patient's age is over or rests.
    AgeBand = 44, "45 CFR 164.502(g)(3)";
    /// Only what was there before the birthday is still seen.
    Frozen = 45, "45 CFR 164.502(g)(3)";
    /// The grant's scope has no such right.
    GrantScope = 46, "45 CFR 164.502(b)";
    /// The template of the age or basis has no such right.
    TemplateScope = 47, "45 CFR 164.502(b)";
    /// It is labelled, and nobody consented to show it to this reader.
    Sensitive = 48, "45 CFR 164.502(b)";
    /// The policy excepts things of this kind.
    Topic = 49, "45 CFR 164.502(g)(3)(ii)";
    /// It is a record of a programme for substance use, and no written consent in force opens it to this reader.
    Part2Consent = 51, "42 CFR 2.31(a)";
    /// It is a counselling note of such a programme, which takes a consent of its own.
    Part2Notes = 52, "42 CFR 2.31(b)";
    /// Records of such a programme are not used in proceedings against the patient.
    Part2Proceedings = 53, "42 CFR 2.12(d)(1)";
    /// The patient came of age or was emancipated.
    OfAge = 50, "45 CFR 164.502(g)(3)(i)";
}

impl From<Rule> for ReasonCode {
    fn from(rule: Rule) -> Self {
        Self::new(rule.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_unique_and_lead_back() {
        for (place, rule) in Rule::ALL.iter().enumerate() {
            assert_eq!(Rule::of_number(rule.number()), Some(*rule));
            assert!(Rule::ALL.iter().skip(place + 1).all(|other| other.number() != rule.number()));
            assert!(!rule.citation().is_empty());
        }
        assert_eq!(Rule::of_number(0), None);
        assert_eq!(ReasonCode::from(Rule::Frozen), ReasonCode::new(45));
    }
}
