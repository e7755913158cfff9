//! Checking a webhook, at its receiver.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use subtle::ConstantTimeEq as _;

use super::secret::WebhookSecret;
use super::signature::sign;

/// How far a timestamp may be from the receiver's clock, either way.
const TOLERANCE: TimeDelta = TimeDelta::minutes(5);

/// A webhook that is not to be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// A header is missing, twice, or not of its form.
    #[error("webhook: a header is missing or malformed")]
    Header,
    /// Sent more than five minutes ago, or ahead: perhaps a repetition by someone who listened.
    #[error("webhook: its time is more than five minutes away")]
    Time,
    /// Signed with none of the secrets.
    #[error("webhook: not signed with a known secret")]
    Signature,
}

/// Checks that a request was signed with one of the secrets within the last five minutes; gives its id.
///
/// Within these minutes a repetition passes too: a receiver that must act once keeps the ids of that time. Names of headers are
/// compared without regard to case. All secrets and all signatures are compared, in constant time.
///
/// # Errors
/// [`VerifyError`].
pub fn verify<'a>(
    secrets: &[WebhookSecret],
    headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    body: &[u8],
    now: DateTime<Utc>,
) -> Result<&'a str, VerifyError> {
    let (mut id, mut timestamp, mut signatures) = (None, None, None);
    for (name, value) in headers {
        let place = match name.to_ascii_lowercase().as_str() {
            "webhook-id" => &mut id,
            "webhook-timestamp" => &mut timestamp,
            "webhook-signature" => &mut signatures,
            _ => continue,
        };
        if place.replace(value).is_some() {
            return Err(VerifyError::Header);
        }
    }
    let (id, timestamp) = (id.ok_or(VerifyError::Header)?, timestamp.ok_or(VerifyError::Header)?);
    let signatures = signatures.ok_or(VerifyError::Header)?;
    // A dot in the id could move the border between id and time.
    if id.is_empty() || id.contains('.') || !timestamp.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(VerifyError::Header);
    }
    let sent = timestamp.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    if now.signed_duration_since(sent.ok_or(VerifyError::Header)?).abs() > TOLERANCE {
        return Err(VerifyError::Time);
    }
    let mut known = subtle::Choice::from(0);
    for given in signatures.split(' ').filter_map(|entry| entry.strip_prefix("v1,")).take(16) {
        let Ok(given) = STANDARD.decode(given) else { continue };
        for secret in secrets {
            if let Some(expected) = sign(secret, id, timestamp, body) {
                known |= expected.as_slice().ct_eq(&given);
            }
        }
    }
    if bool::from(known) { Ok(id) } else { Err(VerifyError::Signature) }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The vector of the Standard Webhooks libraries.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const TIME: i64 = 1_614_265_330;
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn check(signature: &str, body: &[u8], after: i64) -> Result<String, VerifyError> {
        let secret = WebhookSecret::parse(SECRET).unwrap();
        let other = WebhookSecret::parse("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").unwrap();
        let time = TIME.to_string();
        let headers = [("Webhook-Id", ID), ("webhook-timestamp", &time), ("webhook-signature", signature)];
        let now = DateTime::from_timestamp(TIME + after, 0).unwrap();
        verify(&[other, secret], headers, body, now).map(str::to_owned)
    }

    #[test]
    fn the_published_vector_is_verified() {
        assert_eq!(check(SIGNATURE, BODY, 0).as_deref(), Ok(ID));
        let several = format!("v1a,abc v1,AAAA {SIGNATURE}");
        assert_eq!(check(&several, BODY, 0).as_deref(), Ok(ID));
    }

    #[test]
    fn what_was_altered_or_is_old_is_not_believed() {
        assert_eq!(check(SIGNATURE, br#"{"test": 2432232315}"#, 0), Err(VerifyError::Signature));
        assert_eq!(check(&SIGNATURE.replace("v1,", "v2,"), BODY, 0), Err(VerifyError::Signature));
        assert_eq!(check("", BODY, 0), Err(VerifyError::Signature));
        assert_eq!(check(SIGNATURE, BODY, 300).as_deref(), Ok(ID));
        assert_eq!(check(SIGNATURE, BODY, -300).as_deref(), Ok(ID));
        assert_eq!(check(SIGNATURE, BODY, 301), Err(VerifyError::Time));
        assert_eq!(check(SIGNATURE, BODY, -301), Err(VerifyError::Time));
    }

    #[test]
    fn headers_are_there_once_each() {
        let secrets = [WebhookSecret::parse(SECRET).unwrap()];
        let now = DateTime::from_timestamp(TIME, 0).unwrap();
        let time = TIME.to_string();
        let all = [("webhook-id", ID), ("webhook-timestamp", &time), ("webhook-signature", SIGNATURE)];
        assert_eq!(verify(&secrets, all, BODY, now), Ok(ID));
        assert_eq!(verify(&[], all, BODY, now), Err(VerifyError::Signature));
        for left_out in 0..3 {
            let some = all.into_iter().enumerate().filter(|(at, _)| *at != left_out).map(|(_, header)| header);
            assert_eq!(verify(&secrets, some, BODY, now), Err(VerifyError::Header));
            let twice = all.into_iter().chain(all.into_iter().skip(left_out).take(1));
            assert_eq!(verify(&secrets, twice, BODY, now), Err(VerifyError::Header));
        }
        for secret in ["", "whsec_", "whsec_AAAA", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_*"] {
            assert!(WebhookSecret::parse(secret).is_err(), "{secret}");
        }
    }
}
