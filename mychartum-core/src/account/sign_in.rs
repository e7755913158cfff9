//! Signing in: look up, check, complete, and what is asked in between.
//!
//! Three steps for the password, since the middle one takes 20 ms of pure computing: a host runs it where it may block. What is
//! asked after it is said by [`next_step`](super::next_step) alone.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::audit::{Action, Actor, Facts, Outcome, Purpose};
use crate::kernel::hidden;
use crate::kernel::id::AccountId;
use crate::ledger::{Change, Draft, Failure, Ledger, Patience, Stored, encode};
use crate::notify::{LinkOf, Planned, Recipient};
use crate::port::Entropy;
use crate::port::notifier::Notice;
use crate::port::storage::{Delete, Partition, StorageErrorKind};

use super::challenge::{NewChallenge, OpenChallenge};
use super::credential::{DeviceLabel, HashGate, Password, PasswordHash, PepperKey, RecoveryCode};
use super::devices::KnownDevice;
use super::error::SignInError;
use super::gate::{Shown, Step, next_step};
use super::record::AccountRecord;
use super::secret_token::{ChallengeToken, DeviceToken, SessionToken};
use super::sessions::NewSession;
use super::settings::{AccountSettings, Rules};
use super::throttle::Budgeted;
use super::username::Username;

/// Who stands at the door, as far as the host knows.
#[derive(Debug, Default)]
pub struct Knock {
    /// Where the request comes from.
    pub source: Option<Source>,
    /// What the browser keeps of an earlier sign-in.
    pub device: Option<DeviceToken>,
    /// What the browser says it is.
    pub label: DeviceLabel,
}

/// Where requests come from: the host's own key for it, such as the first 24 or 56 bits of an address. It is stored as a keyed
/// hash only.
#[derive(Clone, PartialEq, Eq)]
pub struct Source(Box<[u8]>);

hidden!(Source);

impl Source {
    /// Takes a key, of which at most 64 bytes count.
    #[must_use]
    pub fn new(key: &[u8]) -> Self {
        Self(key.iter().copied().take(64).collect())
    }

    pub(crate) fn budget(&self) -> Budgeted<'_> {
        Budgeted::Source(&self.0)
    }
}

/// A sign-in that was looked up and waits for its password to be checked.
#[derive(Debug)]
pub struct SignInAttempt {
    /// Whose, and the state of the credentials that the password was read from.
    account: Option<(AccountId, u64)>,
    name: Name,
    password: PasswordHash,
    pepper: PepperKey,
    gate: Arc<HashGate>,
    settings: AccountSettings,
    entropy: Arc<dyn Entropy>,
    knock: Knock,
    device: Option<KnownDevice>,
}

/// A sign-in whose password was checked.
#[derive(Debug)]
pub struct CheckedSignIn {
    account: Option<(AccountId, u64)>,
    name: Name,
    knock: Knock,
    device: Option<KnownDevice>,
    rehashed: Option<PasswordHash>,
    proven: bool,
}

/// A name in the form in which it is compared.
struct Name(String);

hidden!(Name);

/// How far a sign-in is.
#[derive(Debug)]
pub enum Progress {
    /// It is complete.
    Entered(Entered),
    /// Something more is asked.
    Asked(Flow),
}

/// A sign-in that is complete.
#[derive(Debug)]
pub struct Entered {
    /// The session.
    pub session: SessionToken,
    /// What the browser is to keep, so that it is known again; none where it has that already.
    pub device: Option<DeviceToken>,
    /// Recovery codes that were made just now: to be shown once. A code that was used is replaced by another.
    pub recovery_codes: Vec<RecoveryCode>,
}

/// A sign-in that goes on: a flow as data, which any front end can show.
#[derive(Debug)]
pub struct Flow {
    /// By which it is continued.
    pub token: ChallengeToken,
    /// What is asked.
    pub step: Step,
    /// Until when it can be continued, exclusive.
    pub expires: DateTime<Utc>,
}

/// Somebody at the door of an account that is known.
pub(super) struct Arrival<'a> {
    pub(super) account: AccountId,
    pub(super) record: AccountRecord,
    /// The version of the account's row that the record was read at.
    pub(super) version: u64,
    /// Whether the record differs from what is stored.
    pub(super) is_changed: bool,
    pub(super) shown: Shown,
    pub(super) label: DeviceLabel,
    pub(super) device: Option<&'a KnownDevice>,
    /// Whether the device is to be trusted from now on.
    pub(super) trust: bool,
    /// The sign-in that is continued, where it is one.
    pub(super) challenge: Option<OpenChallenge>,
    /// Notices about what changed on the way.
    pub(super) rows: Vec<Draft>,
    pub(super) recovery_codes: Vec<RecoveryCode>,
}

impl<'a> Arrival<'a> {
    /// Somebody who has shown the password and nothing else.
    fn by_password(
        account: AccountId,
        (record, version): (AccountRecord, u64),
        label: DeviceLabel,
        device: Option<&'a KnownDevice>,
    ) -> Self {
        Self {
            account,
            record,
            version,
            is_changed: false,
            shown: Shown { password: true, factor: None },
            label,
            device,
            trust: false,
            challenge: None,
            rows: Vec::new(),
            recovery_codes: Vec::new(),
        }
    }
}

impl SignInAttempt {
    /// Checks the password. Computes for some 20 ms, also for a name that nobody has.
    ///
    /// # Errors
    /// [`SignInError::Failure`]; a wrong password is told by completing.
    pub fn check(self, password: &Password) -> Result<CheckedSignIn, SignInError> {
        let matches = self.password.matches(password, &self.pepper, &self.gate)?;
        let proven = matches && self.account.is_some();
        let outdated = proven && self.password.needs_rehash(&self.settings, self.pepper.id());
        let rehashed = outdated
            .then(|| PasswordHash::new(password, &self.pepper, &self.settings, &self.gate, &*self.entropy))
            .transpose()?;
        let Self { account, name, knock, device, .. } = self;
        Ok(CheckedSignIn { account, name, knock, device, rehashed, proven })
    }
}

impl Ledger {
    /// Takes the tries that a sign-in costs, and finds what the password is compared with.
    pub(crate) async fn look_up(
        &self,
        username: &Username,
        knock: Knock,
        rules: Rules<'_>,
    ) -> Result<SignInAttempt, SignInError> {
        let throttle = &rules.policy.throttle;
        if let Some(source) = &knock.source {
            self.take_try(source.budget(), throttle).await??;
        }
        let name = Name(username.folded());
        // Whose device it is says its own token, and the try is taken before the name is looked up: waiting takes as long for a
        // name that nobody has.
        let device = match &knock.device {
            Some(token) => self.device_of_name(token, &name).await?,
            None => None,
        };
        let known = device.as_ref().map(|(account, _)| *account);
        let device = device.map(|(_, device)| device);
        self.take_try(budget(known, device.as_ref(), &name), throttle).await??;
        let found = self.account_by_username(username).await?;
        let pepper = self.pepper_key();
        let nobody = || PasswordHash::of_nobody(rules.settings, pepper.id());
        let (account, password) = match found {
            Some((account, record, _)) => {
                let credentials = record.credentials;
                record.password.map_or_else(|| (None, nobody()), |password| (Some((account, credentials)), password))
            }
            None => (None, nobody()),
        };
        Ok(SignInAttempt {
            account,
            name,
            password,
            pepper,
            gate: Arc::clone(&self.hashes),
            settings: *rules.settings,
            entropy: Arc::clone(&self.entropy),
            knock,
            device,
        })
    }

    /// The account and the device that a token is of, where it is the account of this name.
    async fn device_of_name(
        &self,
        token: &DeviceToken,
        name: &Name,
    ) -> Result<Option<(AccountId, KnownDevice)>, Failure> {
        let Some(account) = token.owner() else { return Ok(None) };
        let Some(device) = self.known_device(account, Some(token)).await? else { return Ok(None) };
        let record = self.account_record(account).await?;
        let own = record.and_then(|(record, _)| record.username).is_some_and(|own| own.folded() == name.0);
        Ok(own.then_some((account, device)))
    }

    /// Goes on with a proven sign-in, and writes down either outcome.
    pub(crate) async fn complete(&self, checked: CheckedSignIn, rules: Rules<'_>) -> Result<Progress, SignInError> {
        let Some((account, credentials)) = checked.account.filter(|_| checked.proven) else {
            return self.refuse(checked.account.map(|(account, _)| account)).await;
        };
        self.forgive(budget(Some(account), checked.device.as_ref(), &checked.name)).await?;
        let mut patience = Patience::default();
        loop {
            let found = self.account_record(account).await?;
            // A password that was set anew while an older one was being checked lets no session of the older one begin.
            let Some((mut record, version)) = found.filter(|(record, _)| record.credentials == credentials) else {
                return self.refuse(Some(account)).await;
            };
            let is_changed = checked.rehashed.is_some();
            record.password = checked.rehashed.clone().or(record.password);
            let device = checked.device.as_ref();
            let arrival =
                Arrival { is_changed, ..Arrival::by_password(account, (record, version), checked.knock.label, device) };
            match self.arrive(arrival, rules).await {
                Err(SignInError::Failure(Failure::Storage(error)))
                    if error.kind() == StorageErrorKind::Conflict && patience.is_left() => {}
                outcome => return outcome,
            }
        }
    }

    /// Lets somebody in, or says what is asked next; whichever it is, is written down.
    pub(super) async fn arrive(&self, arrival: Arrival<'_>, rules: Rules<'_>) -> Result<Progress, SignInError> {
        let now = self.now();
        let account = arrival.account;
        let partition = Partition::account(account);
        let acts = !self.scan(&crate::port::storage::Scan::new(partition, Stored::ACTING, 1)).await?.is_empty();
        let trusted = arrival.device.is_some_and(|device| device.is_trusted(now));
        let door = arrival.record.doorway(rules.policy, acts, trusted, rules.settings.terms);
        let step = next_step(&door, arrival.shown, now);
        let mut puts = arrival.rows;
        let mut deletes: Vec<Delete> = Vec::new();
        let outcome = match step {
            Step::Shut => return self.refuse_shut(account, arrival.record.state).await,
            Step::Enter { assurance } => {
                // Only a factor that was shown now makes a device trusted; trust does not renew itself.
                let trust = arrival.trust && arrival.shown.factor.is_some();
                let trusted_until = trust.then(|| now + rules.policy.trusted_device);
                let (device, put, token) =
                    self.device_row(account, arrival.device, arrival.label, trusted_until, now)?;
                puts.push(put);
                if token.is_some() {
                    deletes.extend(self.oldest_devices(account).await?);
                    puts.push(self.notice(Notice::NewSignIn, account, now)?);
                }
                // Where there is a factor that was not shown, what is sensitive asks for it.
                let is_fresh = arrival.shown.factor.is_some() || door.enrolled.is_empty();
                let epoch = arrival.record.epoch;
                let new = NewSession { device: Some(device), assurance, epoch, is_fresh };
                let (session, put, session_token) = self.session_row(account, new, now)?;
                puts.push(put);
                deletes.extend(arrival.challenge.as_ref().map(OpenChallenge::delete));
                let own = arrival.challenge.as_ref().map(|challenge| challenge.delete().row);
                let stale = self.stale_challenges(account).await?;
                deletes.extend(stale.into_iter().filter(|stale| Some(stale.row) != own));
                let entered = Entered { session: session_token, device: token, recovery_codes: arrival.recovery_codes };
                (Some(session), Action::SignIn, Progress::Entered(entered))
            }
            step => {
                let until = now + rules.policy.code;
                let (token, expires) = match &arrival.challenge {
                    Some(open) => {
                        let mut record = open.record.clone();
                        record.factor = arrival.shown.factor;
                        record.credentials = arrival.record.credentials;
                        puts.push(open.put(&record)?);
                        (open.token(), record.until)
                    }
                    None => {
                        let tries = rules.policy.wrong_codes;
                        let credentials = arrival.record.credentials;
                        let new = NewChallenge { credentials, until, tries, label: arrival.label };
                        let (put, token) = self.challenge_row(account, new, now)?;
                        puts.push(put);
                        (token, until)
                    }
                };
                (None, Action::SignInContinued, Progress::Asked(Flow { token, step, expires }))
            }
        };
        let (session, action, progress) = outcome;
        if arrival.is_changed {
            let version = arrival.version + 1;
            puts.push(Draft { version, ..Draft::first(Stored::RECORD, Stored::ONLY, 0, encode(&arrival.record)?) });
        }
        let facts = Facts {
            session,
            ..Facts::new(now, Actor::Account(account), action, Purpose::Verification, Outcome::Permitted)
        };
        self.record(Change { partition, puts, deletes }, facts).await?;
        Ok(progress)
    }

    /// Goes on for somebody who has just chosen the password by a link of the clinic and the date of birth.
    pub(crate) async fn enter_activated(
        &self,
        account: AccountId,
        knock: Knock,
        rules: Rules<'_>,
    ) -> Result<Progress, SignInError> {
        let mut patience = Patience::default();
        loop {
            let found = self.account_record(account).await?;
            let (record, version) = found.ok_or(SignInError::Refused)?;
            let device = self.known_device(account, knock.device.as_ref()).await?;
            let arrival = Arrival::by_password(account, (record, version), knock.label, device.as_ref());
            match self.arrive(arrival, rules).await {
                Err(SignInError::Failure(Failure::Storage(error)))
                    if error.kind() == StorageErrorKind::Conflict && patience.is_left() => {}
                outcome => return outcome,
            }
        }
    }

    /// The row of a notice for an account about itself. What tells of danger carries the link to say "this wasn't me".
    pub(crate) fn notice(&self, notice: Notice, account: AccountId, now: DateTime<Utc>) -> Result<Draft, Failure> {
        let planned = Planned::new(notice, Recipient::Account(account), now).with_link(LinkOf::Freeze);
        planned.draft(self.random_id()?)
    }

    pub(super) async fn refuse<T>(&self, account: Option<AccountId>) -> Result<T, SignInError> {
        self.write_refusal(account).await?;
        Err(SignInError::Refused)
    }

    async fn refuse_shut<T>(&self, account: AccountId, state: super::AccountState) -> Result<T, SignInError> {
        self.write_refusal(Some(account)).await?;
        Err(SignInError::Shut(state))
    }

    pub(super) async fn write_refusal(&self, account: Option<AccountId>) -> Result<(), Failure> {
        let partition = account.map_or(Partition::SYSTEM, Partition::account);
        let facts = Facts {
            account,
            ..Facts::new(self.now(), Actor::Unknown, Action::SignInRefused, Purpose::Verification, Outcome::Refused)
        };
        self.record(Change::none(partition), facts).await.map(drop)
    }
}

fn budget<'a>(account: Option<AccountId>, device: Option<&KnownDevice>, name: &'a Name) -> Budgeted<'a> {
    match (account, device) {
        (Some(account), Some(device)) => Budgeted::Device(account, device.id.to_bytes()),
        _ => Budgeted::Strangers(&name.0),
    }
}
