//! Notices to a program of the host's: Standard Webhooks, signed, with ids only.

mod secret;
mod signature;
mod verify;
mod webhook_notifier;

pub use secret::WebhookSecret;
pub use verify::{VerifyError, verify};
pub use webhook_notifier::{PrivateTargets, WebhookNotifier, WebhookSettings};
