//! Messages of HL7 v2 through a whole portal: in any order and any number of times they end in the same chart, and an acknowledged one is
//! stored.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::sync::{Arc, Mutex};

use mychartum_adapters::hl7v2::{Hl7v2Delivery, Input, Introduce, ProcessingPolicy, SourceSettings, deliver};
use mychartum_adapters::keys::SecretKeyring;
use mychartum_adapters::mllp::{ChartFeed, ClientSettings, MllpClient, ServeSettings, Server, Taken, serve};
use mychartum_core::access::pack::{OWN_RECORDS_PACK, PolicyPack};
use mychartum_core::account::{NewAccount, Password, Username};
use mychartum_core::audit::Purpose;
use mychartum_core::chart::{SectionSet, SourceId};
use mychartum_core::kernel::Sensitivity;
use mychartum_core::port::Storage;
use mychartum_core::portal::{Disclosure, Page, Portal};
use mychartum_core::sync::IntakeReport;
use mychartum_core::vault::SecretKey;
use mychartum_storage::{MemoryStorage, SqliteStorage};
use mychartum_testkit::{ManualClock, SeededEntropy};
use tokio::sync::oneshot;

const PASSWORD: &str = "fifteen letters, at least";

async fn portal(storage: Arc<dyn Storage>) -> Portal {
    Portal::builder()
        .storage(storage)
        .keys(SecretKeyring::new(SecretKey::from_bytes([7; 32])))
        .clock(ManualClock::at("2026-03-02T00:00:00Z".parse().unwrap()))
        .entropy(SeededEntropy::new(1))
        .policy(PolicyPack::parse(OWN_RECORDS_PACK).unwrap())
        .open()
        .await
        .unwrap()
}

fn settings() -> SourceSettings {
    SourceSettings {
        introduce: Introduce::AnyMessage,
        processing: ProcessingPolicy::Anything,
        ..SourceSettings::in_zone("America/Chicago".parse().unwrap())
    }
}

fn source() -> SourceId {
    SourceId::parse("riverside-lab").unwrap()
}

async fn take(portal: &Portal, message: &str) -> IntakeReport {
    let delivery = Hl7v2Delivery::open(vec![Input::bytes("feed", message.as_bytes())], settings(), &mut |_| {});
    let mut intake = portal.intake(source()).unwrap();
    assert!(deliver(&mut intake, &delivery, &mut |_| {}).await.unwrap().is_empty());
    let report = intake.finish();
    assert!(report.adds_up());
    assert_eq!(report.resources, delivery.total().resources);
    report
}

/// A result of one analyte as one message: when it was sent, how far it got, when the laboratory changed it, its value.
fn oru(sent: &str, status: &str, changed: &str, value: &str) -> String {
    format!(
        "MSH|^~\\&|LAB|RIVERSIDE|||{sent}||ORU^R01|{sent}|P|2.5.1\rPID|1||0042^^^RIVERSIDE^MR||Canary^Ada||19750501|F\r\
         OBR|1||9|24323-8^Panel^LN|||20260301081500|||||||||||||||{changed}|||{status}\r\
         OBX|1|NM|4548-4^HbA1c^LN||{value}|%|4.0-5.6||||{status}|||20260301081500\r"
    )
}

async fn open(portal: &Portal, report: &IntakeReport) -> Disclosure {
    let patient = report.patients[0];
    let username = Username::parse("ada").unwrap();
    let account =
        NewAccount { username: username.clone(), password: Password::new(PASSWORD).unwrap(), own: Some(patient) };
    portal.open_account(account).await.unwrap();
    let token = portal.sign_in(&username, &Password::entered(PASSWORD).unwrap()).await.unwrap();
    let session = portal.resume(&token).await.unwrap();
    let permit = session.ask(patient, SectionSet::chart(), Purpose::Care).await.unwrap();
    portal.disclose(permit).unwrap()
}

/// What the patient sees of the result, and of its history.
async fn shown(portal: &Portal, report: &IntakeReport) -> Vec<String> {
    let chart = open(portal, report).await;
    let mut all = Vec::new();
    for item in chart.results(Page::latest(10)).await.unwrap().items {
        all.push(format!("{} {} {}", item.version, item.view.status.code(), item.view.value.for_people()));
        for earlier in chart.earlier_results(item.id).await.unwrap() {
            all.push(format!(
                "  {} {} {}",
                earlier.version,
                earlier.view.status.code(),
                earlier.view.value.for_people()
            ));
        }
    }
    all
}

#[tokio::test]
async fn q3_q21_q22_q25_any_order_and_any_repetition_end_in_the_same_chart() {
    let sent = [
        oru("20260301090000", "P", "20260301085500", "5.1"),
        oru("20260301100000", "F", "20260301095500", "5.9"),
        oru("20260301110000", "C", "20260301105500", "6.9"),
        oru("20260301120000", "C", "20260301115500", "6.4"),
    ];
    let mut expected: Option<Vec<String>> = None;
    let mut orders: Vec<Vec<usize>> = vec![vec![]];
    for next in 0..sent.len() {
        orders = orders
            .iter()
            .flat_map(|order| (0..=order.len()).map(move |at| [&order[..at], &[next], &order[at..]].concat()))
            .collect();
    }
    assert_eq!(orders.len(), 24);
    let folder = tempfile::tempdir().unwrap();
    for (number, order) in orders.iter().enumerate() {
        let storage: Arc<dyn Storage> = if number % 6 == 0 {
            Arc::new(SqliteStorage::open(folder.path().join(format!("{number}.db"))).await.unwrap())
        } else {
            Arc::new(MemoryStorage::new())
        };
        let portal = portal(storage).await;
        let mut last = IntakeReport::default();
        // Once in this order, and once more from its end.
        for message in order.iter().chain(order.iter().rev()) {
            last = take(&portal, &sent[*message]).await;
        }
        let shown = shown(&portal, &last).await;
        assert!(shown[0].ends_with("corrected 6.4 %"), "{order:?}: {shown:?}");
        assert_eq!(shown.len(), 4, "{order:?}: {shown:?}");
        match &expected {
            None => expected = Some(shown),
            Some(expected) => assert_eq!(*expected, shown, "{order:?}"),
        }
    }
}

/// A value that comes back to what it was: its second time is the newer one, whatever order it comes in.
#[tokio::test]
async fn q3_what_says_the_same_again_counts_as_of_then() {
    let sent = [
        oru("20260301090000", "F", "", "5.1"),
        oru("20260301100000", "F", "", "5.9"),
        oru("20260301110000", "F", "", "5.1"),
    ];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let portal = portal(Arc::new(MemoryStorage::new())).await;
        let mut report = None;
        for at in order {
            report = Some(take(&portal, &sent[at]).await);
        }
        let seen = shown(&portal, &report.unwrap()).await;
        assert!(seen[0].ends_with("final 5.1 %"), "{order:?}: {seen:?}");
    }
}

#[tokio::test]
async fn q23_a_withdrawn_result_is_shown_nowhere() {
    let portal = portal(Arc::new(MemoryStorage::new())).await;
    let report = take(&portal, &oru("20260301100000", "F", "20260301095500", "5.9")).await;
    take(&portal, &oru("20260301110000", "W", "20260301105500", "5.9")).await;
    // The old message comes again, late.
    take(&portal, &oru("20260301100000", "F", "20260301095500", "5.9")).await;
    let chart = open(&portal, &report).await;
    assert!(chart.results(Page::latest(10)).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn q36_what_is_restricted_later_is_filed_anew() {
    let portal = portal(Arc::new(MemoryStorage::new())).await;
    let open_one = oru("20260301100000", "F", "20260301095500", "5.9");
    let report = take(&portal, &open_one).await;
    let later = open_one.replace("|||20260301100000||", "|||20260301110000||");
    assert_ne!(open_one, later);
    let restricted = later.replace("OBR|1", "ARV|1|A|HIV\rOBR|1");
    assert_eq!(take(&portal, &restricted).await.stored, 2, "the result and its report, and the person is the same");
    // The open one comes again, late: it takes no restriction away.
    take(&portal, &open_one).await;
    let chart = open(&portal, &report).await;
    let items = chart.results(Page::latest(10)).await.unwrap().items;
    assert_eq!(items.len(), 1);
    assert!(items[0].provenance.labels.has(Sensitivity::Hiv));
}

#[tokio::test]
async fn q1_q2_a_message_again_changes_nothing_and_another_one_of_its_number_counts() {
    let portal = portal(Arc::new(MemoryStorage::new())).await;
    let first = oru("20260301100000", "F", "20260301095500", "5.9");
    let report = take(&portal, &first).await;
    assert_eq!((report.stored, report.unchanged), (3, 0));
    let again = take(&portal, &first).await;
    assert_eq!((again.stored, again.unchanged), (0, 3));
    // The same MSH-10 with another body: the sender's counter began anew.
    let other = first.replace("|9|24323-8", "|10|24323-8");
    let taken = take(&portal, &other).await;
    assert_eq!((taken.stored, taken.unchanged), (2, 1));
}

#[tokio::test]
async fn q7_q42_what_is_acknowledged_is_stored_or_kept() {
    let portal = Arc::new(portal(Arc::new(MemoryStorage::new())).await);
    let reports: Arc<Mutex<Vec<IntakeReport>>> = Arc::default();
    let heard = Arc::clone(&reports);
    let told = move |taken| {
        if let Taken::Durable(report) = taken {
            heard.lock().unwrap().push(report);
        }
    };
    let settings = SourceSettings::in_zone("America/Chicago".parse().unwrap());
    let clock = Arc::new(ManualClock::at("2026-03-02T00:00:00Z".parse().unwrap()));
    let feed = ChartFeed::new(Arc::clone(&portal), source(), settings, clock, told);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(serve(listener, ServeSettings::default(), Arc::new(feed), async move {
        drop(stopped.await);
    }));
    let server = Server { host: "127.0.0.1".into(), port, tls: None };
    let mut client = MllpClient::new(server, ClientSettings::default());
    let result = oru("20260301100000", "F", "20260301095500", "5.9");
    let person =
        "MSH|^~\\&|ADT|RIVERSIDE|||20260301093000||ADT^A04|1|P|2.5.1\rPID|1||0042^^^RIVERSIDE^MR||Canary^Ada\r";
    let merge = "MSH|^~\\&|ADT|RIVERSIDE|||20260301093000||ADT^A40|2|P|2.5.1\rPID|1||0042^^^RIVERSIDE^MR\rMRG|7^^^RIVERSIDE^MR\r";
    // Of somebody unknown: acknowledged and kept. Then the person, then the result again.
    for message in [result.as_str(), person, result.as_str(), merge] {
        assert_eq!(client.send(message.as_bytes()).await.unwrap().reply.code.as_str(), "AA");
    }
    drop(client);
    stop.send(()).unwrap();
    serving.await.unwrap();
    let reports = std::mem::take(&mut *reports.lock().unwrap());
    let fates: Vec<(u64, usize)> = reports.iter().map(|report| (report.stored, report.set_aside.len())).collect();
    // What waited was filed with the person, so that the repetition brought nothing new.
    assert_eq!(fates, [(0, 2), (1, 0), (0, 0), (2, 0)]);
    assert_eq!(shown(&portal, &reports[2]).await, ["1 final 5.9 %"]);
}
