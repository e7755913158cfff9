//! Signing in, and going on with it.

use crate::account::{
    Answer, ChallengeToken, CheckedSignIn, Knock, Password, Progress, Rules, SessionError, SessionToken, SignInAttempt,
    SignInError, TotpSecret, Trust, Username,
};

use super::super::portal::Portal;
use super::super::session::Session;

impl Portal {
    /// Looks up an account to sign in to; the first of three steps. It says the same for a name that nobody has.
    ///
    /// # Errors
    /// [`SignInError::Wait`] after too many tries: of a device that is known, of strangers at this name, or from this source.
    pub async fn look_up(&self, username: &Username, knock: Knock) -> Result<SignInAttempt, SignInError> {
        self.ledger.look_up(username, knock, self.rules()).await
    }

    /// Goes on with a sign-in whose password was checked, and writes down either outcome; the last of three steps.
    ///
    /// # Errors
    /// [`SignInError::Refused`] for an unknown name as for a wrong password; [`SignInError::Shut`] for the right password of
    /// an account that is not open.
    pub async fn complete(&self, checked: CheckedSignIn) -> Result<Progress, SignInError> {
        self.ledger.complete(checked, self.rules()).await
    }

    /// Begins to sign in, all three steps at once. The middle one computes for some 20 ms; a host with many users runs
    /// [`SignInAttempt::check`] where it may block.
    ///
    /// # Errors
    /// As [`look_up`](Self::look_up) and [`complete`](Self::complete).
    pub async fn begin_sign_in(
        &self,
        username: &Username,
        password: &Password,
        knock: Knock,
    ) -> Result<Progress, SignInError> {
        let attempt = self.look_up(username, knock).await?;
        self.complete(attempt.check(password)?).await
    }

    /// Signs in to an account that asks for a password and nothing else, as a program does or a test.
    ///
    /// # Errors
    /// [`SignInError::MoreSteps`] where more is asked.
    pub async fn sign_in(&self, username: &Username, password: &Password) -> Result<SessionToken, SignInError> {
        match self.begin_sign_in(username, password, Knock::default()).await? {
            Progress::Entered(entered) => Ok(entered.session),
            Progress::Asked(_) => Err(SignInError::MoreSteps),
        }
    }

    /// Goes on with a sign-in: what was asked, and whether the device is to be trusted once it is complete.
    ///
    /// # Errors
    /// [`SignInError::WrongCode`], [`SignInError::Over`] (begin anew), [`SignInError::NotAsked`], [`SignInError::Wait`].
    pub async fn answer(
        &self,
        token: &ChallengeToken,
        answer: &Answer<'_>,
        knock: &Knock,
        trust: Trust,
    ) -> Result<Progress, SignInError> {
        let passkeys = self.outside.passkeys.as_deref();
        self.ledger.answer(token, answer, (knock, trust), passkeys, self.rules()).await
    }

    /// Begins to set up an authenticator app in a sign-in that asks for it: the secret to be shown, the same one each time.
    ///
    /// # Errors
    /// [`SignInError::Over`].
    pub async fn begin_enrolment(&self, token: &ChallengeToken) -> Result<TotpSecret, SignInError> {
        self.ledger.begin_enrolment(token).await
    }

    /// What a browser needs to ask for a passkey: JSON for `navigator.credentials.get`.
    ///
    /// # Errors
    /// [`SignInError::NotAsked`] without passkeys, [`SignInError::Over`].
    pub async fn passkey_options(&self, token: &ChallengeToken) -> Result<String, SignInError> {
        self.ledger.passkey_options(token, self.outside.passkeys.as_deref()).await
    }

    /// Sends a code by text or e-mail, where the clinic allows that and the account's holder wants it. The newest one counts.
    ///
    /// # Errors
    /// [`SignInError::NotAsked`] also for a fourth code; [`SignInError::Over`].
    pub async fn send_code(&self, token: &ChallengeToken) -> Result<(), SignInError> {
        self.ledger.send_code(token, self.rules()).await
    }

    /// Resumes a session by its token.
    ///
    /// # Errors
    /// [`SessionError`] says why it is over.
    pub async fn resume(&self, token: &SessionToken) -> Result<Session, SessionError> {
        let live = self.ledger.resume(token, self.policy.accounts(), &self.settings.accounts).await?;
        Ok(Session::new(self.clone(), live))
    }

    pub(in crate::portal) fn rules(&self) -> Rules<'_> {
        Rules {
            policy: self.policy.accounts(),
            settings: &self.settings.accounts,
            words: &self.outside.words,
            breached: self.outside.breached.as_deref(),
        }
    }
}
