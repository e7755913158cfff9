//! What the holder of an account sees and changes of it.

use chrono::{DateTime, Utc};

use crate::access::AccessError;
use crate::access::pack::SecondFactorRule;
use crate::account::{AccountChange, AccountRecord, Proved, prove_passkey};
use crate::account::{
    AccountError, AccountState, Budgeted, By, Contacts, Factor, FactorSet, Password, RecoveryCode, SessionError,
    SessionToken, TotpSecret, Username,
};
use crate::audit::{Action, Actor, Facts, Outcome, Purpose};
use crate::kernel::id::PatientId;
use crate::kernel::{Address, LanguageTag, hidden};
use crate::ledger::{Change, Failure};
use crate::notify::Preferences;
use crate::port::notifier::Notice;
use crate::port::passkeys::{CredentialId, PasskeyName, PasskeyUser, UserHandle};
use crate::port::storage::Partition;

use crate::vault::IdDomain;

use super::super::session::Session;

/// By what somebody proves anew who they are.
#[derive(Debug)]
pub enum Proof<'a> {
    /// The password: where the account has no second factor.
    Password(&'a Password),
    /// A code of the authenticator app.
    Totp(&'a str),
    /// A saved recovery code.
    RecoveryCode(&'a str),
    /// What the browser says for a passkey, to [`Session::passkey_proof_options`].
    Passkey(&'a str),
}

/// A session that was proved anew.
#[derive(Debug)]
pub struct SteppedUp {
    /// By which the session goes on.
    pub session: SessionToken,
    /// The recovery code that takes the place of the one that was used: to be shown once.
    pub recovery_code: Option<RecoveryCode>,
}

/// An account as its holder sees it.
pub struct OwnAccount {
    /// The name to sign in with.
    pub username: Option<Username>,
    /// Where it stands.
    pub state: AccountState,
    /// Since when it exists.
    pub opened_at: DateTime<Utc>,
    /// Second factors that are set up.
    pub factors: FactorSet,
    /// Since when there is an authenticator app.
    pub totp_since: Option<DateTime<Utc>>,
    /// Passkeys, with when they were added.
    pub passkeys: Vec<(CredentialId, DateTime<Utc>)>,
    /// How many saved recovery codes are left; none where there never were any.
    pub recovery_codes_left: Option<usize>,
    /// Addresses.
    pub contacts: Contacts,
    /// What is wanted to be told.
    pub preferences: Preferences,
    /// In which language.
    pub language: Option<LanguageTag>,
    /// When a recovery without the second factor comes true, where one was begun.
    pub recovery_at: Option<DateTime<Utc>>,
}

hidden!(OwnAccount);

impl Session {
    /// The account of this session.
    ///
    /// # Errors
    /// [`AccountError::SessionEnded`].
    pub async fn own_account(&self) -> Result<OwnAccount, AccountError> {
        self.alive().await?;
        let policy = self.portal.policy.accounts();
        let found = self.portal.ledger.account_record(self.live.account).await?;
        let (record, _) = found.ok_or(AccountError::NoSuchAccount)?;
        Ok(OwnAccount {
            factors: record.factors.enrolled(policy),
            totp_since: record.factors.totp.as_ref().map(|totp| totp.since),
            passkeys: record.factors.passkeys.iter().map(|(passkey, at)| (passkey.id.clone(), *at)).collect(),
            recovery_codes_left: record.factors.recovery_codes.as_ref().map(crate::account::RecoveryCodes::left),
            username: record.username,
            state: record.state,
            opened_at: record.opened_at,
            contacts: record.contacts,
            preferences: record.preferences,
            language: record.language,
            recovery_at: record.recovery.map(|recovery| recovery.ready_at),
        })
    }

    /// Whether its holder proved not long ago who it is, so that what is sensitive may be done.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        let (now, lasts) = (self.portal.ledger.now(), self.portal.policy.accounts().step_up);
        // A proof from the future is none: the clock stepped back.
        self.live.proved_at.is_some_and(|proved| proved <= now && now < proved + lasts)
    }

    /// Proves anew who it is, by the strongest that the account has. The session goes on under a new token; this one is over.
    ///
    /// # Errors
    /// [`AccountError::Wrong`], [`AccountError::Wait`], [`AccountError::NotOffered`] for a password where there is a second
    /// factor.
    pub async fn step_up(&self, proof: &Proof<'_>) -> Result<SteppedUp, AccountError> {
        self.alive().await?;
        let (ledger, account, rules) = (&self.portal.ledger, self.live.account, self.portal.rules());
        ledger.take_try(Budgeted::Factor(account), &rules.policy.throttle).await??;
        let (assurance, recovery_code) = match proof {
            Proof::Password(password) => {
                let found = ledger.account_record(account).await?;
                let (record, _) = found.ok_or(AccountError::NoSuchAccount)?;
                if !record.factors.enrolled(rules.policy).is_empty() {
                    return Err(AccountError::NotOffered);
                }
                let matches =
                    record.password.map(|known| known.matches(password, &ledger.pepper_key(), &ledger.hashes));
                if !matches.transpose()?.unwrap_or(false) {
                    return self.wrong().await;
                }
                (1, None)
            }
            Proof::Totp(code) => (2, self.prove(|record| Ok(ledger.prove_totp(record, code))).await?),
            Proof::RecoveryCode(code) => {
                (2, self.prove(|record| ledger.prove_recovery_code(record, code, rules)).await?)
            }
            Proof::Passkey(response) => {
                let asked = ledger.session_challenge(&self.live).await?.ok_or(AccountError::Wrong)?;
                let verifier = self.portal.outside.passkeys.as_deref();
                (2, self.prove(|record| Ok(prove_passkey(record, &asked, response, verifier))).await?)
            }
        };
        ledger.forgive(Budgeted::Factor(account)).await?;
        let session = ledger.stepped_up(&self.live, assurance).await.map_err(ended)?;
        Ok(SteppedUp { session, recovery_code })
    }

    /// What the browser needs to prove a passkey of the account: JSON for `navigator.credentials.get`.
    ///
    /// # Errors
    /// [`AccountError::NotOffered`] without passkeys.
    pub async fn passkey_proof_options(&self) -> Result<String, AccountError> {
        self.alive().await?;
        let verifier = self.portal.outside.passkeys.as_ref().ok_or(AccountError::NotOffered)?;
        let found = self.portal.ledger.account_record(self.live.account).await?;
        let (record, _) = found.ok_or(AccountError::NoSuchAccount)?;
        let known: Vec<_> = record.factors.passkeys.iter().map(|(passkey, _)| passkey.clone()).collect();
        let challenge = self.portal.ledger.set_session_challenge(&self.live).await.map_err(ended)?;
        verifier.sign_in_options(&challenge, &known).map_err(|_| AccountError::NotOffered)
    }

    /// Changes the record by a proof that is used up by it; what takes the place of a recovery code is told to its holder.
    async fn prove(
        &self,
        proof: impl Fn(&mut AccountRecord) -> Result<Option<Proved>, Failure>,
    ) -> Result<Option<RecoveryCode>, AccountError> {
        let (ledger, account) = (&self.portal.ledger, self.live.account);
        let replaced = std::sync::Mutex::new(None);
        let proved = ledger.change_by(account, self.by(), |before, now| {
            let mut record = before.clone();
            let proved = proof(&mut record)?.ok_or(AccountError::Wrong)?;
            let mut change = AccountChange::new(record, Action::StepUp);
            if let Some(code) = proved.replacement {
                change = change.telling(ledger.notice(Notice::RecoveryCodeUsed, account, now)?);
                *replaced.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(code);
            }
            Ok(change)
        });
        match proved.await {
            Err(AccountError::Wrong) => self.wrong().await,
            Err(error) => Err(error),
            Ok(_) => Ok(replaced.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)),
        }
    }

    async fn wrong<T>(&self) -> Result<T, AccountError> {
        let facts = Facts {
            session: Some(self.live.id),
            account: Some(self.live.account),
            ..Facts::new(
                self.portal.ledger.now(),
                Actor::Account(self.live.account),
                Action::StepUp,
                Purpose::Verification,
                Outcome::Refused,
            )
        };
        self.portal.ledger.record(Change::none(Partition::account(self.live.account)), facts).await?;
        Err(AccountError::Wrong)
    }

    /// Turns to a chart that the account acts for, or back to the own ones. The session goes on under a new token; this one is
    /// over.
    ///
    /// # Errors
    /// [`AccessError::NotFound`] for a chart that it does not act for.
    pub async fn act_for(&self, subject: Option<PatientId>) -> Result<SessionToken, AccessError> {
        if !self.is_live().await? {
            return Err(AccessError::SessionEnded);
        }
        if let Some(patient) = subject.filter(|patient| !self.live.own.contains(patient)) {
            let acting = self.acting_for().await.map_err(|error| match error {
                super::super::ProxyError::Failure(failure) => AccessError::Failure(failure),
                super::super::ProxyError::SessionEnded => AccessError::SessionEnded,
                _ => AccessError::NotFound,
            })?;
            if !acting.iter().any(|acting| acting.patient == patient) {
                return Err(AccessError::NotFound);
            }
        }
        self.portal.ledger.turned_to(&self.live, subject).await.map_err(|error| match error {
            SessionError::Failure(failure) => AccessError::Failure(failure),
            _ => AccessError::SessionEnded,
        })
    }

    /// For whom this session acts now; none for its holder's own affairs.
    #[must_use]
    pub const fn acting_subject(&self) -> Option<PatientId> {
        self.live.acting_for
    }

    /// How sure it is who it is: 1 a password, 2 a second factor.
    #[must_use]
    pub const fn assurance(&self) -> u8 {
        self.live.assurance
    }

    /// Changes the password, by the present one (OWASP ASVS 5.0, 6.2.3). Every session ends, this one too: sign in anew.
    ///
    /// # Errors
    /// [`AccountError::Wrong`] for another present password, [`AccountError::Wait`], [`AccountError::StepUp`],
    /// [`AccountError::Password`] with the reason.
    pub async fn change_password(&self, present: &Password, password: &Password) -> Result<(), AccountError> {
        self.sensitive().await?;
        let (ledger, account, rules) = (&self.portal.ledger, self.live.account, self.portal.rules());
        ledger.take_try(Budgeted::Factor(account), &rules.policy.throttle).await??;
        let found = ledger.account_record(account).await?;
        let (record, _) = found.ok_or(AccountError::NoSuchAccount)?;
        let matches = record.password.map(|known| known.matches(present, &ledger.pepper_key(), &ledger.hashes));
        if !matches.transpose()?.unwrap_or(false) {
            return self.wrong().await;
        }
        ledger.forgive(Budgeted::Factor(account)).await?;
        ledger.change_password(account, self.by(), password, rules).await?;
        self.forget_devices(|_| true).await
    }

    /// Begins to set up an authenticator app, or goes on with it: the secret to be shown as a QR code and as letters, the same one
    /// until it is confirmed by its first code.
    ///
    /// # Errors
    /// [`AccountError::StepUp`], [`AccountError::NotOffered`].
    pub async fn begin_totp(&self) -> Result<TotpSecret, AccountError> {
        self.sensitive().await?;
        if self.portal.policy.accounts().second_factor == SecondFactorRule::Off {
            return Err(AccountError::NotOffered);
        }
        self.portal.ledger.begin_session_totp(&self.live).await.map_err(ended)
    }

    /// Confirms an authenticator app by its first code. The first second factor brings ten recovery codes, to be shown once.
    ///
    /// # Errors
    /// [`AccountError::Wrong`], [`AccountError::StepUp`], [`AccountError::NotOffered`] where none was begun.
    pub async fn enrol_totp(&self, code: &str) -> Result<Vec<RecoveryCode>, AccountError> {
        self.sensitive().await?;
        let (ledger, account, rules) = (&self.portal.ledger, self.live.account, self.portal.rules());
        ledger.take_try(Budgeted::Factor(account), &rules.policy.throttle).await??;
        let secret = ledger.session_totp(&self.live).await?.ok_or(AccountError::NotOffered)?;
        let codes = ledger.enrol_totp(account, self.by(), (&secret, code), rules).await?;
        ledger.forgive(Budgeted::Factor(account)).await?;
        Ok(codes)
    }

    /// What the browser needs to make a passkey: JSON for `navigator.credentials.create`.
    ///
    /// # Errors
    /// [`AccountError::NotOffered`] without passkeys, [`AccountError::StepUp`].
    pub async fn new_passkey_options(&self, shown: PasskeyName) -> Result<String, AccountError> {
        self.sensitive().await?;
        let verifier = self.portal.outside.passkeys.as_ref().ok_or(AccountError::NotOffered)?;
        let (user, known) = self.passkey_user(shown).await?;
        let challenge = self.portal.ledger.set_session_challenge(&self.live).await.map_err(ended)?;
        verifier.enrolment_options(&user, &challenge, &known).map_err(|_| AccountError::NotOffered)
    }

    /// Adds the passkey that the browser made for such options. The first second factor brings ten recovery codes.
    ///
    /// # Errors
    /// [`AccountError::Wrong`] for a response that does not hold, [`AccountError::StepUp`].
    pub async fn add_passkey(&self, shown: PasskeyName, response: &str) -> Result<Vec<RecoveryCode>, AccountError> {
        self.sensitive().await?;
        let verifier = self.portal.outside.passkeys.as_ref().ok_or(AccountError::NotOffered)?;
        let asked = self.portal.ledger.session_challenge(&self.live).await?.ok_or(AccountError::Wrong)?;
        let (user, _) = self.passkey_user(shown).await?;
        let passkey = verifier.enrol(&user, &asked, response).map_err(|_| AccountError::Wrong)?;
        self.portal.ledger.add_passkey(self.live.account, self.by(), &passkey, self.portal.rules()).await
    }

    /// Who passkeys of this account are for: the same opaque handle for all of them.
    async fn passkey_user(&self, name: PasskeyName) -> Result<(PasskeyUser, Vec<CredentialId>), AccountError> {
        let ledger = &self.portal.ledger;
        let found = ledger.account_record(self.live.account).await?;
        let (record, _) = found.ok_or(AccountError::NoSuchAccount)?;
        let known = record.factors.passkeys.iter().map(|(passkey, _)| passkey.id.clone()).collect();
        let handle = ledger.vault.index().id(IdDomain::Row, &[b"passkey user", &self.live.account.to_bytes()]);
        let handle = UserHandle::new(&handle).map_err(|_| Failure::Damaged("user handle"))?;
        Ok((PasskeyUser { handle, name }, known))
    }

    /// Lets codes by text or e-mail stand for a second factor, where the clinic allows it.
    ///
    /// # Errors
    /// [`AccountError::NotOffered`], [`AccountError::StepUp`].
    pub async fn allow_codes(&self, factor: Factor) -> Result<(), AccountError> {
        self.sensitive().await?;
        self.portal.ledger.allow_codes(self.live.account, self.by(), factor, self.portal.rules()).await
    }

    /// Removes a second factor; of several passkeys the one that is named.
    ///
    /// # Errors
    /// [`AccountError::NotOffered`] for the last one where the policy wants one; [`AccountError::StepUp`].
    pub async fn remove_factor(&self, factor: Factor, passkey: Option<&CredentialId>) -> Result<(), AccountError> {
        self.sensitive().await?;
        let rules = self.portal.rules();
        self.portal.ledger.remove_factor(self.live.account, self.by(), (factor, passkey), rules).await?;
        // Trust in a device was earned by a factor that may be the one that is gone.
        self.forget_devices(|_| true).await
    }

    /// Makes ten new recovery codes, to be shown once; the earlier ones are worth nothing from then on.
    ///
    /// # Errors
    /// [`AccountError::NotOffered`] without a second factor; [`AccountError::StepUp`].
    pub async fn new_recovery_codes(&self) -> Result<Vec<RecoveryCode>, AccountError> {
        self.sensitive().await?;
        self.portal.ledger.renew_recovery_codes(self.live.account, self.by(), self.portal.rules()).await
    }

    /// Adds an address and sends a code to it. Every address that was known before is told.
    ///
    /// # Errors
    /// [`AccountError::Contact`], [`AccountError::StepUp`].
    pub async fn add_contact(&self, address: &Address) -> Result<(), AccountError> {
        self.sensitive().await?;
        // Each brings a new code and new tries, so there are few an hour.
        let (throttle, account) = (&self.portal.policy.accounts().throttle, self.live.account);
        self.portal.ledger.take_try(Budgeted::Contact(account), throttle).await??;
        self.portal.may_have(account, &self.live.own, address).await?;
        self.portal.ledger.add_contact(self.live.account, self.by(), address, self.portal.rules()).await
    }

    /// Proves an address by the code that was sent to it.
    ///
    /// # Errors
    /// [`ContactError::WrongCode`](crate::account::ContactError::WrongCode).
    pub async fn verify_contact(&self, address: &Address, code: &str) -> Result<(), AccountError> {
        self.writing().await?;
        let (ledger, account) = (&self.portal.ledger, self.live.account);
        ledger.verify_contact(account, self.by(), (address, code)).await?;
        Ok(ledger.note_contact(account, address).await?)
    }

    /// Removes an address. It is told, and so is every other.
    ///
    /// # Errors
    /// [`AccountError::Contact`], [`AccountError::StepUp`].
    pub async fn remove_contact(&self, address: &Address) -> Result<(), AccountError> {
        self.sensitive().await?;
        let (ledger, account) = (&self.portal.ledger, self.live.account);
        ledger.remove_contact(account, self.by(), address).await?;
        Ok(ledger.forget_contact(account, address).await?)
    }

    /// Says where everything is to be sent and nowhere else (45 CFR 164.522(b)), or ends that.
    ///
    /// # Errors
    /// [`AccountError::Contact`] for an address that is not proved; [`AccountError::StepUp`].
    pub async fn keep_confidential(&self, address: Option<&Address>) -> Result<(), AccountError> {
        self.sensitive().await?;
        let rules = self.portal.rules();
        self.portal.ledger.keep_confidential(self.live.account, self.by(), address, rules).await
    }

    /// Keeps what is wanted to be told, and in which language. What is mandatory comes whatever is said.
    ///
    /// # Errors
    /// [`AccountError::SessionEnded`].
    pub async fn prefer(&self, preferences: &Preferences, language: Option<&LanguageTag>) -> Result<(), AccountError> {
        self.writing().await?;
        self.portal.ledger.prefer(self.live.account, self.by(), preferences, language).await
    }

    pub(in crate::portal) const fn by(&self) -> By {
        By { actor: Actor::Account(self.live.account), session: Some(self.live.id) }
    }

    /// The session is still one.
    pub(in crate::portal) async fn alive(&self) -> Result<(), AccountError> {
        if self.is_live().await? { Ok(()) } else { Err(AccountError::SessionEnded) }
    }

    /// The session is still one, and its account may write.
    pub(in crate::portal) async fn writing(&self) -> Result<(), AccountError> {
        self.alive().await?;
        if self.live.state.may_write() { Ok(()) } else { Err(AccountError::NotOffered) }
    }

    /// The session may do what is sensitive.
    pub(in crate::portal) async fn sensitive(&self) -> Result<(), AccountError> {
        self.writing().await?;
        if self.is_fresh() { Ok(()) } else { Err(AccountError::StepUp) }
    }
}

fn ended(error: SessionError) -> AccountError {
    match error {
        SessionError::Failure(failure) => failure.into(),
        _ => AccountError::SessionEnded,
    }
}
