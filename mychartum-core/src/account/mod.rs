//! Accounts: activation, sign-in, second factors, devices, sessions, recovery, and what people prove themselves with.

mod answering;
mod challenge;
mod contacts;
mod credential;
mod devices;
mod error;
#[cfg(test)]
mod exploration;
mod factor;
mod gate;
mod holder;
mod link_token;
mod links;
mod opening;
pub mod profile;
mod record;
mod recovery;
mod secret_token;
mod sessions;
mod settings;
mod sign_in;
mod state;
mod throttle;
mod username;

pub use answering::{Answer, Trust};
pub(crate) use answering::{Proved, prove_passkey};
pub use contacts::{Contact, ContactError, Contacts};
pub use credential::{
    BreachedPasswords, Browser, ContextKind, ContextWords, DeviceLabel, Guard, HashGate, InvalidLetterCode, LetterCode,
    LetterCodeHash, Password, PasswordError, PasswordHash, PasswordPolicy, PepperId, PepperKey, RecoveryCode,
    RecoveryCodes, RecoverySlot, System, TotpSecret, TotpText,
};
pub use devices::Device;
pub use error::{AccountError, SessionError, SignInError};
pub use factor::{Factor, FactorSet};
pub use gate::{Doorway, Shown, Step, next_step};
pub(crate) use holder::By;
pub use link_token::LinkToken;
pub(crate) use link_token::{Link, Nonce, six_digits, token as link_token};
pub(crate) use links::{FoundLink, LinkEvent, NewLink, draft as link_draft};
pub use links::{LinkState, SentBy};
pub use opening::NewAccount;
pub(crate) use opening::is_long;
pub(crate) use record::{AccountChange, AccountRecord, Factors, account_facts};
pub(crate) use recovery::Recovery;
pub use secret_token::{ChallengeToken, DeviceToken, SessionToken};
pub(crate) use secret_token::{Minted, Presented, TokenUse, bearer, mint};
pub(crate) use sessions::LiveSession;
pub use sessions::OpenSession;
pub use settings::AccountSettings;
pub(crate) use settings::Rules;
pub use sign_in::{CheckedSignIn, Entered, Flow, Knock, Progress, SignInAttempt, Source};
pub use state::{AccountEvent, AccountState, IllegalTransition};
pub(crate) use throttle::Budgeted;
pub use throttle::Wait;
pub use username::{InvalidUsername, Username};
