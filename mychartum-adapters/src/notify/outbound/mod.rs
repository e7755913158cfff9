//! Careful requests to the outside: to one address, bounded in time and length, never redirected.

mod endpoint;
mod hmac_key;
mod requester;

pub(super) use endpoint::Endpoint;
pub(super) use hmac_key::HmacKey;
#[cfg(feature = "notify-webhook")]
pub(super) use requester::is_public;
pub(super) use requester::{Answer, Fault, Reach, Requester};
