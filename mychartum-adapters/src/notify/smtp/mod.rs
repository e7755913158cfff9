//! Notices by e-mail: SMTP (RFC 5321) with TLS, one connection a message.

mod connection;
mod conversation;
mod message;
mod reply;
mod settings;
mod smtp_notifier;
mod verdict;

pub use settings::{Security, SignIn, SmtpSettings};
pub use smtp_notifier::SmtpNotifier;
