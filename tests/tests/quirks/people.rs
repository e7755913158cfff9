//! Quirks 39, 40 and 42, and whose it is: charts that are merged and parted again, results that come before their patient, and what
//! staff resolve in quarantine.

use std::sync::Arc;

use mychartum_adapters::hl7v2::{Hl7v2Delivery, Input, Introduce, ProcessingPolicy, SourceSettings, deliver};
use mychartum_core::access::AccessError;
use mychartum_core::account::{NewAccount, Password, Username};
use mychartum_core::audit::Purpose;
use mychartum_core::chart::{SectionSet, SourceId, SourceRef};
use mychartum_core::kernel::id::{AccountId, PatientId};
use mychartum_core::kernel::text::Label;
use mychartum_core::port::Storage;
use mychartum_core::portal::{Page, Portal};
use mychartum_core::sync::{IntakeReport, LinkError, QuarantineError, Reason, Tie};
use mychartum_storage::{MemoryStorage, SqliteStorage};
use mychartum_testkit::simulator::{Failing, UnsteadyStorage};
use proptest::prelude::*;

use crate::clinic::Clinic;

const PASSWORD: &str = "fifteen letters, at least";
const STAFF: AccountId = AccountId::from_bytes([9; 16]);

async fn portal(storage: Arc<dyn Storage>) -> Arc<Portal> {
    Clinic::on(storage).await.portal
}

fn source() -> SourceId {
    SourceId::parse("riverside").unwrap()
}

fn name(number: &str) -> SourceRef {
    let label = |text: &str| Label::parse(text).unwrap();
    SourceRef { kind: label("Patient"), id: label(&format!("A|{number}")) }
}

async fn take_from(portal: &Portal, source: SourceId, message: &str) -> IntakeReport {
    let settings = SourceSettings {
        introduce: Introduce::OnlyAdt,
        processing: ProcessingPolicy::Anything,
        ..SourceSettings::in_zone("America/Chicago".parse().unwrap())
    };
    let delivery = Hl7v2Delivery::open(vec![Input::bytes("feed", message.as_bytes())], settings, &mut |_| {});
    let mut intake = portal.intake(source).unwrap();
    assert!(deliver(&mut intake, &delivery, &mut |_| {}).await.unwrap().is_empty());
    let report = intake.finish();
    assert!(report.adds_up());
    report
}

async fn take(portal: &Portal, message: &str) -> IntakeReport {
    take_from(portal, source(), message).await
}

fn message(kind: &str, at: u32, body: &str) -> String {
    format!("MSH|^~\\&|LAB|RIVERSIDE|||2026030109{at:04}||{kind}|{at}|P|2.5.1\rEVN||2026030109{at:04}\r{body}")
}

fn adt(at: u32, number: &str, family: &str) -> String {
    message("ADT^A28", at, &format!("PID|1||{number}^^^A^MR||{family}^Ada||19750501|F\r"))
}

fn oru(at: u32, number: &str, order: &str, value: &str) -> String {
    let body = format!(
        "PID|1||{number}^^^A^MR\rOBR|1||{order}|5^Panel^L|||20260301081500|||||||||||||||2026030108{at:04}|||F\r\
         OBX|1|NM|4548-4^HbA1c^LN||{value}|%|||||F|||20260301081500\r"
    );
    message("ORU^R01", at, &body)
}

fn merge(at: u32, survivor: &str, merged: &str) -> String {
    message("ADT^A40", at, &format!("PID|1||{survivor}^^^A^MR||Canary^Ada||19750501|F\rMRG|{merged}^^^A^MR\r"))
}

fn apart(at: u32, one: &str, other: &str) -> String {
    message("ADT^A37", at, &format!("PID|1||{one}^^^A^MR\rPID|2||{other}^^^A^MR\r"))
}

async fn chart(portal: &Portal, number: &str) -> Option<PatientId> {
    portal.linked(&source(), &name(number)).await.unwrap()
}

/// What the holder of a chart sees of its results, with their histories; `Err` where nobody is let in.
async fn values(portal: &Portal, patient: PatientId) -> Result<Vec<String>, AccessError> {
    let username = Username::parse(&format!("u{patient}")).unwrap();
    let own = NewAccount { username: username.clone(), password: Password::new(PASSWORD).unwrap(), own: Some(patient) };
    // The account is there from the second time on.
    let _ = portal.open_account(own).await;
    let token = portal.sign_in(&username, &Password::entered(PASSWORD).unwrap()).await.unwrap();
    let session = portal.resume(&token).await.unwrap();
    let permit = session.ask(patient, SectionSet::chart(), Purpose::Care).await?;
    let disclosure = portal.disclose(permit).unwrap();
    let mut all = Vec::new();
    for item in disclosure.results(Page::latest(50)).await.unwrap().items {
        let earlier = disclosure.earlier_results(item.id).await.unwrap();
        let before: Vec<String> = earlier.iter().map(|item| item.view.value.for_people()).collect();
        all.push(format!("{} {before:?} v{}", item.view.value.for_people(), item.version));
    }
    all.sort();
    Ok(all)
}

async fn waiting(portal: &Portal) -> Vec<String> {
    let page = portal.quarantine(&source(), None, 100).await.unwrap();
    page.cases.into_iter().filter(|case| case.dismissed.is_none()).map(|case| case.code).collect()
}

async fn fresh() -> Arc<Portal> {
    portal(Arc::new(MemoryStorage::new())).await
}

#[tokio::test]
async fn q42_oru_unknown_patient() {
    let portal = fresh().await;
    let early = oru(1, "1", "9", "5.9");
    let report = take(&portal, &early).await;
    assert_eq!(report.stored, 0);
    assert!(report.set_aside.iter().all(|aside| aside.reason == Reason::UnknownPatient));
    // The very same line of another patient waits beside it, and a repetition does not wait twice.
    take(&portal, &oru(1, "2", "9", "5.9")).await;
    let parked = waiting(&portal).await.len();
    take(&portal, &early).await;
    assert_eq!(waiting(&portal).await.len(), parked);
    take(&portal, &oru(2, "1", "9", "6.4")).await;

    let report = take(&portal, &adt(3, "1", "Canary")).await;
    assert!(report.released > 0);
    let patient = chart(&portal, "1").await.unwrap();
    assert_eq!(values(&portal, patient).await.unwrap(), ["6.4 % [\"5.9 %\"] v2"]);
    assert_eq!(chart(&portal, "2").await, None);
    let report = take(&portal, &adt(3, "2", "Other")).await;
    assert!(report.released > 0);
    let other = chart(&portal, "2").await.unwrap();
    assert_eq!(values(&portal, other).await.unwrap().len(), 1);
    assert_eq!(waiting(&portal).await, Vec::<String>::new());
    // What was released once is there, and comes again as it came.
    assert_eq!(take(&portal, &early).await.stored, 0);
    portal.verify_trail(patient).await.unwrap();
}

#[tokio::test]
async fn q39_adt_merge() {
    let portal = fresh().await;
    for message in [adt(1, "1", "Canary"), adt(2, "2", "Canari"), oru(3, "1", "9", "5.1"), oru(4, "2", "8", "7.1")] {
        take(&portal, &message).await;
    }
    take(&portal, &oru(5, "2", "8", "7.7")).await;
    let (one, two) = (chart(&portal, "1").await.unwrap(), chart(&portal, "2").await.unwrap());
    assert_eq!(values(&portal, two).await.unwrap().len(), 1);

    let report = take(&portal, &merge(10, "1", "2")).await;
    assert!(report.set_aside.is_empty());
    assert_eq!(chart(&portal, "2").await, Some(one));
    let both = values(&portal, one).await.unwrap();
    assert_eq!(both, ["5.1 % [] v1", "7.7 % [\"7.1 %\"] v2"]);
    assert_eq!(values(&portal, two).await, Err(AccessError::NotFound));
    // Again, and later under the old number.
    let again = take(&portal, &merge(10, "1", "2")).await;
    assert_eq!((again.stored, again.set_aside.len()), (0, 0));
    take(&portal, &oru(11, "2", "7", "8.8")).await;
    assert_eq!(values(&portal, one).await.unwrap().len(), 3);
    let case = &portal.patient_merges(&source(), 10).await.unwrap()[0];
    assert!(case.stands && case.own == Some(two) && case.survivor == Some(one));

    take(&portal, &apart(20, "1", "2")).await;
    assert_eq!(values(&portal, one).await.unwrap(), ["5.1 % [] v1"]);
    assert_eq!(values(&portal, two).await.unwrap(), ["7.7 % [\"7.1 %\"] v2", "8.8 % [] v1"]);
    // The old merge, sent again, does not come back; a new one does.
    let late = take(&portal, &merge(10, "1", "2")).await;
    assert_eq!((late.stored, late.set_aside.len()), (0, 0));
    assert_eq!(chart(&portal, "2").await, Some(two));
    take(&portal, &merge(30, "1", "2")).await;
    assert_eq!(values(&portal, one).await.unwrap().len(), 3);
    for patient in [one, two] {
        portal.verify_trail(patient).await.unwrap();
    }
}

#[tokio::test]
async fn q40_adt_unlink() {
    let portal = fresh().await;
    for message in [adt(1, "1", "A"), adt(1, "2", "B"), oru(2, "1", "9", "5.1"), oru(2, "2", "8", "6.1")] {
        take(&portal, &message).await;
    }
    let (one, two) = (chart(&portal, "1").await.unwrap(), chart(&portal, "2").await.unwrap());
    // A24 ties two, the first goes on; A37 gives each what was its own, whichever is named first.
    take(&portal, &message("ADT^A24", 10, "PID|1||1^^^A^MR\rPID|2||2^^^A^MR\r")).await;
    assert_eq!(values(&portal, one).await.unwrap().len(), 2);
    take(&portal, &apart(20, "2", "1")).await;
    assert_eq!(values(&portal, one).await.unwrap(), ["5.1 % [] v1"]);
    assert_eq!(values(&portal, two).await.unwrap(), ["6.1 % [] v1"]);
    // To part whom nobody tied changes nothing.
    take(&portal, &apart(21, "1", "2")).await;
    assert_eq!(chart(&portal, "2").await, Some(two));
}

/// A clinic that tidies its numbers up shuts nobody out: a number that is new here goes on in the chart of the old one.
#[tokio::test]
async fn q39_adt_merge_into_a_new_number_keeps_the_chart() {
    let portal = fresh().await;
    for message in [adt(1, "2", "Canary"), oru(2, "2", "9", "5.1")] {
        take(&portal, &message).await;
    }
    let two = chart(&portal, "2").await.unwrap();
    take(&portal, &merge(10, "1", "2")).await;
    assert_eq!(chart(&portal, "1").await, Some(two));
    take(&portal, &oru(11, "1", "8", "6.1")).await;
    assert_eq!(values(&portal, two).await.unwrap().len(), 2);
    // Sent again, nothing moves; the number of before leads there too.
    take(&portal, &merge(10, "1", "2")).await;
    take(&portal, &oru(12, "2", "7", "7.1")).await;
    assert_eq!(values(&portal, two).await.unwrap().len(), 3);
    // Taken apart, each has its own: the chart stays with the number that it was of.
    take(&portal, &apart(20, "1", "2")).await;
    assert_eq!(values(&portal, two).await.unwrap(), ["5.1 % [] v1", "7.1 % [] v1"]);
    let one = chart(&portal, "1").await.unwrap();
    assert_ne!(one, two);
    assert_eq!(values(&portal, one).await.unwrap(), ["6.1 % [] v1"]);
    take(&portal, &merge(10, "1", "2")).await;
    assert_eq!(chart(&portal, "1").await, Some(one));
}

#[tokio::test]
async fn q39_adt_merge_a_chain_leads_to_the_last_and_a_circle_to_the_newest() {
    let portal = fresh().await;
    for message in [adt(1, "1", "A"), adt(1, "2", "B"), adt(1, "3", "C"), oru(2, "1", "9", "5.1")] {
        take(&portal, &message).await;
    }
    take(&portal, &merge(10, "2", "1")).await;
    take(&portal, &merge(11, "3", "2")).await;
    let three = chart(&portal, "3").await.unwrap();
    assert_eq!((chart(&portal, "1").await, chart(&portal, "2").await), (Some(three), Some(three)));
    assert_eq!(values(&portal, three).await.unwrap().len(), 1);
    // Round about: now 1 goes on.
    take(&portal, &merge(12, "1", "3")).await;
    let one = chart(&portal, "1").await.unwrap();
    assert_ne!(one, three);
    assert_eq!((chart(&portal, "2").await, chart(&portal, "3").await), (Some(one), Some(one)));
    assert_eq!(values(&portal, one).await.unwrap().len(), 1);
    assert_eq!(values(&portal, three).await, Err(AccessError::NotFound));
}

#[tokio::test]
async fn q39_adt_merge_of_an_unknown_number_counts_when_the_number_comes() {
    let portal = fresh().await;
    take(&portal, &oru(1, "2", "8", "7.1")).await;
    take(&portal, &merge(5, "1", "2")).await;
    let one = chart(&portal, "1").await.unwrap();
    assert_eq!(values(&portal, one).await.unwrap(), ["7.1 % [] v1"]);
    take(&portal, &adt(6, "2", "Canari")).await;
    take(&portal, &oru(7, "2", "9", "5.5")).await;
    assert_eq!(chart(&portal, "2").await, Some(one));
    assert_eq!(values(&portal, one).await.unwrap().len(), 2);
}

#[tokio::test]
async fn staff_say_whose_it_is_and_take_it_back() {
    let portal = fresh().await;
    take(&portal, &adt(1, "1", "Canary")).await;
    let one = chart(&portal, "1").await.unwrap();
    let lab = SourceId::parse("lab").unwrap();
    take_from(&portal, lab.clone(), &oru(2, "77", "9", "5.9")).await;
    take_from(&portal, lab.clone(), &oru(3, "77", "10", "6.1")).await;
    let cases = portal.quarantine(&lab, None, 1).await.unwrap();
    assert!(cases.next.is_some());
    let case = &cases.cases[0];
    assert_eq!((case.code.as_str(), case.subject.clone()), ("unknown-patient", Some(name("77"))));
    let opened = portal.open_quarantined(STAFF, &lab, case.id).await.unwrap();
    assert!(opened.view.is_some() && !opened.original.is_empty());

    // Not needed after all, and again needed.
    portal.dismiss_quarantined(STAFF, &lab, case.id).await.unwrap();
    portal.reopen_quarantined(STAFF, &lab, case.id).await.unwrap();
    let nobody = PatientId::from_bytes([1; 16]);
    let refused = portal.file_quarantined(STAFF, &lab, case.id, nobody).await;
    assert!(matches!(refused, Err(QuarantineError::Link(LinkError::NoSuchPatient))));
    assert!(portal.file_quarantined(STAFF, &lab, case.id, one).await.unwrap() >= 2);
    assert_eq!(values(&portal, one).await.unwrap().len(), 2);
    assert!(portal.quarantine(&lab, None, 10).await.unwrap().cases.is_empty());
    assert!(matches!(portal.open_quarantined(STAFF, &lab, case.id).await, Err(QuarantineError::NotFound)));

    // It was another person: out of this chart at once, and into the right one.
    portal.retract(STAFF, &lab, &name("77")).await.unwrap();
    assert_eq!(values(&portal, one).await.unwrap(), Vec::<String>::new());
    take_from(&portal, lab.clone(), &oru(4, "77", "11", "6.3")).await;
    assert_eq!(values(&portal, one).await.unwrap(), Vec::<String>::new());
    take(&portal, &adt(5, "2", "Other")).await;
    let two = chart(&portal, "2").await.unwrap();
    portal.refile(STAFF, &lab, &name("77"), two).await.unwrap();
    assert_eq!(values(&portal, two).await.unwrap().len(), 3);
    assert!(portal.quarantine(&lab, None, 10).await.unwrap().cases.is_empty());
    assert_eq!(portal.retract(STAFF, &source(), &name("1")).await, Err(LinkError::OwnChart));
    for patient in [one, two] {
        portal.verify_trail(patient).await.unwrap();
    }
}

#[tokio::test]
async fn q40_adt_unlink_by_staff_counts_and_the_source_does_not_undo_it_by_repeating_itself() {
    let portal = fresh().await;
    for message in [adt(1, "1", "A"), adt(1, "2", "B"), oru(2, "2", "9", "5.1"), merge(3, "1", "2")] {
        take(&portal, &message).await;
    }
    let one = chart(&portal, "1").await.unwrap();
    portal.say_of_patients(STAFF, &source(), (&name("1"), &name("2")), Tie::Apart).await.unwrap();
    let two = chart(&portal, "2").await.unwrap();
    assert_ne!(one, two);
    take(&portal, &merge(3, "1", "2")).await;
    assert_eq!(chart(&portal, "2").await, Some(two));
    assert_eq!(values(&portal, two).await.unwrap().len(), 1);
}

#[tokio::test]
async fn q40_adt_deleted_persons_wait_for_staff_and_cannot_be_filed() {
    let portal = fresh().await;
    take(&portal, &adt(1, "1", "A")).await;
    take(&portal, &message("ADT^A29", 2, "PID|1||1^^^A^MR\r")).await;
    let cases = portal.quarantine(&source(), None, 10).await.unwrap().cases;
    assert_eq!(cases[0].code, "patient-deleted");
    let one = chart(&portal, "1").await.unwrap();
    let refused = portal.file_quarantined(STAFF, &source(), cases[0].id, one).await;
    assert!(matches!(refused, Err(QuarantineError::Unreadable)));
    portal.dismiss_quarantined(STAFF, &source(), cases[0].id).await.unwrap();
    assert_eq!(waiting(&portal).await, Vec::<String>::new());
    take(&portal, &message("ADT^A29", 2, "PID|1||1^^^A^MR\r")).await;
    assert_eq!(waiting(&portal).await, Vec::<String>::new());
}

/// What everybody sees in the end.
async fn all_charts(portal: &Portal) -> Vec<Option<Result<Vec<String>, AccessError>>> {
    let mut all = Vec::new();
    for number in ["1", "2", "3"] {
        all.push(match chart(portal, number).await {
            Some(patient) => Some(values(portal, patient).await),
            None => None,
        });
    }
    all
}

/// Takes messages; says whether all of it was durable.
async fn try_to_take(portal: &Portal, message: &str) -> bool {
    let settings = SourceSettings::in_zone("America/Chicago".parse().unwrap());
    let delivery = Hl7v2Delivery::open(vec![Input::bytes("feed", message.as_bytes())], settings, &mut |_| {});
    let mut intake = portal.intake(source()).unwrap();
    deliver(&mut intake, &delivery, &mut |_| {}).await.is_ok()
}

#[tokio::test]
async fn q39_q42_a_storage_that_fails_at_any_step_delays_and_loses_nothing() {
    // The number that goes on is known, or it is new and goes on in the chart of the other.
    let known = vec![
        adt(1, "1", "A"),
        oru(2, "2", "8", "7.1"),
        adt(3, "2", "B"),
        oru(4, "2", "8", "7.7"),
        merge(10, "1", "2"),
        oru(11, "2", "7", "8.8"),
        apart(20, "1", "2"),
    ];
    let new = vec![
        oru(2, "2", "8", "7.1"),
        adt(3, "2", "B"),
        merge(10, "1", "2"),
        oru(11, "1", "7", "8.8"),
        oru(12, "2", "6", "9.9"),
    ];
    for messages in [known, new] {
        interrupt_everywhere(&messages).await;
    }
}

/// Takes messages again and again, each time with another call to storage that fails.
async fn interrupt_everywhere(messages: &[String]) {
    let expected = fresh().await;
    for message in messages {
        take(&expected, message).await;
    }
    let expected = all_charts(&expected).await;
    let mut interrupted = 0;
    for failing in [Failing::Before, Failing::After] {
        for step in (0..).step_by(9) {
            let storage = Arc::new(UnsteadyStorage::over(Arc::new(MemoryStorage::new())));
            let portal = portal(Arc::clone(&storage) as Arc<dyn Storage>).await;
            storage.fail_after(step, failing);
            let mut failed = false;
            for message in messages {
                while !try_to_take(&portal, message).await {
                    failed = true;
                }
            }
            if storage.failures() == 0 {
                break;
            }
            interrupted += u32::from(failed);
            assert_eq!(all_charts(&portal).await, expected, "after a fault in step {step}");
            assert_eq!(waiting(&portal).await, Vec::<String>::new(), "after a fault in step {step}");
        }
    }
    assert!(interrupted > 20, "{interrupted} messages were interrupted");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Merges, their reversals, results and introductions in any order, some of them twice, end in the same charts.
    #[test]
    fn any_order_of_merges_and_results_ends_in_the_same_charts(
        order in Just((0..9usize).collect::<Vec<_>>()).prop_shuffle(),
        twice in proptest::collection::vec(0..9usize, 0..4),
        on_sqlite in proptest::bool::weighted(0.25),
    ) {
        let messages = [
            adt(1, "1", "A"), adt(2, "2", "B"), adt(3, "3", "C"),
            oru(4, "1", "9", "5.1"), oru(5, "2", "8", "6.1"), oru(6, "3", "7", "7.1"), oru(7, "2", "8", "6.6"),
            merge(10, "1", "2"), merge(11, "3", "1"),
        ];
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let expected = fresh().await;
            for message in &messages {
                take(&expected, message).await;
            }
            let folder = tempfile::tempdir().unwrap();
            let storage: Arc<dyn Storage> = if on_sqlite {
                Arc::new(SqliteStorage::open(folder.path().join("whose.db")).await.unwrap())
            } else {
                Arc::new(MemoryStorage::new())
            };
            let portal = portal(storage).await;
            for at in order.iter().chain(&twice) {
                take(&portal, &messages[*at]).await;
            }
            let seen = all_charts(&portal).await;
            assert_eq!(seen, all_charts(&expected).await);
            assert!(seen.iter().all(|seen| matches!(seen, Some(Ok(values)) if values.len() == 3)), "{seen:?}");
            assert_eq!(waiting(&portal).await, Vec::<String>::new());
        });
    }
}
