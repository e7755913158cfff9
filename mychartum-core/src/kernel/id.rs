//! Typed ids: sixteen opaque bytes each, never a `String`.
//!
//! An id says nothing about the person it stands for, so it may appear in errors, in the audit trail and in logs.
//! It is written as 32 lower-case hexadecimal digits.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A text that is not 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("id: expected 32 hexadecimal digits")]
pub struct InvalidId;

/// Writes bytes as lower-case hexadecimal digits.
pub(crate) fn write_hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

/// Reads 32 hexadecimal digits.
fn read_hex(text: &str) -> Result<[u8; 16], InvalidId> {
    let mut bytes = [0u8; 16];
    let digits = text.as_bytes();
    if digits.len() != 32 {
        return Err(InvalidId);
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        for digit in pair {
            let value = (*digit as char).to_digit(16).ok_or(InvalidId)?;
            *byte = (*byte << 4) | u8::try_from(value).map_err(|_| InvalidId)?;
        }
    }
    Ok(bytes)
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// Takes sixteen bytes as an id; the bytes of a new id come from [`Entropy`](crate::port::Entropy).
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The sixteen bytes of the id.
            #[must_use]
            pub const fn to_bytes(self) -> [u8; 16] {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_hex(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                read_hex(text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                super::text_form::read(deserializer, str::parse)
            }
        }
    )*};
}

ids! {
    /// A patient: whose chart it is.
    PatientId;
    /// An account: a person's sign-in.
    AccountId;
    /// One thing in a chart, the same through all its versions.
    ItemId;
    /// A file that is attached to a chart.
    AttachmentId;
    /// A tenant: one installation's own world of keys and people.
    TenantId;
    /// A session: one signed-in stay of one account.
    SessionId;
    /// A device: one browser that signed in to one account.
    DeviceId;
    /// A sign-in that is not complete.
    ChallengeId;
    /// A change set, so that repeating it is harmless.
    ChangeSetId;
    /// A proxy grant: one account's access to another person's chart.
    GrantId;
    /// A written consent.
    ConsentId;
    /// A delivery: one import or one sync run.
    DeliveryId;
    /// A change of the profile that somebody proposed.
    ProposalId;
    /// A parcel in quarantine.
    QuarantineId;
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_id_survives_its_text(bytes: [u8; 16]) {
            let id = PatientId::from_bytes(bytes);
            prop_assert_eq!(id.to_string().parse::<PatientId>(), Ok(id));
            let json = serde_json::to_string(&id).unwrap();
            prop_assert_eq!(serde_json::from_str::<PatientId>(&json).unwrap(), id);
        }

        #[test]
        fn other_texts_are_refused(text in "[0-9a-g]{0,40}") {
            let valid = text.len() == 32 && !text.contains('g');
            prop_assert_eq!(text.parse::<PatientId>().is_ok(), valid);
        }
    }
}
