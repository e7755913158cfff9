//! Going on with a sign-in: what is shown after the password.

use crate::audit::{Action, Actor, Facts, Outcome, Purpose};
use crate::kernel::Address;
use crate::ledger::{Change, Draft, Failure, Ledger, Patience};
use crate::notify::{Planned, Recipient};
use crate::port::PasskeyVerifier;
use crate::port::notifier::Notice;
use crate::port::storage::{Partition, StorageErrorKind};

use super::challenge::{ChallengeRecord, OpenChallenge};
use super::credential::{Password, RecoveryCode, TotpSecret};
use super::error::SignInError;
use super::factor::Factor;
use super::gate::{Step, next_step};
use super::link_token::is_six_digits;
use super::record::{AccountRecord, Totp};
use super::secret_token::ChallengeToken;
use super::settings::Rules;
use super::sign_in::{Arrival, Knock, Progress};
use super::throttle::Budgeted;

/// What somebody shows or chooses to go on with a sign-in.
#[derive(Debug)]
pub enum Answer<'a> {
    /// A code of the authenticator app.
    Totp(&'a str),
    /// A saved recovery code.
    RecoveryCode(&'a str),
    /// The code that was sent by text or e-mail.
    SentCode(&'a str),
    /// What the browser says for a passkey: the JSON of the credential.
    Passkey(&'a str),
    /// A new password.
    NewPassword(&'a Password),
    /// The first code of the authenticator app that is being set up.
    Enrol(&'a str),
    /// The terms of this version are accepted.
    Terms(u32),
}

/// Whether the device is to be trusted once the sign-in is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Trust {
    /// Not.
    #[default]
    No,
    /// For as long as the policy says.
    Yes,
}

impl Ledger {
    /// Takes an answer, and writes down what becomes of it.
    pub(crate) async fn answer(
        &self,
        token: &ChallengeToken,
        answer: &Answer<'_>,
        (knock, trust): (&Knock, Trust),
        passkeys: Option<&dyn PasskeyVerifier>,
        rules: Rules<'_>,
    ) -> Result<Progress, SignInError> {
        // What is guessed is counted once, however often the writing has to be tried.
        let account = self.open_challenge(token).await?.ok_or(SignInError::Over)?.account;
        if matches!(answer, Answer::Totp(_) | Answer::RecoveryCode(_) | Answer::SentCode(_) | Answer::Passkey(_)) {
            self.take_try(Budgeted::Factor(account), &rules.policy.throttle).await??;
        }
        let mut patience = Patience::default();
        loop {
            match self.try_answer(token, answer, (knock, trust), passkeys, rules).await {
                Err(SignInError::Failure(Failure::Storage(error)))
                    if error.kind() == StorageErrorKind::Conflict && patience.is_left() => {}
                outcome => return outcome,
            }
        }
    }

    async fn try_answer(
        &self,
        token: &ChallengeToken,
        answer: &Answer<'_>,
        (knock, trust): (&Knock, Trust),
        passkeys: Option<&dyn PasskeyVerifier>,
        rules: Rules<'_>,
    ) -> Result<Progress, SignInError> {
        let open = self.open_challenge(token).await?.ok_or(SignInError::Over)?;
        let account = open.account;
        let (mut record, version) = self.current(&open).await?;
        let device = self.known_device(account, knock.device.as_ref()).await?;
        let now = self.now();
        let trusted = device.as_ref().is_some_and(|device| device.is_trusted(now));
        let acts = self.acts_for_others(account).await?;
        let door = record.doorway(rules.policy, acts, trusted, rules.settings.terms);
        let step = next_step(&door, open.record.shown(), now);
        let mut shown = open.record.shown();
        let mut rows = Vec::new();
        let mut codes = Vec::new();
        let mut is_changed = true;
        match (step, answer) {
            (
                Step::SecondFactor(_),
                Answer::Totp(_) | Answer::RecoveryCode(_) | Answer::SentCode(_) | Answer::Passkey(_),
            ) => {
                let proved = self.prove(&mut record, &open, answer, passkeys, rules)?;
                let Some(proved) = proved.filter(|proved| allowed(step, proved.factor)) else {
                    return self.wrong_answer(&open).await;
                };
                self.forgive(Budgeted::Factor(account)).await?;
                shown.factor = Some(proved.factor);
                if let Some(code) = proved.replacement {
                    codes.push(code);
                    rows.push(self.notice(Notice::RecoveryCodeUsed, account, now)?);
                }
                is_changed = proved.changes;
            }
            (Step::NewPassword, Answer::NewPassword(password)) => {
                self.put_password::<SignInError>(&mut record, password, rules)?;
                record.must_change_password = false;
                // Whoever signs in meanwhile with the old one is shut out; this sign-in goes on.
                record = record.shut_out();
                rows.push(self.notice(Notice::PasswordChanged, account, now)?);
            }
            (Step::Enrol, Answer::Enrol(code)) => {
                let enrolling = open.record.enrolling.clone();
                let Some((secret, last_step)) =
                    enrolling.and_then(|secret| secret.verify(code, now, None).map(|last_step| (secret, last_step)))
                else {
                    return self.wrong_answer(&open).await;
                };
                record.factors.totp = Some(Totp { secret, last_step: Some(last_step), since: now });
                record.credentials += 1;
                codes = self.new_recovery_codes(&mut record, rules)?;
                shown.factor = Some(Factor::Totp);
                rows.push(self.notice(Notice::FactorAdded, account, now)?);
            }
            (Step::Terms, Answer::Terms(version)) if *version == rules.settings.terms => {
                record.terms.push((*version, now));
            }
            _ => return Err(SignInError::NotAsked),
        }
        let arrival = Arrival {
            account,
            record,
            version,
            is_changed,
            shown,
            label: open.record.label,
            device: device.as_ref(),
            trust: trust == Trust::Yes,
            challenge: Some(open),
            rows,
            recovery_codes: codes,
        };
        self.arrive(arrival, rules).await
    }

    /// The account of a sign-in that is under way; it is over where its credentials changed since.
    async fn current(&self, open: &OpenChallenge) -> Result<(AccountRecord, u64), SignInError> {
        let found = self.account_record(open.account).await?;
        found.filter(|(record, _)| record.credentials == open.record.credentials).ok_or(SignInError::Over)
    }

    pub(super) async fn acts_for_others(&self, account: crate::kernel::id::AccountId) -> Result<bool, Failure> {
        let scan = crate::port::storage::Scan::new(Partition::account(account), crate::ledger::Stored::ACTING, 1);
        Ok(!self.scan(&scan).await?.is_empty())
    }

    /// Compares what was shown with what is enrolled; changes the record so that it is not accepted again.
    fn prove(
        &self,
        record: &mut AccountRecord,
        open: &OpenChallenge,
        answer: &Answer<'_>,
        passkeys: Option<&dyn PasskeyVerifier>,
        rules: Rules<'_>,
    ) -> Result<Option<Proved>, Failure> {
        let now = self.now();
        match answer {
            Answer::SentCode(code) => {
                let sent = open.record.code_until.is_some_and(|until| now < until);
                let row = code_row(open, &open.record);
                let right = sent && is_six_digits(&self.vault, open.account, row, code);
                let factor = if record.factors.text_codes { Factor::TextCode } else { Factor::EmailCode };
                Ok(right.then_some(Proved { factor, replacement: None, changes: false }))
            }
            Answer::Totp(code) => Ok(self.prove_totp(record, code)),
            Answer::RecoveryCode(code) => self.prove_recovery_code(record, code, rules),
            Answer::Passkey(response) => {
                let challenge = open.record.passkey;
                Ok(challenge.and_then(|challenge| prove_passkey(record, &challenge, response, passkeys)))
            }
            _ => Ok(None),
        }
    }

    /// A code of the authenticator app.
    pub(crate) fn prove_totp(&self, record: &mut AccountRecord, code: &str) -> Option<Proved> {
        let totp = record.factors.totp.as_mut()?;
        totp.last_step = Some(totp.secret.verify(code, self.now(), totp.last_step)?);
        Some(Proved { factor: Factor::Totp, replacement: None, changes: true })
    }

    /// A saved recovery code: it is used up, and another one takes its place (I10).
    pub(crate) fn prove_recovery_code(
        &self,
        record: &mut AccountRecord,
        code: &str,
        rules: Rules<'_>,
    ) -> Result<Option<Proved>, Failure> {
        let Some(codes) = record.factors.recovery_codes.take() else { return Ok(None) };
        let pepper = self.pepper_key();
        let Some(slot) = codes.verify(code, &pepper, &self.hashes)? else {
            record.factors.recovery_codes = Some(codes);
            return Ok(None);
        };
        let (codes, new) = codes.replaced(slot, &pepper, rules.settings, &self.hashes, &*self.entropy)?;
        record.factors.recovery_codes = Some(codes);
        Ok(Some(Proved { factor: Factor::RecoveryCode, replacement: Some(new), changes: true }))
    }

    async fn wrong_answer<T>(&self, open: &OpenChallenge) -> Result<T, SignInError> {
        let record = ChallengeRecord { tries_left: open.record.tries_left.saturating_sub(1), ..open.record.clone() };
        let facts = Facts {
            account: Some(open.account),
            ..Facts::new(self.now(), Actor::Unknown, Action::SignInRefused, Purpose::Verification, Outcome::Refused)
        };
        let change = Change::puts(Partition::account(open.account), vec![open.put(&record)?]);
        self.record(change, facts).await?;
        Err(SignInError::WrongCode)
    }

    /// Begins to set up an authenticator app in a sign-in that asks for one.
    pub(crate) async fn begin_enrolment(&self, token: &ChallengeToken) -> Result<TotpSecret, SignInError> {
        self.edit_challenge(token, |_, record| {
            if record.enrolling.is_none() {
                record.enrolling = Some(TotpSecret::new(&*self.entropy).map_err(Failure::from)?);
            }
            Ok(Vec::new())
        })
        .await?
        .enrolling
        .ok_or(SignInError::NotAsked)
    }

    /// What the browser needs to ask for a passkey: JSON for `navigator.credentials.get`.
    pub(crate) async fn passkey_options(
        &self,
        token: &ChallengeToken,
        passkeys: Option<&dyn PasskeyVerifier>,
    ) -> Result<String, SignInError> {
        let passkeys = passkeys.ok_or(SignInError::NotAsked)?;
        let open = self.open_challenge(token).await?.ok_or(SignInError::Over)?;
        let (account, _) = self.current(&open).await?;
        let mut challenge = [0; 32];
        self.entropy.fill(&mut challenge).map_err(Failure::from)?;
        self.edit_challenge(token, |_, record| {
            record.passkey = Some(challenge);
            Ok(Vec::new())
        })
        .await?;
        let known: Vec<_> = account.factors.passkeys.iter().map(|(passkey, _)| passkey.clone()).collect();
        passkeys.sign_in_options(&challenge, &known).map_err(|_| SignInError::NotAsked)
    }

    /// Sends a code, to an address that can get one; the newest code only counts.
    pub(crate) async fn send_code(&self, token: &ChallengeToken, rules: Rules<'_>) -> Result<(), SignInError> {
        let open = self.open_challenge(token).await?.ok_or(SignInError::Over)?;
        let (account, _) = self.current(&open).await?;
        let factors = account.factors.enrolled(rules.policy);
        let wanted = |address: &Address| match address {
            Address::Phone(_) => factors.contains(Factor::TextCode),
            Address::Email(_) => factors.contains(Factor::EmailCode),
        };
        let address = account.contacts.verified().map(|contact| contact.address.clone()).find(wanted);
        let address = address.ok_or(SignInError::NotAsked)?;
        self.edit_challenge(token, |open, record| {
            if record.codes_sent >= rules.policy.sent_codes {
                return Err(SignInError::NotAsked);
            }
            let now = self.now();
            record.codes_sent += 1;
            record.code_until = Some((now + rules.policy.code).min(record.until));
            let to = Recipient::At(open.account, address.clone());
            let planned = Planned { code: Some(code_row(open, record)), ..Planned::new(Notice::SignInCode, to, now) };
            Ok(vec![planned.draft(self.random_id().map_err(Failure::from)?)?])
        })
        .await
        .map(drop)
    }

    async fn edit_challenge(
        &self,
        token: &ChallengeToken,
        edit: impl Fn(&OpenChallenge, &mut ChallengeRecord) -> Result<Vec<Draft>, SignInError>,
    ) -> Result<ChallengeRecord, SignInError> {
        let mut patience = Patience::default();
        loop {
            let open = self.open_challenge(token).await?.ok_or(SignInError::Over)?;
            let mut record = open.record.clone();
            let mut puts = edit(&open, &mut record)?;
            puts.push(open.put(&record)?);
            let written = self.housekeep(Change::puts(Partition::account(open.account), puts)).await;
            match written {
                Ok(()) => return Ok(record),
                Err(Failure::Storage(error)) if error.kind() == StorageErrorKind::Conflict && patience.is_left() => {}
                Err(failure) => return Err(failure.into()),
            }
        }
    }

    /// Ten new recovery codes, to be shown once.
    pub(super) fn new_recovery_codes(
        &self,
        record: &mut AccountRecord,
        rules: Rules<'_>,
    ) -> Result<Vec<RecoveryCode>, Failure> {
        use super::credential::RecoveryCodes;
        let pepper = self.pepper_key();
        let (codes, shown) = RecoveryCodes::new(&pepper, rules.settings, &self.hashes, &*self.entropy)?;
        record.factors.recovery_codes = Some(codes);
        Ok(shown)
    }
}

/// A second factor that was right.
pub(crate) struct Proved {
    pub(crate) factor: Factor,
    pub(crate) replacement: Option<RecoveryCode>,
    pub(crate) changes: bool,
}

fn allowed(step: Step, factor: Factor) -> bool {
    matches!(step, Step::SecondFactor(factors) if factors.contains(factor))
}

/// What a passkey signed.
pub(crate) fn prove_passkey(
    record: &mut AccountRecord,
    challenge: &[u8; 32],
    response: &str,
    passkeys: Option<&dyn PasskeyVerifier>,
) -> Option<Proved> {
    let known: Vec<_> = record.factors.passkeys.iter().map(|(passkey, _)| passkey.clone()).collect();
    let used = passkeys?.verify(challenge, &known, response).ok()?;
    let (passkey, _) = record.factors.passkeys.iter_mut().find(|(passkey, _)| passkey.id == used.id)?;
    passkey.counter = used.counter;
    Some(Proved { factor: Factor::Passkey, replacement: None, changes: true })
}

/// What the digits of the newest code are made of.
fn code_row(open: &OpenChallenge, record: &ChallengeRecord) -> [u8; 16] {
    let mut row = open.id.to_bytes();
    if let Some(last) = row.last_mut() {
        *last ^= record.codes_sent;
    }
    row
}
