//! A written consent under 42 CFR Part 2.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::access::grant::LegalBasis;
use crate::chart::{Section, SectionSet};
use crate::kernel::id::{AccountId, ConsentId, GrantId, PatientId};
use crate::kernel::text::Label;

use super::accompaniment::Part2Accompaniment;
use super::error::ConsentError;
use super::part2_reach::Part2Reach;

/// A written consent to disclose records of programmes for substance use (42 CFR 2.31).
///
/// | element of 42 CFR 2.31(a) | here |
/// |---|---|
/// | (1) the patient | [`patient`](Self::patient) |
/// | (2) who discloses | whoever keeps the records of this chart, by general designation |
/// | (3) how much and what kind | [`covers`](Self::covers) |
/// | (4) to whom | [`recipient`](Self::recipient) |
/// | (5) what for | [`purpose`](Self::purpose) |
/// | (6) that it can be revoked, and how | [`revoke`](Self::revoke); the text that was signed says it |
/// | (7) until when | [`end`](Self::end) |
/// | (8) the signature | [`signed_by`](Self::signed_by), in a session that was proved not long before |
/// | (9) the date | [`signed_at`](Self::signed_at) |
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part2Consent {
    id: ConsentId,
    patient: PatientId,
    covers: Covers,
    recipient: Recipient,
    purpose: ConsentPurpose,
    end: ConsentEnd,
    text: Label,
    signed_by: AccountId,
    signer: ConsentSigner,
    signed_at: DateTime<Utc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revoked_at: Option<DateTime<Utc>>,
}

/// How much and what kind of records. A consent to counselling notes covers nothing else (42 CFR 2.31(b)), so both cannot be said
/// in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Covers {
    /// Records in these sections, counselling notes excepted.
    Records(SectionSet),
    /// Counselling notes in these sections.
    CounsellingNotes(SectionSet),
}

/// To whom records may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recipient {
    /// One person, by their account here.
    Account(AccountId),
    /// Treating providers, health plans, payers, and who helps to run the programme: the class of a single consent for all
    /// treatment, payment and operations (42 CFR 2.31(a)(4)(ii)). It opens nothing to anybody's account.
    TreatmentPaymentOperations,
}

/// What for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConsentPurpose {
    /// All future treatment, payment and health care operations (42 CFR 2.31(a)(5)(ii)).
    TreatmentPaymentOperations,
    /// At the request of the patient, who need not say more (42 CFR 2.31(a)(5)(i)).
    AtThePatientsRequest,
}

/// Until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConsentEnd {
    /// Until then, exclusive.
    At(DateTime<Utc>),
    /// Until it is revoked: for treatment, payment and operations only (42 CFR 2.31(a)(7)(ii)).
    WhenRevoked,
}

/// In whose place somebody signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConsentSigner {
    /// The patient; a minor whom the law lets decide too (42 CFR 2.14(b)).
    Patient,
    /// Somebody who acts by this grant on this basis: a guardian by court for who cannot decide, an executor for who died (42 CFR
    /// 2.15).
    Representative(GrantId, LegalBasis),
}

/// What a consent says before it is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPart2Consent {
    /// How much and what kind.
    pub covers: Covers,
    /// To whom.
    pub recipient: Recipient,
    /// What for.
    pub purpose: ConsentPurpose,
    /// Until when.
    pub end: ConsentEnd,
    /// Which text the signer was shown, by the host's name and version of it.
    pub text: Label,
}

impl Covers {
    /// In which sections.
    #[must_use]
    pub const fn sections(self) -> SectionSet {
        match self {
            Self::Records(sections) | Self::CounsellingNotes(sections) => sections,
        }
    }

    const fn reach(self) -> Part2Reach {
        match self {
            Self::Records(records) => Part2Reach { records, notes: SectionSet::NONE },
            Self::CounsellingNotes(notes) => Part2Reach { records: SectionSet::NONE, notes },
        }
    }
}

impl Part2Consent {
    /// Signs a consent.
    ///
    /// # Errors
    /// [`ConsentError`]: an element is missing or contradicts another, or it is not theirs to sign.
    pub fn sign(
        id: ConsentId,
        patient: PatientId,
        new: NewPart2Consent,
        (signed_by, signer): (AccountId, ConsentSigner),
        now: DateTime<Utc>,
    ) -> Result<Self, ConsentError> {
        let NewPart2Consent { covers, recipient, purpose, end, text } = new;
        if let ConsentSigner::Representative(_, basis) = signer
            && !matches!(basis, LegalBasis::CourtGuardian | LegalBasis::Executor)
        {
            return Err(ConsentError::NotTheirs);
        }
        if covers.sections().is_empty() {
            return Err(ConsentError::CoversNothing);
        }
        if signer == ConsentSigner::Patient && recipient == Recipient::Account(signed_by) {
            return Err(ConsentError::OwnChart);
        }
        let is_tpo = purpose == ConsentPurpose::TreatmentPaymentOperations;
        if recipient == Recipient::TreatmentPaymentOperations && !is_tpo {
            return Err(ConsentError::ClassForOtherPurpose);
        }
        match end {
            ConsentEnd::At(end) if end <= now => return Err(ConsentError::TimeInverted),
            ConsentEnd::WhenRevoked if !is_tpo => return Err(ConsentError::NoEnd),
            ConsentEnd::At(_) | ConsentEnd::WhenRevoked => {}
        }
        if text.as_str().trim().is_empty() || text.as_str().len() > 64 {
            return Err(ConsentError::NoText);
        }
        let (signed_at, revoked_at) = (now, None);
        Ok(Self { id, patient, covers, recipient, purpose, end, text, signed_by, signer, signed_at, revoked_at })
    }

    /// Revokes it, from now on. What was disclosed before stays rightly disclosed (42 CFR 2.31(a)(6)).
    ///
    /// # Errors
    /// [`ConsentError::Revoked`].
    pub fn revoke(&self, now: DateTime<Utc>) -> Result<Self, ConsentError> {
        if self.revoked_at.is_some() {
            return Err(ConsentError::Revoked);
        }
        Ok(Self { revoked_at: Some(now.max(self.signed_at)), ..self.clone() })
    }

    /// Whether it is in force at a time.
    #[must_use]
    pub fn in_force(&self, at: DateTime<Utc>) -> bool {
        let ended = match self.end {
            ConsentEnd::At(end) => end <= at,
            ConsentEnd::WhenRevoked => false,
        };
        self.signed_at <= at && !ended && self.revoked_at.is_none_or(|revoked| at < revoked)
    }

    /// What the consents in force at a time open to an account.
    #[must_use]
    pub fn reach<'c>(
        consents: impl IntoIterator<Item = &'c Self>,
        account: AccountId,
        at: DateTime<Utc>,
    ) -> Part2Reach {
        let of_account = consents.into_iter().filter(|one| one.is_for(account) && one.in_force(at));
        of_account.fold(Part2Reach::NONE, |reach, one| reach.or(one.covers.reach()))
    }

    /// What goes with records of a section that are disclosed to an account at a time: the consent that opens them, explained.
    #[must_use]
    pub fn accompaniment<'c>(
        consents: impl IntoIterator<Item = &'c Self>,
        account: AccountId,
        (section, is_note): (Section, bool),
        at: DateTime<Utc>,
    ) -> Option<Part2Accompaniment> {
        let opens = |one: &&Self| {
            let reach = one.covers.reach();
            let sections = if is_note { reach.notes } else { reach.records };
            one.is_for(account) && one.in_force(at) && sections.has(section)
        };
        let first = consents.into_iter().filter(opens).min_by_key(|one| (one.signed_at, one.id))?;
        Some(Part2Accompaniment::of(first))
    }

    fn is_for(&self, account: AccountId) -> bool {
        self.recipient == Recipient::Account(account)
    }

    /// Which consent.
    #[must_use]
    pub const fn id(&self) -> ConsentId {
        self.id
    }

    /// Whose records.
    #[must_use]
    pub const fn patient(&self) -> PatientId {
        self.patient
    }

    /// How much and what kind.
    #[must_use]
    pub const fn covers(&self) -> Covers {
        self.covers
    }

    /// To whom.
    #[must_use]
    pub const fn recipient(&self) -> Recipient {
        self.recipient
    }

    /// What for.
    #[must_use]
    pub const fn purpose(&self) -> ConsentPurpose {
        self.purpose
    }

    /// Until when.
    #[must_use]
    pub const fn end(&self) -> ConsentEnd {
        self.end
    }

    /// Which text was signed.
    #[must_use]
    pub const fn text(&self) -> &Label {
        &self.text
    }

    /// Who signed it.
    #[must_use]
    pub const fn signed_by(&self) -> AccountId {
        self.signed_by
    }

    /// In whose place.
    #[must_use]
    pub const fn signer(&self) -> ConsentSigner {
        self.signer
    }

    /// When it was signed.
    #[must_use]
    pub const fn signed_at(&self) -> DateTime<Utc> {
        self.signed_at
    }

    /// When it was revoked, if it was.
    #[must_use]
    pub const fn revoked_at(&self) -> Option<DateTime<Utc>> {
        self.revoked_at
    }
}

/// The stored form of what is covered.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum StoredCovers {
    Records(u32),
    CounsellingNotes(u32),
}

impl Serialize for Covers {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Records(sections) => StoredCovers::Records(sections.bits()),
            Self::CounsellingNotes(sections) => StoredCovers::CounsellingNotes(sections.bits()),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Covers {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        StoredCovers::deserialize(deserializer).map(|covers| match covers {
            StoredCovers::Records(bits) => Self::Records(SectionSet::from_bits(bits)),
            StoredCovers::CounsellingNotes(bits) => Self::CounsellingNotes(SectionSet::from_bits(bits)),
        })
    }
}
