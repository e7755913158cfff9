//! Accounts: opening one, signing in, and sessions.

mod error;
mod opening;
mod password;
mod record;
mod session_token;
mod sessions;
mod settings;
mod sign_in;
mod username;

pub use error::{AccountError, SessionError, SignInError};
pub use opening::NewAccount;
pub use password::{Password, PasswordError};
pub use session_token::SessionToken;
pub(crate) use sessions::LiveSession;
pub use settings::AccountSettings;
pub use sign_in::{CheckedSignIn, SignInAttempt};
pub use username::{InvalidUsername, Username};
