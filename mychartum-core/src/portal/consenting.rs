//! Written consents to records under 42 CFR Part 2: signed, revoked, listed.

use crate::access::consent::{ConsentError, ConsentSigner, NewPart2Consent, Part2Consent, Recipient};
use crate::access::grant::{GrantError, LegalBasis};
use crate::access::own_scope;
use crate::audit::{Action, Facts, Outcome};
use crate::kernel::id::{ConsentId, PatientId};
use crate::ledger::{Change, Draft, Failure, Ledger, Stored, decode, encode};
use crate::port::storage::{Partition, RowId};

use super::chart_standing::{ChartStanding, SubjectRecord};
use super::grant_change::{Changer, ProxyError, lost_race};
use super::session::Session;

impl Session {
    /// Signs a consent for an own chart, or for one that this account acts for as guardian by court or executor.
    ///
    /// It takes a fresh sign-in, which is the signature. What it opens is open at the recipient's next question, within what a
    /// grant gives them besides.
    ///
    /// # Errors
    /// [`ProxyError::Consent`]: an element is missing or it is not theirs to sign; [`ProxyError::StepUp`];
    /// [`ProxyError::NotFound`] for any other chart.
    pub async fn sign_part2(&self, patient: PatientId, new: NewPart2Consent) -> Result<ConsentId, ProxyError> {
        let (ledger, policy) = (&self.portal.ledger, &*self.portal.policy);
        loop {
            let standing = ledger.chart_standing(patient, policy).await?;
            let (signer, changer) = self.signer(patient, &standing).await?;
            self.fresh()?;
            let id = ConsentId::from_bytes(ledger.random_id().map_err(Failure::from)?);
            let by = (self.account_id(), signer);
            let consent = Part2Consent::sign(id, patient, new.clone(), by, ledger.now())?;
            let (record, version) = ledger.subject_record(patient).await?;
            let order = consent.signed_at().timestamp_micros();
            let mut puts = vec![Draft::first(Stored::CONSENTS, row_of(id), order, encode(&consent)?)];
            if !record.has_consents {
                let body = encode(&SubjectRecord { has_consents: true, ..record })?;
                puts.push(Draft { version: version + 1, ..Draft::first(Stored::ACCESS, Stored::ONLY, 0, body) });
            }
            let facts = facts(&consent, changer, Action::ConsentSigned, ledger.now());
            let written = ledger.record(Change::puts(Partition::patient(patient), puts), facts).await;
            if !lost_race(&written) {
                written?;
                return Ok(id);
            }
        }
    }

    /// Revokes a consent, from now on: the recipient's next question is refused. What was disclosed before stays rightly disclosed.
    ///
    /// # Errors
    /// [`ProxyError::Consent`] with [`ConsentError::Revoked`]; [`ProxyError::NotFound`] for any other chart or consent.
    pub async fn revoke_part2(&self, patient: PatientId, id: ConsentId) -> Result<(), ProxyError> {
        let (ledger, policy) = (&self.portal.ledger, &*self.portal.policy);
        let partition = Partition::patient(patient);
        loop {
            let standing = ledger.chart_standing(patient, policy).await?;
            let (_, changer) = self.signer(patient, &standing).await?;
            let rows = ledger.get(partition, Stored::CONSENTS, &[row_of(id)]).await?;
            let row = rows.first().ok_or(ProxyError::NotFound)?;
            let consent: Part2Consent = decode(&ledger.open_own(row).await?, "consent")?;
            let revoked = consent.revoke(ledger.now())?;
            let order = revoked.signed_at().timestamp_micros();
            let put = Draft {
                version: row.version + 1,
                ..Draft::first(Stored::CONSENTS, row_of(id), order, encode(&revoked)?)
            };
            let facts = facts(&revoked, changer, Action::ConsentRevoked, ledger.now());
            let written = ledger.record(Change::puts(partition, vec![put]), facts).await;
            if !lost_race(&written) {
                return Ok(written.map(drop)?);
            }
        }
    }

    /// Every consent there ever was on such a chart, the newest first.
    ///
    /// # Errors
    /// [`ProxyError::NotFound`] for any other chart.
    pub async fn part2_consents(&self, patient: PatientId) -> Result<Vec<Part2Consent>, ProxyError> {
        let (ledger, policy) = (&self.portal.ledger, &*self.portal.policy);
        let standing = ledger.chart_standing(patient, policy).await?;
        self.signer(patient, &standing).await?;
        let mut consents = standing.consents;
        consents.sort_by_key(|consent| (core::cmp::Reverse(consent.signed_at()), consent.id()));
        Ok(consents)
    }

    /// In whose place this account signs for a chart: as its patient, or by a live grant of a basis that can consent.
    async fn signer(
        &self,
        patient: PatientId,
        standing: &ChartStanding,
    ) -> Result<(ConsentSigner, Changer), ProxyError> {
        match self.own(patient).await {
            Ok(()) => {
                let (ledger, policy) = (&self.portal.ledger, &*self.portal.policy);
                let scope = own_scope(&standing.subject, policy, ledger.now());
                scope.ok_or(GrantError::PatientTooYoung)?;
                Ok((ConsentSigner::Patient, self.as_patient()))
            }
            Err(ProxyError::NotFound) => {
                let (now, account) = (self.portal.ledger.now(), self.account_id());
                let terms = standing.terms(&self.portal.policy, now);
                let in_time = |from, until: Option<_>| from <= now && until.is_none_or(|until| now < until);
                let may = terms.iter().find(|one| {
                    let live = one.standing == crate::access::grant::GrantStanding::Live;
                    let can = matches!(one.basis, LegalBasis::CourtGuardian | LegalBasis::Executor);
                    one.proxy == account && live && can && in_time(one.from, one.until)
                });
                let one = may.ok_or(ProxyError::NotFound)?;
                Ok((ConsentSigner::Representative(one.id, one.basis), self.as_proxy()))
            }
            Err(other) => Err(other),
        }
    }
}

impl Ledger {
    /// The consents on a chart.
    pub(super) async fn consents(&self, patient: PatientId) -> Result<Vec<Part2Consent>, Failure> {
        let mut consents = Vec::new();
        for row in self.all_rows(Partition::patient(patient), Stored::CONSENTS).await? {
            consents.push(decode(&self.open_own(&row).await?, "consent")?);
        }
        Ok(consents)
    }
}

impl From<ConsentError> for ProxyError {
    fn from(error: ConsentError) -> Self {
        Self::Consent(error)
    }
}

const fn row_of(id: ConsentId) -> RowId {
    RowId::from_bytes(id.to_bytes())
}

/// What is written down of a consent: which one, who did it, and to whom records may go.
fn facts(consent: &Part2Consent, changer: Changer, action: Action, now: chrono::DateTime<chrono::Utc>) -> Facts {
    let account = match consent.recipient() {
        Recipient::Account(account) => Some(account),
        Recipient::TreatmentPaymentOperations => None,
    };
    let grant = match consent.signer() {
        ConsentSigner::Patient => None,
        ConsentSigner::Representative(grant, _) => Some(super::chart_standing::grant_row(grant)),
    };
    Facts {
        record: Some(crate::kernel::id::ItemId::from_bytes(consent.id().to_bytes())),
        account,
        grant,
        ..changer.facts(consent.patient(), action, Outcome::Permitted, now)
    }
}
