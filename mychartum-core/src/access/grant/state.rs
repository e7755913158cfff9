//! The states of a grant, who moves it, and why.

use serde::{Deserialize, Serialize};

use crate::kernel::id::{AccountId, GrantId};

/// Where a grant stands in its life (`Downgraded` is no state: what an age leaves of a grant is computed at each decision).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GrantState {
    /// A person asked to act for the patient; staff have not looked yet.
    Requested,
    /// The patient or staff invited a person, who has not accepted yet.
    Invited,
    /// Staff are looking at the evidence.
    PendingVerification,
    /// The minor whose chart it is has to agree.
    PendingAssent,
    /// It stands.
    Active,
    /// It rests.
    Suspended(SuspendReason),
    /// Two who act for the patient disagree: it stands, narrowed to what both have.
    Disputed,
    /// Its time is over.
    Expired,
    /// It was ended.
    Revoked(RevokeReason),
    /// The invited person said no.
    Declined(DeclineReason),
    /// It was not granted.
    Denied(DenyReason),
    /// The patient or the proxy died.
    EndedByDeath,
}

impl GrantState {
    /// Whether it is over for good.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Expired | Self::Revoked(_) | Self::Declined(_) | Self::Denied(_) | Self::EndedByDeath)
    }

    /// Whether it lets anything through.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Active | Self::Disputed)
    }
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident { $($(#[$value_doc:meta])* $value:ident,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name {
            $($(#[$value_doc])* $value,)*
        }

        impl $name {
            /// All reasons.
            pub const ALL: &[Self] = &[$(Self::$value,)*];
        }
    )*};
}

reasons! {
    /// Why a grant rests.
    SuspendReason {
        /// The patient paused it.
        PatientPaused,
        /// Someone may be in danger.
        Safety,
        /// Two who act for the patient disagree.
        Dispute,
        /// It may have been obtained by deceit.
        Fraud,
        /// A court said so.
        CourtOrder,
        /// Its document or attestation ran out.
        EvidenceExpired,
    }

    /// Why a grant was ended.
    RevokeReason {
        /// The patient ended it.
        Patient,
        /// The proxy gave it back.
        Resigned,
        /// Staff ended it.
        Staff,
        /// A court said so.
        CourtOrder,
        /// The patient came of age, and it rested on the age.
        OfAge,
        /// The grant that it was delegated from ended.
        Delegator,
    }

    /// Why an invited person said no.
    DeclineReason {
        /// They do not know the patient.
        WrongPerson,
        /// They do not want to.
        NotWilling,
        /// They cannot.
        NotAble,
    }

    /// Why a grant was not given.
    DenyReason {
        /// The date of birth was entered wrong too often.
        BirthDates,
        /// The evidence does not show it.
        Evidence,
        /// Someone else's rights stand against it.
        Conflict,
        /// The minor refused.
        AssentRefused,
        /// The person is too young to act for others.
        ProxyTooYoung,
        /// It may have been asked for by deceit.
        Fraud,
    }

    /// What someone is to the patient.
    Relation {
        /// Mother or father.
        Parent,
        /// Married to a parent.
        StepParent,
        /// Foster parent.
        FosterParent,
        /// Guardian.
        Guardian,
        /// Husband or wife, or living together.
        Partner,
        /// Daughter or son.
        Child,
        /// Sister or brother.
        Sibling,
        /// Grandparent.
        Grandparent,
        /// Another relative.
        OtherRelative,
        /// A friend.
        Friend,
        /// A professional carer.
        Carer,
        /// A lawyer or another representative.
        Representative,
    }
}

/// Who moves a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum By {
    /// The patient whose chart it is.
    Patient(AccountId),
    /// The person who acts or will act.
    Proxy(AccountId),
    /// A member of staff.
    Staff(AccountId),
    /// The portal itself, when something is due.
    System,
}

/// Who gave a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grantor {
    /// The patient.
    Patient(AccountId),
    /// The person asked for it themselves, and staff verify it.
    Request(AccountId),
    /// Staff.
    Staff(AccountId),
    /// A proxy, out of a grant of their own.
    Delegation {
        /// Whose.
        by: AccountId,
        /// Out of which grant.
        from: GrantId,
    },
}
