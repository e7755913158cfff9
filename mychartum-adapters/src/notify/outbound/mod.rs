//! Careful requests to the outside: to one address, bounded in time and length, never redirected.

mod endpoint;
#[cfg(feature = "notify-webhook")]
mod hmac_key;
mod requester;

pub(super) use endpoint::Endpoint;
#[cfg(feature = "notify-webhook")]
pub(super) use hmac_key::HmacKey;
pub(super) use requester::{Answer, Reach, Requester};
#[cfg(feature = "notify-webhook")]
pub(super) use requester::{Fault, is_public};
