//! Notices by e-mail, text message, webhook, and into a folder: adapters for [`mychartum_core::port::Notifier`].
//!
//! `README.md` in this folder says what each does, what it leaves out, and why.

mod by_channel;
mod error;
#[cfg(feature = "notify-file")]
pub mod file;
#[cfg(feature = "_outbound")]
mod outbound;
#[cfg(feature = "notify-sms")]
pub mod sms;
#[cfg(feature = "notify-smtp")]
pub mod smtp;
#[cfg(feature = "_tls")]
mod trust;
#[cfg(feature = "notify-webhook")]
pub mod webhook;
#[cfg(feature = "_words")]
pub mod words;

pub use by_channel::ByChannel;
pub use error::SetupError;
#[cfg(feature = "_tls")]
pub use trust::Trust;
