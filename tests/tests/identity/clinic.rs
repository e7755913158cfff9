//! A small clinic with one patient or two, and everything that is sent kept.

use chrono::{Duration, NaiveDate};
use mychartum_adapters::fhir::{FhirDelivery, Input, Limits, deliver};
use mychartum_adapters::keys::FileKeyring;
use mychartum_core::access::pack::{EXAMPLE_PACK, PolicyPack};
use mychartum_core::account::{
    AccountSettings, Answer, DeviceToken, Entered, Knock, LinkToken, NewAccount, Password, Progress, SentBy,
    SessionToken, SignInError, Source, TotpSecret, Trust, Username,
};
use mychartum_core::chart::{SourceId, SourceRef};
use mychartum_core::kernel::id::{AccountId, PatientId};
use mychartum_core::kernel::text::Label;
use mychartum_core::kernel::{Address, EmailAddress};
use mychartum_core::port::notifier::Notice;
use mychartum_core::port::{Clock as _, Storage};
use mychartum_core::portal::{Activating, ActivationError, Issued, NewCredentials, Portal, Session, Settings, Whom};
use mychartum_storage::MemoryStorage;
use mychartum_testkit::{KeptNotifier, ManualClock, SeededEntropy};

pub(crate) const PASSWORD: &str = "a long line of her own";
pub(crate) const OTHER: &str = "quite another long line";
pub(crate) const STAFF: AccountId = AccountId::from_bytes([0x57; 16]);

/// What the shipped policy says of accounts, to be changed in a test.
const ACCOUNTS: &str = include_str!("../../../mychartum-core/policies/accounts.toml");

pub(crate) struct Clinic {
    pub(crate) portal: Portal,
    pub(crate) clock: ManualClock,
    pub(crate) mail: KeptNotifier,
    pub(crate) maria: PatientId,
    pub(crate) nino: PatientId,
    _folder: tempfile::TempDir,
}

pub(crate) fn born() -> NaiveDate {
    NaiveDate::from_ymd_opt(1956, 3, 9).unwrap()
}

/// Nino is fifteen on the clock's first day.
pub(crate) fn nino_born() -> NaiveDate {
    NaiveDate::from_ymd_opt(2010, 6, 1).unwrap()
}

pub(crate) fn name(text: &str) -> Username {
    Username::parse(text).unwrap()
}

pub(crate) fn entered(text: &str) -> Password {
    Password::entered(text).unwrap()
}

pub(crate) fn email(text: &str) -> Address {
    Address::Email(EmailAddress::parse(text).unwrap())
}

pub(crate) fn from(source: &[u8]) -> Knock {
    Knock { source: Some(Source::new(source)), ..Knock::default() }
}

pub(crate) fn with(device: &DeviceToken) -> Knock {
    Knock { device: Some(DeviceToken::presented(device.expose())), ..Knock::default() }
}

pub(crate) fn again(token: &SessionToken) -> SessionToken {
    SessionToken::presented(token.expose())
}

/// Cheap hashes: what they cost is measured elsewhere.
fn settings(terms: u32) -> Settings {
    let accounts = AccountSettings { argon2_memory: 64, argon2_passes: 1, terms, ..AccountSettings::default() };
    Settings { accounts, ..Settings::default() }
}

impl Clinic {
    pub(crate) async fn new() -> Self {
        Self::with_policy(&[]).await
    }

    /// A clinic with some lines of the policy changed.
    pub(crate) async fn with_policy(changes: &[(&str, &str)]) -> Self {
        Self::on(MemoryStorage::new(), changes).await
    }

    /// A clinic with terms of a version.
    pub(crate) async fn with_terms(terms: u32) -> Self {
        Self::build(MemoryStorage::new(), &[], terms).await
    }

    pub(crate) async fn on(storage: impl Storage, changes: &[(&str, &str)]) -> Self {
        Self::build(storage, changes, 0).await
    }

    async fn build(storage: impl Storage, changes: &[(&str, &str)], terms: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = ManualClock::default();
        let mail = KeptNotifier::default();
        let mut accounts = ACCOUNTS.to_owned();
        for (from, to) in changes {
            assert!(accounts.contains(from), "{from}");
            accounts = accounts.replace(from, to);
        }
        let portal = Portal::builder()
            .storage(storage)
            .keys(FileKeyring::at(folder.path().join("clinic.key")))
            .clock(clock.clone())
            .entropy(SeededEntropy::new(5))
            .policy(PolicyPack::parse(&format!("{EXAMPLE_PACK}\n{accounts}")).unwrap())
            .settings(settings(terms))
            .notifier(mail.clone())
            .open()
            .await
            .unwrap();
        let source = SourceId::parse("riverside").unwrap();
        let patient = |id: &str, name: &str, born: NaiveDate, email: &str| {
            format!(
                r#"{{"resourceType":"Patient","id":"{id}","name":[{{"given":["{name}"],"family":"Lopez"}}],"birthDate":"{born}",
                "telecom":[{{"system":"email","value":"{email}"}},{{"system":"phone","value":"(617) 555-0134"}}]}}"#
            )
        };
        let texts =
            [patient("m", "Maria", born(), "maria@example.org"), patient("n", "Nino", nino_born(), "nino@example.org")];
        let bundle = format!(
            r#"{{"resourceType":"Bundle","type":"collection","entry":[{{"resource":{}}},{{"resource":{}}}]}}"#,
            texts[0], texts[1]
        );
        let read =
            FhirDelivery::open(vec![Input::bytes("clinic.json", bundle.into_bytes())], Limits::default(), &mut |_| {});
        assert!(read.refused().is_empty());
        let mut intake = portal.intake(source.clone()).unwrap();
        assert!(deliver(&mut intake, &read, &mut |_| {}).await.unwrap().is_empty());
        assert!(intake.finish().adds_up());
        let linked = |id: &str| SourceRef { kind: Label::parse("Patient").unwrap(), id: Label::parse(id).unwrap() };
        let maria = portal.linked(&source, &linked("m")).await.unwrap().unwrap();
        let nino = portal.linked(&source, &linked("n")).await.unwrap().unwrap();
        Self { portal, clock, mail, maria, nino, _folder: folder }
    }

    pub(crate) fn pass(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// Everything that is due is done.
    pub(crate) async fn settle(&self) {
        for _ in 0..5 {
            let report = self.portal.run_due().await.unwrap();
            assert_eq!(report.failed, 0);
            if report.done == 0 {
                return;
            }
        }
        panic!("there is always something due");
    }

    pub(crate) async fn issue(&self, by: SentBy) -> Issued {
        self.portal.issue_activation(STAFF, &Whom::Patient(self.maria), by).await.unwrap()
    }

    /// The token of the last link of a kind that was sent.
    pub(crate) async fn link(&self, notice: Notice) -> LinkToken {
        self.settle().await;
        LinkToken::presented(&self.mail.last(notice).unwrap().token.unwrap())
    }

    /// Maria with an account that she activated by a link to her e-mail.
    pub(crate) async fn activated(&self) -> (AccountId, Entered) {
        let issued = self.issue(SentBy::Email).await;
        let link = self.link(Notice::Activation).await;
        let open = self.portal.open_activation(&link, born(), &Knock::default()).await.unwrap();
        let entered =
            self.portal.activate(open, &maria_chooses(&name("maria"), &entered(PASSWORD)), Knock::default()).await;
        (issued.account, done(entered.unwrap()))
    }

    /// The holder of a link chooses a name and a password.
    pub(crate) async fn choose(
        &self,
        open: Activating,
        username: &str,
        password: &str,
    ) -> Result<Progress, ActivationError> {
        let (username, password) = (name(username), entered(password));
        self.portal.activate(open, &maria_chooses(&username, &password), Knock::default()).await
    }

    pub(crate) async fn session(&self, entered: &Entered) -> Session {
        self.portal.resume(&entered.session).await.unwrap()
    }

    pub(crate) async fn sign_in(&self, password: &str, knock: Knock) -> Result<Progress, SignInError> {
        self.portal.begin_sign_in(&name("maria"), &entered(password), knock).await
    }

    /// Maria with an authenticator app; returns its secret and her recovery codes.
    pub(crate) async fn with_app(&self) -> (AccountId, Entered, TotpSecret, Vec<String>) {
        let (account, entered) = self.activated().await;
        let session = self.session(&entered).await;
        let secret = session.begin_totp().await.unwrap();
        let codes = session.enrol_totp(&self.code(&secret)).await.unwrap();
        let codes = codes.iter().map(|code| code.expose().to_owned()).collect();
        self.pass(Duration::seconds(30));
        (account, entered, secret, codes)
    }

    /// The code that an authenticator app shows now.
    pub(crate) fn code(&self, secret: &TotpSecret) -> String {
        code_at(secret, u64::try_from(self.clock.now().timestamp()).unwrap() / 30)
    }

    pub(crate) async fn answer(&self, progress: Progress, answer: &Answer<'_>) -> Result<Progress, SignInError> {
        let Progress::Asked(flow) = progress else { panic!("nothing more is asked") };
        self.portal.answer(&flow.token, answer, &Knock::default(), Trust::No).await
    }

    /// An account that the host opened, for somebody else.
    pub(crate) async fn open_account(&self, username: &str, own: Option<PatientId>) -> AccountId {
        let new = NewAccount { username: name(username), password: Password::new(PASSWORD).unwrap(), own };
        self.portal.open_account(new).await.unwrap()
    }
}

pub(crate) fn maria_chooses<'a>(username: &'a Username, password: &'a Password) -> NewCredentials<'a> {
    NewCredentials { username, password, terms: None, language: None }
}

pub(crate) fn done(progress: Progress) -> Entered {
    match progress {
        Progress::Entered(entered) => entered,
        Progress::Asked(flow) => panic!("asked for {:?}", flow.step),
    }
}

/// The code of a step: found by trying, which takes the verifier itself and no second implementation.
fn code_at(secret: &TotpSecret, step: u64) -> String {
    let at = chrono::DateTime::from_timestamp(i64::try_from(step * 30).unwrap(), 0).unwrap();
    let codes = (0..1_000_000).map(|number| format!("{number:06}"));
    let found = codes.into_iter().find(|code| secret.verify(code, at, Some(step - 1)) == Some(step));
    found.expect("one of a million is right")
}
