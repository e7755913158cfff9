//! What a pack says of accounts: how long things live, how often one may try, what is asked of whom.

use chrono::Duration;

/// How accounts are made, signed in to, recovered and closed. Every number is the pack's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountPolicy {
    /// How long an activation link lives that goes by e-mail.
    pub activation_email: Duration,
    /// The same by text message.
    pub activation_text: Duration,
    /// The same for the code in a printed letter.
    pub activation_letter: Duration,
    /// How long a link for a new password lives.
    pub reset: Duration,
    /// How long a link counts that says "this wasn't me".
    pub freeze_link: Duration,
    /// How long a code of six digits lives.
    pub code: Duration,
    /// So many wrong dates of birth end a link.
    pub wrong_birth_dates: u8,
    /// So many wrong codes end a challenge.
    pub wrong_codes: u8,
    /// The fewest characters of a password that is the only factor.
    pub password_alone: u8,
    /// The fewest characters of a password beside a second factor.
    pub password_with_factor: u8,
    /// So many codes are sent for one sign-in.
    pub sent_codes: u8,
    /// Of whom a second factor is asked.
    pub second_factor: SecondFactorRule,
    /// Whether a code by text message may be a second factor.
    pub code_by_text: bool,
    /// Whether a code by e-mail may be a second factor.
    pub code_by_email: bool,
    /// For how long a device is trusted.
    pub trusted_device: Duration,
    /// A session ends when nothing was done for so long.
    pub idle: Duration,
    /// A session ends after so long, whatever was done.
    pub absolute: Duration,
    /// How old a sign-in may be for what is sensitive.
    pub step_up: Duration,
    /// How tries are counted and slowed.
    pub throttle: ThrottlePolicy,
    /// How long the removal of a lost second factor can be cancelled.
    pub recovery_delay: Duration,
    /// From which age, and until which, a guardian's address makes no account.
    pub contact_guard: (u8, u8),
    /// Whether accounts may share an address.
    pub shared_contacts: SharedContacts,
    /// For how long the account of someone who died still reads.
    pub wind_down: Duration,
    /// From which hour of the reader's day until which notices wait.
    pub quiet_hours: (u8, u8),
    /// Parts of the profile that need no word of the clinic, by [`ProfilePart::bit`].
    pub auto_apply: u16,
}

/// Of whom a second factor is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SecondFactorRule {
    /// Of nobody; none can be enrolled.
    Off,
    /// Of whoever enrolled one.
    Optional,
    /// Of everybody.
    Required,
    /// Of whoever acts for somebody else.
    RequiredForProxies,
}

/// Whether several accounts may have the same verified address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SharedContacts {
    /// No.
    Forbid,
    /// Accounts that act for each other.
    Proxies,
    /// Yes.
    Allow,
}

/// How tries are counted and slowed. A wait never becomes a lock: it has a longest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThrottlePolicy {
    /// So many failures without a wait.
    pub free: u32,
    /// The wait after the next one; it doubles with each.
    pub first_wait: Duration,
    /// The longest wait.
    pub longest_wait: Duration,
    /// So many tries a day at one account by devices that it does not know, right or wrong.
    pub a_day: u32,
    /// So many codes of a second factor a day at one account.
    pub codes_a_day: u32,
    /// So many tries an hour from one source.
    pub a_source_an_hour: u32,
}

macro_rules! profile_parts {
    ($($(#[$doc:meta])* $part:ident = $name:literal,)*) => {
        /// A part of a profile that people change.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum ProfilePart {
            $($(#[$doc])* $part,)*
        }

        impl ProfilePart {
            /// All of them. New ones are added at the end.
            pub const ALL: &[Self] = &[$(Self::$part,)*];

            /// Its name in packs.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$part => $name,)*
                }
            }
        }
    };
}

profile_parts! {
    /// The name to be called by.
    NameToUse = "name-to-use",
    /// The language to be written to.
    Language = "language",
    /// Pronouns.
    Pronouns = "pronouns",
    /// Where one lives.
    Address = "address",
    /// Telephone numbers.
    Phone = "phone",
    /// E-mail addresses.
    Email = "email",
    /// Whom to call in an emergency.
    EmergencyContacts = "emergency-contacts",
    /// The pharmacy.
    Pharmacy = "pharmacy",
    /// Insurers.
    Insurance = "insurance",
    /// The legal name. Never applied without the clinic.
    LegalName = "legal-name",
    /// The date of birth. Never applied without the clinic.
    BirthDate = "birth-date",
}

impl ProfilePart {
    /// Its bit in sets.
    #[must_use]
    pub const fn bit(self) -> u16 {
        1 << self as u16
    }

    /// Whether a policy may let it be changed without the clinic.
    #[must_use]
    pub const fn may_apply_itself(self) -> bool {
        !matches!(self, Self::LegalName | Self::BirthDate)
    }
}

impl AccountPolicy {
    /// Whether a change of this part needs no word of the clinic.
    #[must_use]
    pub const fn applies_itself(&self, part: ProfilePart) -> bool {
        part.may_apply_itself() && self.auto_apply & part.bit() != 0
    }
}
