//! Credentials: what a person proves with, and what is kept of it.
//!
//! Everything here is a value or a function over values: time and randomness come as arguments, and nothing is stored.

mod base32;
mod blocklist;
mod breached_passwords;
mod context_words;
mod device_label;
mod hash_gate;
mod letter_code;
mod password;
mod password_hash;
mod password_policy;
mod pattern;
mod pepper_key;
mod recovery_code;
mod recovery_codes;
mod six_digits;
mod slow_hash;
mod totp;

pub use breached_passwords::BreachedPasswords;
pub use context_words::{ContextKind, ContextWords};
pub use device_label::{Browser, DeviceLabel, System};
pub use hash_gate::HashGate;
pub use letter_code::{InvalidLetterCode, LetterCode, LetterCodeHash};
pub use password::{Password, PasswordError};
pub use password_hash::PasswordHash;
pub use password_policy::{Guard, PasswordPolicy};
pub use pepper_key::{PepperId, PepperKey};
pub use recovery_code::{RecoveryCode, RecoverySlot};
pub use recovery_codes::RecoveryCodes;
pub(super) use six_digits::six_digits;
pub use totp::{TotpSecret, TotpText};
