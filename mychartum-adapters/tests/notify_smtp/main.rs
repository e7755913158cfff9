//! Notices by e-mail, over real sockets: the notifier suite, and servers that misbehave.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod decode;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mychartum_adapters::notify::smtp::{Security, SignIn, SmtpNotifier, SmtpSettings};
use mychartum_adapters::notify::words::{LinkBase, Words};
use mychartum_adapters::notify::{SetupError, Trust};
use mychartum_core::kernel::{Address, EmailAddress, LanguageTag};
use mychartum_core::port::Notifier;
use mychartum_core::port::notifier::{CarrierId, Channel, Notice, NotifyError, NotifyErrorKind, Outgoing, PortalName};
use mychartum_testkit::ManualClock;
use mychartum_testkit::conformance::notifier::{FarSide, Harness, Received, Stage, run_all};
use mychartum_testkit::sinks::{SinkCertificate, SmtpDoor, SmtpManner, SmtpSink};

use decode::text_of;

const EXTENSIONS: [&str; 3] = ["8BITMIME", "AUTH PLAIN LOGIN", "SMTPUTF8"];

fn email(address: &str) -> EmailAddress {
    EmailAddress::parse(address).unwrap()
}

fn settings(port: u16) -> SmtpSettings {
    let mut settings = SmtpSettings::new("localhost", email("no-reply@portal.example.org"));
    settings.port = port;
    settings
}

fn notifier(settings: SmtpSettings) -> Result<SmtpNotifier, SetupError> {
    let links = LinkBase::parse("https://portal.example.org").unwrap();
    SmtpNotifier::new(settings, Words::shipped(), links, Arc::new(ManualClock::default()))
}

async fn send(notifier: &SmtpNotifier, to: &str) -> Result<Option<CarrierId>, NotifyError> {
    let address = Some(Address::Email(email(to)));
    let language = LanguageTag::parse("es").unwrap();
    notifier.deliver(&Outgoing::sample([0xab; 16], Channel::Email, address, Notice::PasswordReset, language)).await
}

/// A plain sink with a notifier that speaks to it.
async fn plain(manner: SmtpManner, extensions: &[&str]) -> (SmtpSink, SmtpNotifier) {
    let sink = SmtpSink::start(SmtpDoor::Plain, manner, extensions).await.unwrap();
    let mut settings = settings(sink.port());
    settings.security = Security::PlainLoopbackOnly;
    settings.server = "127.0.0.1".to_owned();
    let notifier = notifier(settings).unwrap();
    (sink, notifier)
}

/// One sink a stage, with STARTTLS.
struct Mail;

#[async_trait]
impl Harness for Mail {
    fn channel(&self) -> Channel {
        Channel::Email
    }

    fn address(&self) -> Option<Address> {
        Some(Address::Email(email("maria@example.org")))
    }

    async fn stage(&self, far_side: FarSide) -> Option<Stage> {
        let manner = match far_side {
            FarSide::Good => SmtpManner::Accept,
            FarSide::Busy => SmtpManner::Answer("RCPT", "451 4.7.1 come back later"),
            FarSide::BadAddress => SmtpManner::Answer("RCPT", "550 5.1.1 no maria@example.org here"),
            FarSide::Refusing => SmtpManner::Answer(".", "554 5.7.1 no"),
            FarSide::Silent => SmtpManner::Silent,
        };
        let certificate = SinkCertificate::of("localhost").unwrap();
        let mut settings = settings(0);
        settings.trust = Trust::only(certificate.pem()).unwrap();
        let sink = Arc::new(SmtpSink::start(SmtpDoor::StartTls(certificate), manner, &EXTENSIONS).await.unwrap());
        settings.port = sink.port();
        settings.security = Security::StartTls;
        if far_side == FarSide::Silent {
            settings.timeout = Duration::from_millis(200);
        }
        let received = move || {
            let mails = sink.mails().into_iter();
            mails
                .map(|mail| Received {
                    to: mail.to.clone(),
                    id: mail.header("Message-ID").map(str::to_owned),
                    text: text_of(&mail.data),
                })
                .collect()
        };
        Some(Stage { notifier: Arc::new(notifier(settings).unwrap()), received: Box::new(received) })
    }
}

#[tokio::test]
async fn the_suite_passes() {
    run_all(&Mail).await.assert_passed();
}

#[tokio::test]
async fn a_message_has_what_it_needs_and_nothing_else() {
    let (sink, _) = plain(SmtpManner::Accept, &EXTENSIONS).await;
    let mut with_name = settings(sink.port());
    with_name.security = Security::PlainLoopbackOnly;
    with_name.server = "127.0.0.1".to_owned();
    with_name.from_name = PortalName::parse("Clínica \"Riverside\", portal <x>");
    let id = send(&notifier(with_name).unwrap(), "maria@example.org").await.unwrap();
    assert_eq!(id.unwrap().as_str(), format!("{}@portal.example.org", "ab".repeat(16)));
    let mails = sink.mails();
    let [mail] = mails.as_slice() else { panic!("{} messages", mails.len()) };
    let (head, _) = mail.data.split_once("\r\n\r\n").unwrap();
    let mut names: Vec<_> = head.split("\r\n").filter(|line| !line.starts_with(' ')).collect();
    names = names.iter().map(|line| line.split(':').next().unwrap()).collect();
    names.sort_unstable();
    let wanted = [
        "Auto-Submitted",
        "Content-Transfer-Encoding",
        "Content-Type",
        "Date",
        "From",
        "MIME-Version",
        "Message-ID",
        "Subject",
        "To",
    ];
    let mut wanted = wanted.to_vec();
    wanted.sort_unstable();
    names.retain(|name| *name != "MIME-Version");
    wanted.retain(|name| *name != "MIME-Version");
    assert_eq!(names, wanted, "{head}");
    assert_eq!(mail.header("Auto-Submitted"), Some("auto-generated"));
    assert_eq!(mail.header("Date"), Some("Thu, 01 Jan 2026 12:00:00 +0000"));
    assert_eq!(mail.header("To"), Some("maria@example.org"));
    assert_eq!(mail.header("Content-Type"), Some("text/plain; charset=utf-8"));
    assert!(mail.header("From").unwrap().ends_with("<no-reply@portal.example.org>"), "{head}");
    assert_eq!(mail.to, ["maria@example.org"]);
    assert!(mail.from.starts_with("<no-reply@portal.example.org>"), "{}", mail.from);
    let text = text_of(&mail.data);
    assert!(text.contains("Alguien pidió una nueva contraseña"), "{text}");
    assert!(text.contains("https://portal.example.org/reset?t=sample-token"), "{text}");
}

#[tokio::test]
async fn tls_is_asked_for_its_certificate() {
    for implicit in [true, false] {
        let start = async |name: &str| {
            let certificate = SinkCertificate::of(name).unwrap();
            let pem = certificate.pem().to_owned();
            let door = if implicit { SmtpDoor::Tls(certificate) } else { SmtpDoor::StartTls(certificate) };
            (SmtpSink::start(door, SmtpManner::Accept, &EXTENSIONS).await.unwrap(), pem)
        };
        let with = |sink: &SmtpSink, trust: Trust| {
            let mut settings = settings(sink.port());
            settings.security = if implicit { Security::Tls } else { Security::StartTls };
            settings.trust = trust;
            settings.sign_in = Some(SignIn { user: "portal".to_owned(), password: "a-secret-word".to_owned().into() });
            notifier(settings).unwrap()
        };
        let (sink, pem) = start("localhost").await;
        send(&with(&sink, Trust::only(&pem).unwrap()), "maria@example.org").await.unwrap();
        assert!(sink.mails()[0].under_tls);
        assert!(sink.commands().iter().any(|line| line == "AUTH PLAIN AHBvcnRhbABhLXNlY3JldC13b3Jk"));
        // Of a stranger, and of another name.
        let (other, other_pem) = start("mail.example.net").await;
        for (sink, trust) in [(&sink, Trust::system()), (&other, Trust::only(&other_pem).unwrap())] {
            let before = (sink.mails().len(), sink.commands().iter().filter(|line| line.starts_with("AUTH")).count());
            let error = send(&with(sink, trust), "maria@example.org").await.unwrap_err();
            assert_eq!(error.kind(), NotifyErrorKind::Passing);
            assert_eq!(error.to_string(), "notifier: tls: failed for now");
            let after = (sink.mails().len(), sink.commands().iter().filter(|line| line.starts_with("AUTH")).count());
            assert_eq!(after, before);
        }
    }
}

#[tokio::test]
async fn without_starttls_nothing_goes_out_in_clear_text() {
    let sink = SmtpSink::start(SmtpDoor::Plain, SmtpManner::Accept, &EXTENSIONS).await.unwrap();
    let mut stripped = settings(sink.port());
    stripped.security = Security::StartTls;
    stripped.sign_in = Some(SignIn { user: "portal".to_owned(), password: "a-secret-word".to_owned().into() });
    let error = send(&notifier(stripped).unwrap(), "maria@example.org").await.unwrap_err();
    assert_eq!(error.kind(), NotifyErrorKind::Refused);
    assert!(sink.mails().is_empty());
    assert_eq!(sink.commands(), ["EHLO localhost"]);
    let mut elsewhere = settings(25);
    elsewhere.server = "mail.example.org".to_owned();
    elsewhere.security = Security::PlainLoopbackOnly;
    assert_eq!(notifier(elsewhere).unwrap_err(), SetupError::PlainElsewhere);
}

#[tokio::test]
async fn what_was_said_before_tls_is_not_heard_after_it() {
    let certificate = SinkCertificate::of("localhost").unwrap();
    let mut settings = settings(0);
    settings.trust = Trust::only(certificate.pem()).unwrap();
    settings.security = Security::StartTls;
    let door = SmtpDoor::StartTlsInjected(certificate, "250-evil.example\r\n250 AUTH PLAIN");
    let sink = SmtpSink::start(door, SmtpManner::Accept, &EXTENSIONS).await.unwrap();
    settings.port = sink.port();
    let error = send(&notifier(settings).unwrap(), "maria@example.org").await.unwrap_err();
    assert_eq!(error.to_string(), "notifier: tls: failed for now");
    assert!(sink.mails().is_empty());
}

#[tokio::test]
async fn faults_at_every_step_are_told_apart() {
    use NotifyErrorKind::{BadAddress, Passing, Refused};
    let long: &'static str = Box::leak(format!("250 {}", "x".repeat(100_000)).into_boxed_str());
    let cases = [
        (SmtpManner::Answer("greeting", "421 busy"), Passing),
        (SmtpManner::Answer("greeting", "554 no"), Refused),
        (SmtpManner::Answer("greeting", "nonsense"), Passing),
        (SmtpManner::HangUp("greeting"), Passing),
        (SmtpManner::Answer("EHLO", long), Passing),
        (SmtpManner::HangUp("EHLO"), Passing),
        (SmtpManner::Answer("MAIL", "452 full"), Passing),
        (SmtpManner::Answer("MAIL", "553 5.1.8 not your sender"), Refused),
        (SmtpManner::HangUp("MAIL"), Passing),
        (SmtpManner::Answer("RCPT", "450 4.2.1 greylisted"), Passing),
        (SmtpManner::Answer("RCPT", "550 5.1.1 unknown"), BadAddress),
        (SmtpManner::Answer("RCPT", "550-5.1.1 two\r\n550 5.1.1 lines"), BadAddress),
        (SmtpManner::Answer("RCPT", "553 what"), BadAddress),
        (SmtpManner::Answer("RCPT", "550 5.7.1 blocked"), Refused),
        (SmtpManner::HangUp("RCPT"), Passing),
        (SmtpManner::Answer("DATA", "451 later"), Passing),
        (SmtpManner::Answer("DATA", "250 strange"), Passing),
        (SmtpManner::HangUp("DATA"), Passing),
        (SmtpManner::Answer(".", "452 later"), Passing),
        (SmtpManner::Answer(".", "554 5.6.0 no"), Refused),
        (SmtpManner::Answer(".", "354 strange"), Passing),
        (SmtpManner::HangUp("."), Passing),
    ];
    for (manner, kind) in cases {
        let (sink, notifier) = plain(manner, &EXTENSIONS).await;
        let error = send(&notifier, "maria@example.org").await.unwrap_err();
        assert_eq!(error.kind(), kind, "{manner:?} {error}");
        drop(sink);
    }
    // A server that is gone, and one that hangs up after it took the message.
    let (sink, notifier) = plain(SmtpManner::Accept, &EXTENSIONS).await;
    sink.turn(SmtpManner::HangUp("QUIT"));
    assert!(send(&notifier, "maria@example.org").await.is_ok());
    // Nobody listens there, nor may anybody but root.
    let mut nobody = settings(1);
    nobody.security = Security::PlainLoopbackOnly;
    let nobody = self::notifier(nobody).unwrap();
    assert_eq!(send(&nobody, "maria@example.org").await.unwrap_err().kind(), Passing);
}

#[tokio::test]
async fn a_sign_in_that_fails_is_a_refusal() {
    let attempt = async |manner, extensions: &[&str]| {
        let sink = SmtpSink::start(SmtpDoor::Plain, manner, extensions).await.unwrap();
        let mut settings = settings(sink.port());
        settings.security = Security::PlainLoopbackOnly;
        settings.sign_in = Some(SignIn { user: "portal".to_owned(), password: "a-secret-word".to_owned().into() });
        let shown = format!("{settings:?}");
        assert!(!shown.contains("a-secret-word"), "{shown}");
        let sent = send(&notifier(settings).unwrap(), "maria@example.org").await;
        (sent.map_err(|error| error.kind()).map(drop), sink.commands())
    };
    let wrong = SmtpManner::Answer("AUTH", "535 5.7.8 wrong");
    assert_eq!(attempt(wrong, &EXTENSIONS).await.0, Err(NotifyErrorKind::Refused));
    let busy = SmtpManner::Answer("AUTH", "454 4.7.0 later");
    assert_eq!(attempt(busy, &EXTENSIONS).await.0, Err(NotifyErrorKind::Passing));
    assert_eq!(attempt(SmtpManner::Accept, &[]).await.0, Err(NotifyErrorKind::Refused));
    assert_eq!(attempt(SmtpManner::Accept, &["AUTH CRAM-MD5"]).await.0, Err(NotifyErrorKind::Refused));
    let (login, said) = attempt(SmtpManner::Accept, &["AUTH LOGIN"]).await;
    assert_eq!(login, Ok(()));
    assert_eq!(said[1..4], ["AUTH LOGIN", "cG9ydGFs", "YS1zZWNyZXQtd29yZA=="]);
}

#[tokio::test]
async fn addresses_in_other_scripts_arrive_or_are_said_to_be_bad() {
    let (sink, notifier) = plain(SmtpManner::Accept, &[]).await;
    send(&notifier, "maria@clínica.example").await.unwrap();
    assert_eq!(sink.mails()[0].to, ["maria@xn--clnica-4va.example"]);
    let error = send(&notifier, "maría@example.org").await.unwrap_err();
    assert_eq!(error.kind(), NotifyErrorKind::BadAddress);
    assert_eq!(sink.mails().len(), 1);
    let (sink, notifier) = plain(SmtpManner::Accept, &EXTENSIONS).await;
    send(&notifier, "maría@clínica.example").await.unwrap();
    let mail = &sink.mails()[0];
    assert_eq!(mail.to, ["maría@xn--clnica-4va.example"]);
    assert!(mail.from.contains(" SMTPUTF8"), "{}", mail.from);
}

#[tokio::test]
async fn no_name_ends_a_line() {
    // Neither type holds the end of a line; the settings that are plain texts are looked at.
    assert!(EmailAddress::parse("a@example.org\r\nBcc: b@example.org").is_err());
    assert!(PortalName::parse("Portal\r\nBcc: b@example.org").is_none());
    for wrong in ["x\r\nMAIL FROM:<>", "", "x y"] {
        let mut settings = settings(25);
        settings.hello_name = wrong.to_owned();
        assert_eq!(notifier(settings).unwrap_err(), SetupError::Field("hello name"), "{wrong:?}");
    }
    let mut no_server = settings(25);
    no_server.server = "local host".to_owned();
    assert_eq!(notifier(no_server).unwrap_err(), SetupError::Field("server"));
}
