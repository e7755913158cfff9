//! Notices by text message and webhook, over real sockets: the notifier suite, and far sides that misbehave.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mychartum_adapters::notify::sms::{Sender, SmsNotifier, SmsSettings};
use mychartum_adapters::notify::webhook::{PrivateTargets, WebhookNotifier, WebhookSecret, WebhookSettings, verify};
use mychartum_adapters::notify::words::{LinkBase, Words};
use mychartum_adapters::notify::{SetupError, Trust};
use mychartum_core::kernel::{Address, LanguageTag, PhoneNumber};
use mychartum_core::port::notifier::{Channel, Notice, NotifyErrorKind, Outgoing};
use mychartum_core::port::{Clock as _, Notifier};
use mychartum_testkit::ManualClock;
use mychartum_testkit::conformance::notifier::{FarSide, Harness, Received, Stage, run_all};
use mychartum_testkit::sinks::{HttpManner, HttpSink, SinkCertificate, SinkRequest};

const OLD: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NEW: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn phone() -> Option<Address> {
    PhoneNumber::parse("+16175550134").ok().map(Address::Phone)
}

fn answer(status: u16, body: &str) -> HttpManner {
    HttpManner::Answer(status, body.to_owned())
}

fn sms(gateway: String, change: impl FnOnce(&mut SmsSettings)) -> Result<SmsNotifier, SetupError> {
    let from = Sender::Number(PhoneNumber::parse("+18005551212").unwrap());
    let mut settings = SmsSettings::new("AC123", "a-secret-token".to_owned().into(), from);
    settings.gateway = gateway;
    settings.idempotency_header = Some("Idempotency-Key".to_owned());
    change(&mut settings);
    SmsNotifier::new(settings, Words::shipped(), LinkBase::parse("https://portal.example.org").unwrap())
}

fn secrets() -> Vec<WebhookSecret> {
    vec![WebhookSecret::parse(NEW).unwrap(), WebhookSecret::parse(OLD).unwrap()]
}

fn webhook(target: String, change: impl FnOnce(&mut WebhookSettings)) -> Result<WebhookNotifier, SetupError> {
    let mut settings = WebhookSettings::new(target, secrets());
    settings.private_targets = PrivateTargets::Allowed;
    change(&mut settings);
    WebhookNotifier::new(settings, Arc::new(ManualClock::default()))
}

fn message(channel: Channel) -> Outgoing {
    let address = if channel == Channel::Text { phone() } else { None };
    Outgoing::sample([0xcd; 16], channel, address, Notice::PasswordReset, LanguageTag::default())
}

/// The fields of a form, decoded.
fn fields(request: &SinkRequest) -> Vec<(String, String)> {
    let decode = |text: &str| {
        let mut bytes = Vec::new();
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            bytes.push(match byte {
                b'+' => b' ',
                b'%' => {
                    let hex = String::from_utf8(vec![rest.next().unwrap(), rest.next().unwrap()]).unwrap();
                    u8::from_str_radix(&hex, 16).unwrap()
                }
                byte => byte,
            });
        }
        String::from_utf8(bytes).unwrap()
    };
    request.body.split('&').map(|pair| pair.split_once('=').unwrap()).map(|(k, v)| (decode(k), decode(v))).collect()
}

fn field(request: &SinkRequest, name: &str) -> String {
    fields(request).into_iter().find(|(found, _)| found == name).map(|(_, value)| value).unwrap()
}

struct Texts;

#[async_trait]
impl Harness for Texts {
    fn channel(&self) -> Channel {
        Channel::Text
    }

    fn address(&self) -> Option<Address> {
        phone()
    }

    async fn stage(&self, far_side: FarSide) -> Option<Stage> {
        let manner = match far_side {
            FarSide::Good => answer(201, r#"{"sid":"SM0123"}"#),
            FarSide::Busy => answer(429, ""),
            FarSide::BadAddress => answer(400, r#"{"code":21211,"message":"+16175550134 is no number"}"#),
            FarSide::Refusing => answer(401, r#"{"code":20003}"#),
            FarSide::Silent => HttpManner::Silent,
        };
        let sink = Arc::new(HttpSink::start(manner, None).await.unwrap());
        let notifier = sms(format!("http://127.0.0.1:{}", sink.port()), |settings| {
            if far_side == FarSide::Silent {
                settings.timeout = Duration::from_millis(200);
            }
        });
        let received = move || {
            let requests = sink.requests().into_iter();
            let received = |request: SinkRequest| Received {
                to: vec![field(&request, "To")],
                id: request.header("idempotency-key").map(str::to_owned),
                text: field(&request, "Body"),
            };
            requests.map(received).collect()
        };
        Some(Stage { notifier: Arc::new(notifier.unwrap()), received: Box::new(received) })
    }
}

struct Hooks;

#[async_trait]
impl Harness for Hooks {
    fn channel(&self) -> Channel {
        Channel::Webhook
    }

    fn address(&self) -> Option<Address> {
        None
    }

    async fn stage(&self, far_side: FarSide) -> Option<Stage> {
        let manner = match far_side {
            FarSide::Good => answer(204, ""),
            FarSide::Busy => answer(503, ""),
            FarSide::BadAddress => answer(410, ""),
            FarSide::Refusing => answer(401, ""),
            FarSide::Silent => HttpManner::Silent,
        };
        let sink = Arc::new(HttpSink::start(manner, None).await.unwrap());
        let notifier = webhook(format!("http://127.0.0.1:{}/hook", sink.port()), |settings| {
            if far_side == FarSide::Silent {
                settings.timeout = Duration::from_millis(200);
            }
        });
        let received = move || {
            let requests = sink.requests().into_iter();
            let received = |request: SinkRequest| Received {
                to: Vec::new(),
                id: request.header("webhook-id").map(str::to_owned),
                text: request.body,
            };
            requests.map(received).collect()
        };
        Some(Stage { notifier: Arc::new(notifier.unwrap()), received: Box::new(received) })
    }
}

#[tokio::test]
async fn the_suite_passes_for_texts() {
    run_all(&Texts).await.assert_passed();
}

#[tokio::test]
async fn the_suite_passes_for_webhooks() {
    run_all(&Hooks).await.assert_passed();
}

#[tokio::test]
async fn a_text_is_a_form_as_the_gateway_wants_it() {
    let sink = HttpSink::start(answer(201, r#"{"sid":"SM0123"}"#), None).await.unwrap();
    let gateway = format!("http://127.0.0.1:{}/", sink.port());
    let notifier = sms(gateway, |settings| settings.sender = Sender::Service("MG99".to_owned())).unwrap();
    let id = notifier.deliver(&message(Channel::Text)).await.unwrap();
    assert_eq!(id.unwrap().as_str(), "SM0123");
    let requests = sink.requests();
    let request = &requests[0];
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/2010-04-01/Accounts/AC123/Messages.json"));
    assert_eq!(request.header("authorization"), Some("Basic QUMxMjM6YS1zZWNyZXQtdG9rZW4="));
    assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
    let names: Vec<_> = fields(request).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["To", "MessagingServiceSid", "Body"]);
    assert!(field(request, "Body").contains("https://portal.example.org/reset?t=sample-token"));
    assert!(!format!("{notifier:?}").contains("a-secret-token"));
}

#[tokio::test]
async fn far_sides_that_misbehave_are_survived() {
    use NotifyErrorKind::{Passing, Refused};
    let elsewhere = HttpSink::start(answer(200, ""), None).await.unwrap();
    let there = format!("http://127.0.0.1:{}/", elsewhere.port());
    let cases = [
        (HttpManner::Redirect(there), Err(Refused)),
        (HttpManner::HangUp, Err(Passing)),
        (answer(500, "x"), Err(Passing)),
        (answer(404, "x"), Err(Refused)),
        // Taken is taken, however much is said about it.
        (HttpManner::Endless, Ok(())),
    ];
    for (manner, wanted) in cases {
        let sink = HttpSink::start(manner.clone(), None).await.unwrap();
        let address = format!("http://127.0.0.1:{}", sink.port());
        let text = sms(address.clone(), |_| {}).unwrap().deliver(&message(Channel::Text)).await;
        assert_eq!(text.map(drop).map_err(|error| error.kind()), wanted, "text {manner:?}");
        let hook = webhook(address, |_| {}).unwrap().deliver(&message(Channel::Webhook)).await;
        assert_eq!(hook.map(drop).map_err(|error| error.kind()), wanted, "webhook {manner:?}");
    }
    assert!(elsewhere.requests().is_empty(), "a redirect was followed");
}

#[tokio::test]
async fn a_certificate_of_another_name_is_not_believed() {
    for (name, sent) in [("localhost", true), ("gateway.example.net", false)] {
        let certificate = SinkCertificate::of(name).unwrap();
        let trust = Trust::only(certificate.pem()).unwrap();
        let sink = HttpSink::start(answer(200, "{}"), Some(certificate)).await.unwrap();
        let address = format!("https://localhost:{}", sink.port());
        let text = sms(address.clone(), |settings| settings.trust = trust.clone()).unwrap();
        let hook = webhook(address, |settings| settings.trust = trust).unwrap();
        assert_eq!(text.deliver(&message(Channel::Text)).await.is_ok(), sent, "{name}");
        assert_eq!(hook.deliver(&message(Channel::Webhook)).await.is_ok(), sent, "{name}");
        assert_eq!(sink.requests().len(), if sent { 2 } else { 0 }, "{name}");
    }
}

#[tokio::test]
async fn clear_text_leaves_this_machine_never() {
    let clear = sms("http://sms.example.org".to_owned(), |_| {}).unwrap_err();
    assert_eq!(clear, SetupError::ClearText("gateway"));
    let clear = webhook("http://10.0.0.1/hook".to_owned(), |_| {}).unwrap_err();
    assert_eq!(clear, SetupError::ClearText("target"));
    for wrong in ["", "hook", "ftp://example.org", "https://user:word@example.org", "https://example.org#x"] {
        assert_eq!(webhook(wrong.to_owned(), |_| {}).unwrap_err(), SetupError::Url("target"), "{wrong}");
    }
    for account in ["", "AC/../x", "AC\r\n"] {
        let made = sms("https://sms.example.org".to_owned(), |settings| settings.account = account.to_owned());
        assert_eq!(made.unwrap_err(), SetupError::Field("account"));
    }
}

#[tokio::test]
async fn webhooks_do_not_reach_into_the_house() {
    let refuse = |settings: &mut WebhookSettings| settings.private_targets = PrivateTargets::Refused;
    let private = [
        "http://127.0.0.1:9",
        "https://10.0.0.1",
        "https://169.254.169.254/latest",
        "https://[::1]",
        "https://[::ffff:192.168.0.1]",
        // Other ways to write 127.0.0.1.
        "https://2130706433",
        "https://0x7f.1",
    ];
    for target in private {
        let made = webhook(target.to_owned(), refuse).unwrap_err();
        assert_eq!(made, SetupError::PrivateTarget("target"), "{target}");
    }
    // A name is looked at when it is resolved.
    let sink = HttpSink::start(answer(200, ""), None).await.unwrap();
    let notifier = webhook(format!("http://localhost:{}", sink.port()), refuse).unwrap();
    let error = notifier.deliver(&message(Channel::Webhook)).await.unwrap_err();
    assert_eq!(error.kind(), NotifyErrorKind::Refused);
    assert_eq!(error.to_string(), "notifier: private address: refused");
    assert!(sink.requests().is_empty());
}

#[tokio::test]
async fn a_webhook_is_thin_and_signed_with_both_secrets() {
    let sink = HttpSink::start(answer(204, ""), None).await.unwrap();
    let notifier = webhook(format!("http://127.0.0.1:{}/hook?x=1", sink.port()), |_| {}).unwrap();
    notifier.deliver(&message(Channel::Webhook)).await.unwrap();
    let requests = sink.requests();
    let request = &requests[0];
    assert_eq!(request.path, "/hook?x=1");
    let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
    let id = "cd".repeat(16);
    let wanted = serde_json::json!({ "type": "password-reset", "id": id, "timestamp": "2026-01-01T12:00:00Z" });
    assert_eq!(body, wanted);
    assert_eq!(request.header("webhook-signature").unwrap().split(' ').count(), 2);
    let now = ManualClock::default().now();
    let headers = || request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    for secret in [OLD, NEW] {
        let known = [WebhookSecret::parse(secret).unwrap()];
        assert_eq!(verify(&known, headers(), request.body.as_bytes(), now), Ok(id.as_str()));
    }
    let stranger = [WebhookSecret::parse("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").unwrap()];
    assert!(verify(&stranger, headers(), request.body.as_bytes(), now).is_err());
    let none = webhook("https://example.org".to_owned(), |settings| settings.secrets.clear()).unwrap_err();
    assert_eq!(none, SetupError::Secret("webhook secrets"));
}
