//! Consents under 42 CFR Part 2: what they must say, whom they open what, and until when.

use chrono::{DateTime, Duration, Utc};

use super::*;
use crate::access::grant::LegalBasis;
use crate::access::rule::Rule;
use crate::access::scene::{ANNA, BOB, CHART, EVE, at};
use crate::chart::{Section, SectionSet};
use crate::kernel::id::{ConsentId, GrantId};
use crate::kernel::text::Label;
use crate::kernel::{Sensitivity, SensitivitySet};

const SIGNED: &str = "2026-03-01T12:00:00Z";

fn both() -> SectionSet {
    SectionSet::of(&[Section::Results, Section::Medications])
}

fn until(days: i64) -> ConsentEnd {
    ConsentEnd::At(at(SIGNED) + Duration::days(days))
}

fn new(covers: Covers) -> NewPart2Consent {
    NewPart2Consent {
        covers,
        recipient: Recipient::Account(BOB),
        purpose: ConsentPurpose::AtThePatientsRequest,
        end: until(10),
        text: Label::parse("part2-2026").unwrap(),
    }
}

fn sign(new: NewPart2Consent) -> Result<Part2Consent, ConsentError> {
    Part2Consent::sign(ConsentId::from_bytes([1; 16]), CHART, new, (ANNA, ConsentSigner::Patient), at(SIGNED))
}

fn records() -> Part2Consent {
    sign(new(Covers::Records(both()))).unwrap()
}

fn day(day: i64) -> DateTime<Utc> {
    at(SIGNED) + Duration::days(day)
}

#[test]
fn every_element_is_needed() {
    let sound = new(Covers::Records(both()));
    assert!(sign(sound.clone()).is_ok());
    let nothing = NewPart2Consent { covers: Covers::Records(SectionSet::NONE), ..sound.clone() };
    assert_eq!(sign(nothing), Err(ConsentError::CoversNothing));
    let nothing = NewPart2Consent { covers: Covers::CounsellingNotes(SectionSet::NONE), ..sound.clone() };
    assert_eq!(sign(nothing), Err(ConsentError::CoversNothing));
    let endless = NewPart2Consent { end: ConsentEnd::WhenRevoked, ..sound.clone() };
    assert_eq!(sign(endless), Err(ConsentError::NoEnd));
    for days in [0, -1] {
        let over = NewPart2Consent { end: until(days), ..sound.clone() };
        assert_eq!(sign(over), Err(ConsentError::TimeInverted));
    }
    let class = NewPart2Consent { recipient: Recipient::TreatmentPaymentOperations, ..sound.clone() };
    assert_eq!(sign(class), Err(ConsentError::ClassForOtherPurpose));
    let oneself = NewPart2Consent { recipient: Recipient::Account(ANNA), ..sound.clone() };
    assert_eq!(sign(oneself), Err(ConsentError::OwnChart));
    let long = Label::parse(&"t".repeat(65)).unwrap();
    assert_eq!(sign(NewPart2Consent { text: long, ..sound.clone() }), Err(ConsentError::NoText));
    let named = Label::parse(&"t".repeat(64)).unwrap();
    assert!(sign(NewPart2Consent { text: named, ..sound }).is_ok());
}

#[test]
fn one_consent_for_treatment_payment_and_operations_names_a_class_and_lasts() {
    let consent = sign(NewPart2Consent {
        recipient: Recipient::TreatmentPaymentOperations,
        purpose: ConsentPurpose::TreatmentPaymentOperations,
        end: ConsentEnd::WhenRevoked,
        ..new(Covers::Records(both()))
    });
    let consent = consent.unwrap();
    assert!(consent.in_force(day(36_500)));
    // It is for organizations, and opens nothing to an account.
    assert_eq!(Part2Consent::reach([&consent], BOB, day(1)), Part2Reach::NONE);
}

#[test]
fn a_guardian_and_an_executor_sign_for_a_patient_and_nobody_else_does() {
    for basis in LegalBasis::ALL {
        let signer = ConsentSigner::Representative(GrantId::from_bytes([7; 16]), basis);
        let signed = Part2Consent::sign(
            ConsentId::from_bytes([1; 16]),
            CHART,
            new(Covers::Records(both())),
            // For themselves: that is what makes them a personal representative under Part 2.
            (BOB, signer),
            at(SIGNED),
        );
        let may = matches!(basis, LegalBasis::CourtGuardian | LegalBasis::Executor);
        assert_eq!(signed.map(|consent| consent.signer()), if may { Ok(signer) } else { Err(ConsentError::NotTheirs) });
    }
}

#[test]
fn it_is_in_force_from_its_signature_to_just_before_its_end() {
    let consent = records();
    let microsecond = Duration::microseconds(1);
    assert!(!consent.in_force(at(SIGNED) - microsecond) && consent.in_force(at(SIGNED)));
    assert!(consent.in_force(day(10) - microsecond) && !consent.in_force(day(10)));
}

#[test]
fn a_revocation_counts_from_then_on_and_not_before() {
    let revoked = records().revoke(day(3)).unwrap();
    assert!(revoked.in_force(day(3) - Duration::microseconds(1)) && !revoked.in_force(day(3)));
    assert_eq!((revoked.revoked_at(), revoked.revoke(day(4))), (Some(day(3)), Err(ConsentError::Revoked)));
    // A clock that stepped back revokes it from its signature on.
    assert_eq!(records().revoke(day(-1)).unwrap().revoked_at(), Some(at(SIGNED)));
}

#[test]
fn it_opens_its_sections_to_its_recipient_alone() {
    let (records, notes) = (records(), sign(new(Covers::CounsellingNotes(Section::Documents.into()))).unwrap());
    let reach = |account, at| Part2Consent::reach([&records, &notes], account, at);
    assert_eq!(reach(BOB, day(1)), Part2Reach { records: both(), notes: Section::Documents.into() });
    assert_eq!((reach(EVE, day(1)), reach(BOB, day(10))), (Part2Reach::NONE, Part2Reach::NONE));
}

#[test]
fn a_counselling_note_takes_a_consent_of_its_own_as_well() {
    let set = |labels: &[Sensitivity]| SensitivitySet::of(labels);
    let (part2, psychotherapy) = (set(&[Sensitivity::Part2]), set(&[Sensitivity::PsychotherapyNote]));
    let note = part2.or(psychotherapy);
    let documents = Section::Documents;
    let records = Part2Reach { records: documents.into(), notes: SectionSet::NONE };
    let notes = Part2Reach { records: SectionSet::NONE, notes: documents.into() };
    let all = SensitivitySet::KNOWN;
    assert_eq!(records.shows(part2, documents, SensitivitySet::NONE), Ok(()));
    assert_eq!(records.shows(note, documents, all), Err(Rule::Part2Notes));
    assert_eq!(notes.shows(note, documents, all), Err(Rule::Part2Consent));
    assert_eq!(records.or(notes).shows(note, documents, psychotherapy), Ok(()));
    assert_eq!(records.or(notes).shows(note, documents, SensitivitySet::NONE), Err(Rule::Sensitive));
    assert_eq!(Part2Reach::NONE.shows(part2, documents, all), Err(Rule::Part2Consent));
    assert_eq!(records.shows(part2, Section::Results, all), Err(Rule::Part2Consent));
    // Other labels are opened as ever, and a note of psychotherapy that is no record of a programme is one of them.
    let more = part2.with(Sensitivity::Hiv);
    assert_eq!(records.shows(more, documents, SensitivitySet::NONE), Err(Rule::Sensitive));
    assert_eq!(records.shows(more, documents, set(&[Sensitivity::Hiv])), Ok(()));
    assert_eq!(Part2Reach::NONE.shows(psychotherapy, documents, psychotherapy), Ok(()));
    assert_eq!(notes.shows(psychotherapy, documents, SensitivitySet::NONE), Err(Rule::Sensitive));
}

#[test]
fn one_more_label_never_shows_an_item() {
    let documents = Section::Documents;
    let (here, nowhere): (SectionSet, _) = (documents.into(), SectionSet::NONE);
    for (records, notes) in [(nowhere, nowhere), (here, nowhere), (nowhere, here), (here, here)] {
        for shown in (0..=u16::MAX).step_by(13).map(SensitivitySet::from_bits) {
            for labels in (0..=u16::MAX).step_by(977).map(SensitivitySet::from_bits) {
                let open = |labels| Part2Reach { records, notes }.shows(labels, documents, shown).is_ok();
                let hides = |label| open(labels) || !open(labels.with(label));
                assert!(Sensitivity::ALL.into_iter().all(hides), "{labels:?} {shown:?}");
            }
        }
    }
}

#[test]
fn reaches_join_and_meet_by_section() {
    let one = Part2Reach { records: both(), notes: Section::Documents.into() };
    let other = Part2Reach { records: Section::Results.into(), notes: Section::Visits.into() };
    assert_eq!(one.and(other), Part2Reach { records: Section::Results.into(), notes: SectionSet::NONE });
    let notes = SectionSet::of(&[Section::Documents, Section::Visits]);
    assert_eq!(one.or(other), Part2Reach { records: both(), notes });
}

#[test]
fn what_goes_with_a_record_is_the_consent_that_opens_it() {
    let records = records();
    let notes = sign(new(Covers::CounsellingNotes(Section::Documents.into()))).unwrap();
    let all = [&records, &notes];
    let goes = |account, what, at| Part2Consent::accompaniment(all, account, what, at);
    let with = goes(BOB, (Section::Results, false), day(1)).unwrap();
    assert_eq!((with.covers, with.recipient), (Covers::Records(both()), Recipient::Account(BOB)));
    assert_eq!((with.signed_at, with.end, with.consent), (at(SIGNED), until(10), records.id()));
    assert!(with.notice().contains("42 CFR part 2"));
    let with = goes(BOB, (Section::Documents, true), day(1)).unwrap();
    assert_eq!(with.covers, Covers::CounsellingNotes(Section::Documents.into()));
    assert_eq!(goes(BOB, (Section::Documents, false), day(1)), None);
    assert_eq!(goes(BOB, (Section::Results, true), day(1)), None);
    assert_eq!(goes(EVE, (Section::Results, false), day(1)), None);
    assert_eq!(goes(BOB, (Section::Results, false), day(10)), None);
}

#[test]
fn its_stored_form_survives() {
    for consent in [records(), records().revoke(day(2)).unwrap()] {
        let json = serde_json::to_string(&consent).unwrap();
        assert_eq!(serde_json::from_str::<Part2Consent>(&json).unwrap(), consent);
    }
}
