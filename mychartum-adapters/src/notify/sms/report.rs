//! What a gateway reports later.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use mychartum_core::port::notifier::{CarrierId, Channel, DeliveryReport, Reported};
use sha1::Sha1;
use subtle::ConstantTimeEq as _;

/// The most bytes of a report.
const MOST: usize = 64 << 10;

/// A report that is not to be believed, or tells nothing. Answer 403 to `Signature`, 400 to `Form`, 204 to `Nothing`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// Not signed with the account's token for this address and this content.
    #[error("report: not signed by the gateway")]
    Signature,
    /// Signed, and not a form with an id of a message.
    #[error("report: lacks the message's id, or is too long")]
    Form,
    /// A step on the way (queued, sent) or an incoming message: nothing to write down.
    #[error("report: nothing final")]
    Nothing,
}

/// Checks the signature and reads the report.
pub(super) fn read(
    token: &[u8],
    signature: Option<&str>,
    url: &str,
    body: &[u8],
) -> Result<DeliveryReport, ReportError> {
    if body.len() > MOST {
        return Err(ReportError::Form);
    }
    let mut fields: Vec<(String, String)> = form_urlencoded::parse(body).into_owned().collect();
    fields.sort();
    let given = signature.and_then(|signature| STANDARD.decode(signature).ok()).ok_or(ReportError::Signature)?;
    let expected = sign(token, url, &fields).ok_or(ReportError::Signature)?;
    if !bool::from(expected.as_slice().ct_eq(&given)) {
        return Err(ReportError::Signature);
    }
    let field = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let reported = match (field("OptOutType"), field("MessageStatus").or_else(|| field("SmsStatus"))) {
        (Some("STOP"), _) => Reported::Unsubscribed,
        (_, Some("delivered" | "read")) => Reported::Delivered,
        // 30003 to 30006: switched off or unknown handset, blocked, unknown, a landline.
        (_, Some("undelivered")) if matches!(field("ErrorCode"), Some("30005" | "30006")) => Reported::Bounced,
        (_, Some("undelivered" | "failed")) => Reported::Failed,
        _ => return Err(ReportError::Nothing),
    };
    let sid = field("MessageSid").or_else(|| field("SmsSid")).ok_or(ReportError::Form)?;
    let message = CarrierId::parse(sid).ok_or(ReportError::Form)?;
    Ok(DeliveryReport { channel: Channel::Text, message, reported })
}

/// HMAC-SHA1 over the address and the sorted fields, as Twilio's "Validating requests" describes it.
fn sign(token: &[u8], url: &str, sorted: &[(String, String)]) -> Option<Vec<u8>> {
    let mut mac = Hmac::<Sha1>::new_from_slice(token).ok()?;
    mac.update(url.as_bytes());
    for (name, value) in sorted {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    Some(mac.finalize().into_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://portal.example.org/sms/reports";

    fn report(fields: &str) -> Result<DeliveryReport, ReportError> {
        let mut sorted: Vec<_> = form_urlencoded::parse(fields.as_bytes()).into_owned().collect();
        sorted.sort();
        let signature = STANDARD.encode(sign(b"token", URL, &sorted).unwrap());
        read(b"token", Some(&signature), URL, fields.as_bytes())
    }

    #[test]
    fn the_signature_is_that_of_the_gateway_s_documentation() {
        let body = "CallSid=CA1234567890ABCDE&Caller=%2B12349013030&Digits=1234&From=%2B12349013030&To=%2B18005551212";
        let url = "https://mycompany.com/myapp.php?foo=1&bar=2";
        let read = |signature| read(b"12345", Some(signature), url, body.as_bytes()).unwrap_err();
        // Well signed, and about a telephone call.
        assert_eq!(read("0/KCTR6DLpKmkAf8muzZqo1nDgQ="), ReportError::Nothing);
        assert_eq!(read("1/KCTR6DLpKmkAf8muzZqo1nDgQ="), ReportError::Signature);
    }

    #[test]
    fn what_became_of_a_message_is_told() {
        let told = |fields| report(fields).map(|report| report.reported);
        assert_eq!(told("MessageSid=SM1&MessageStatus=delivered"), Ok(Reported::Delivered));
        assert_eq!(told("MessageSid=SM1&MessageStatus=failed"), Ok(Reported::Failed));
        assert_eq!(told("MessageSid=SM1&MessageStatus=undelivered&ErrorCode=30006"), Ok(Reported::Bounced));
        assert_eq!(told("MessageSid=SM1&MessageStatus=undelivered&ErrorCode=30008"), Ok(Reported::Failed));
        assert_eq!(told("MessageSid=SM1&OptOutType=STOP&Body=stop"), Ok(Reported::Unsubscribed));
        assert_eq!(told("MessageSid=SM1&MessageStatus=queued"), Err(ReportError::Nothing));
        assert_eq!(told("MessageStatus=delivered"), Err(ReportError::Form));
        assert_eq!(report("MessageSid=SM1&MessageStatus=delivered").unwrap().message.as_str(), "SM1");
    }

    #[test]
    fn what_is_not_signed_for_here_is_not_believed() {
        let fields = "MessageSid=SM1&MessageStatus=delivered";
        let mut sorted: Vec<_> = form_urlencoded::parse(fields.as_bytes()).into_owned().collect();
        sorted.sort();
        let good = STANDARD.encode(sign(b"token", URL, &sorted).unwrap());
        let refused = |token: &[u8], signature, url, body: &str| {
            assert_eq!(read(token, signature, url, body.as_bytes()).unwrap_err(), ReportError::Signature);
        };
        refused(b"token", None, URL, fields);
        refused(b"token", Some(""), URL, fields);
        refused(b"token", Some("no base64"), URL, fields);
        refused(b"other", Some(&good), URL, fields);
        refused(b"token", Some(&good), "https://portal.example.org/sms/report", fields);
        refused(b"token", Some(&good), URL, "MessageSid=SM2&MessageStatus=delivered");
        let long = "x".repeat(MOST + 1);
        assert_eq!(read(b"token", Some(&good), URL, long.as_bytes()).unwrap_err(), ReportError::Form);
    }
}
