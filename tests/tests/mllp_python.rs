//! A client that others wrote, python-hl7's `mllp_send`, feeds the listener.
//!
//! It is found on the `PATH` or where `MYCHARTUM_MLLP_SEND` says.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking and says why it skips"
)]

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use mychartum_adapters::hl7v2::SourceSettings;
use mychartum_adapters::keys::SecretKeyring;
use mychartum_adapters::mllp::{ChartFeed, ServeSettings, serve};
use mychartum_core::chart::{SourceId, SourceRef};
use mychartum_core::kernel::text::Label;
use mychartum_core::portal::Portal;
use mychartum_core::vault::SecretKey;
use mychartum_storage::MemoryStorage;
use mychartum_testkit::{ManualClock, SeededEntropy};
use tokio::sync::oneshot;

/// The client, or `None` where there is none.
fn mllp_send() -> Option<PathBuf> {
    let named = std::env::var_os("MYCHARTUM_MLLP_SEND").map(PathBuf::from);
    let program = named.unwrap_or_else(|| "mllp_send".into());
    let runs = Command::new(&program).arg("--version").output().is_ok_and(|output| output.status.success());
    if runs {
        return Some(program);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "mllp_send of python-hl7 is missing");
    eprintln!("skipped: mllp_send of python-hl7 is not here");
    None
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_message_of_mllp_send_is_acknowledged_and_filed() {
    let Some(program) = mllp_send() else { return };
    let portal = Portal::builder()
        .storage(MemoryStorage::new())
        .keys(SecretKeyring::new(SecretKey::from_bytes([7; 32])))
        .clock(ManualClock::default())
        .entropy(SeededEntropy::new(1))
        .open()
        .await
        .unwrap();
    let portal = Arc::new(portal);
    let source = SourceId::parse("riverside").unwrap();
    let settings = SourceSettings::in_zone("America/Chicago".parse().unwrap());
    let clock = Arc::new(ManualClock::default());
    let feed = ChartFeed::new(Arc::clone(&portal), source.clone(), settings, clock, |_| {});
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(serve(listener, ServeSettings::default(), Arc::new(feed), async move {
        drop(stopped.await);
    }));

    let messages: String = (1..=20)
        .map(|number| {
            format!(
                "\u{b}MSH|^~\\&|ADT|RIVERSIDE|||20260301093000||ADT^A04|{number}|P|2.5.1\r\
                 PID|1||{number}^^^RIVERSIDE^MR||Canary^Ada\r\u{1c}\r"
            )
        })
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("messages");
    std::fs::write(&file, messages).unwrap();
    let sent = tokio::task::spawn_blocking(move || {
        Command::new(program).args(["--port", &port.to_string(), "--file"]).arg(&file).arg("127.0.0.1").output()
    });
    let output = sent.await.unwrap().unwrap();
    stop.send(()).unwrap();
    serving.await.unwrap();

    let answers = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success());
    assert_eq!(answers.matches("MSA|AA|").count(), 20);
    for number in 1..=20 {
        let label = |text: &str| Label::parse(text).unwrap();
        let name = SourceRef { kind: label("Patient"), id: label(&format!("RIVERSIDE|{number}")) };
        assert!(portal.linked(&source, &name).await.unwrap().is_some(), "{number}");
    }
}
