//! What a gateway's answer means.

use mychartum_core::port::notifier::{CarrierId, NotifyError, NotifyErrorKind};

use super::super::outbound::Answer;

/// Reads an answer. What is positive but unreadable was taken all the same; then there is no id.
pub(super) fn verdict(answer: &Answer) -> Result<Option<CarrierId>, NotifyError> {
    let said: Option<serde_json::Value> = serde_json::from_slice(&answer.body).ok();
    let field = |name: &str| said.as_ref().and_then(|said| said.get(name));
    let kind = match answer.status {
        200..=299 => return Ok(field("sid").and_then(|sid| sid.as_str()).and_then(CarrierId::parse)),
        408 | 425 | 429 | 500..=599 => NotifyErrorKind::Passing,
        // Not a number; cannot be reached from here; has sent STOP; not a mobile number.
        _ => match field("code").and_then(serde_json::Value::as_u64) {
            Some(21211 | 21214 | 21610 | 21614) => NotifyErrorKind::BadAddress,
            // Too many at once, by a code of its own.
            Some(20429) => NotifyErrorKind::Passing,
            _ => NotifyErrorKind::Refused,
        },
    };
    Err(NotifyError::new(kind, "gateway"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_apart() {
        use NotifyErrorKind::{BadAddress, Passing, Refused};
        let of = |status, body: &str| verdict(&Answer { status, body: body.as_bytes().to_vec() });
        let taken = of(201, r#"{"sid":"SM1","status":"queued"}"#).unwrap();
        assert_eq!(taken.unwrap().as_str(), "SM1");
        assert_eq!(of(201, "nonsense"), Ok(None));
        let kinds = [
            (429, "", Passing),
            (503, r#"{"code":21211}"#, Passing),
            (400, r#"{"code":21211}"#, BadAddress),
            (400, r#"{"code":21610}"#, BadAddress),
            (400, r#"{"code":21617}"#, Refused),
            (400, "<html>", Refused),
            (401, r#"{"code":20003}"#, Refused),
            (302, "", Refused),
        ];
        for (status, body, kind) in kinds {
            assert_eq!(of(status, body).unwrap_err().kind(), kind, "{status} {body}");
        }
    }
}
