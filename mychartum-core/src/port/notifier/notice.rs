//! What people are told: a closed list, without a word about anyone's health.

use serde::{Deserialize, Serialize};

/// Kinds of notices that one can want or not want.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// Links and codes that somebody asked for a moment ago, and activation.
    Requested,
    /// The security of the account. Nobody can turn it off.
    Security,
    /// Who acts for whom.
    Access,
    /// The profile, and what became of proposals.
    Profile,
    /// New and corrected results and documents.
    Records,
    /// Messages of the care team.
    Messages,
    /// Appointments.
    Appointments,
    /// Refills.
    Refills,
    /// Bills.
    Billing,
}

impl Category {
    /// All of them, in the order in which people see them.
    pub const ALL: [Self; 9] = [
        Self::Requested,
        Self::Security,
        Self::Access,
        Self::Profile,
        Self::Records,
        Self::Messages,
        Self::Appointments,
        Self::Refills,
        Self::Billing,
    ];

    /// Whether it is sent whatever one wants and at any hour.
    #[must_use]
    pub const fn is_mandatory(self) -> bool {
        matches!(self, Self::Requested | Self::Security)
    }
}

macro_rules! notices {
    ($($(#[$doc:meta])* $name:ident = $key:literal in $category:ident,)*) => {
        /// What someone is told.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        #[non_exhaustive]
        pub enum Notice {
            $($(#[$doc])* $name,)*
        }

        impl Notice {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The key of its words.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self {
                    $(Self::$name => $key,)*
                }
            }

            /// Which kind of notice it is.
            #[must_use]
            pub const fn category(self) -> Category {
                match self {
                    $(Self::$name => Category::$category,)*
                }
            }
        }
    };
}

notices! {
    /// A link to make an account.
    Activation = "activation" in Requested,
    /// A link to choose a new password.
    PasswordReset = "password-reset" in Requested,
    /// The name to sign in with was asked for: where an account uses this address, which name it has is in the link's page.
    UsernameReminder = "username-reminder" in Requested,
    /// A code that proves an address.
    ContactCode = "contact-code" in Requested,
    /// A code to sign in with.
    SignInCode = "sign-in-code" in Requested,
    /// A new device or browser was used to sign in; with a link to say "this wasn't me".
    NewSignIn = "new-sign-in" in Security,
    /// The account was made.
    AccountOpened = "account-opened" in Security,
    /// The password was changed.
    PasswordChanged = "password-changed" in Security,
    /// A second factor was added.
    FactorAdded = "factor-added" in Security,
    /// A second factor was removed.
    FactorRemoved = "factor-removed" in Security,
    /// New recovery codes were made.
    RecoveryCodesMade = "recovery-codes-made" in Security,
    /// A recovery code was used.
    RecoveryCodeUsed = "recovery-code-used" in Security,
    /// Somebody asked to sign in without the second factor; it comes true after a while unless it is cancelled by the link.
    RecoveryStarted = "recovery-started" in Security,
    /// That was cancelled.
    RecoveryCancelled = "recovery-cancelled" in Security,
    /// The second factors were removed after the delay or by the clinic.
    RecoveryDone = "recovery-done" in Security,
    /// A contact was added.
    ContactAdded = "contact-added" in Security,
    /// A contact was removed.
    ContactRemoved = "contact-removed" in Security,
    /// Someone said "this wasn't me": the account is frozen.
    AccountFrozen = "account-frozen" in Security,
    /// The account was let go on.
    AccountReactivated = "account-reactivated" in Security,
    /// The account was deactivated.
    AccountDeactivated = "account-deactivated" in Security,
    /// The account was joined with another of the same person.
    AccountsMerged = "accounts-merged" in Security,
    /// The address for confidential communications was changed.
    ConfidentialAddressChanged = "confidential-address-changed" in Security,
    /// Somebody acts for the patient from now on.
    ProxyBegan = "proxy-began" in Access,
    /// Somebody does not act for the patient any more.
    ProxyEnded = "proxy-ended" in Access,
    /// Who sees what changes at a birthday.
    BirthdayAhead = "birthday-ahead" in Access,
    /// Access ends on a day, unless it is renewed.
    ProxyEndsSoon = "proxy-ends-soon" in Access,
    /// Staff broke the glass.
    GlassBroken = "glass-broken" in Security,
    /// The clinic decided about changes that were proposed to the profile.
    ProfileDecided = "profile-decided" in Profile,
    /// Something new is in the record.
    NewRecord = "new-record" in Records,
    /// Several notices in one.
    Digest = "digest" in Records,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_notice_has_words_of_its_own() {
        let keys: HashSet<_> = Notice::ALL.iter().map(|notice| notice.key()).collect();
        assert_eq!(keys.len(), Notice::ALL.len());
    }

    #[test]
    fn security_cannot_be_turned_off() {
        assert!(Notice::PasswordChanged.category().is_mandatory());
        assert!(Notice::GlassBroken.category().is_mandatory());
        assert!(!Notice::NewRecord.category().is_mandatory());
    }
}
