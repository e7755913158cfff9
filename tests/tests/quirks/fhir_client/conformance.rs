//! The suite for record sources against the client, with a simulated server at the other end.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use mychartum_adapters::fhir::client::{FhirServer, FhirSettings};
use mychartum_core::port::record_source::Category;
use mychartum_core::port::{Clock as _, RecordSource};
use mychartum_testkit::conformance::record_source::{FarSide, Harness, Stage, run_all};
use mychartum_testkit::simulator::{FhirFault, FhirStore, SimulatedFhir};
use mychartum_testkit::{ManualClock, SeededEntropy};
use serde_json::json;

use super::patient;

struct Servers;

/// What a far side does wrong, and how often.
fn faults(far_side: FarSide, stranger: &str) -> Vec<(FhirFault, u32)> {
    let status = |status, kind| FhirFault::Status { status, retry_after: None, kind };
    match far_side {
        FarSide::Good | FarSide::Absent => Vec::new(),
        FarSide::Incomplete => vec![(FhirFault::RemarkOnly("error"), 1)],
        FarSide::Mixed => {
            let resource = json!({ "resourceType": "Observation", "id": "theirs", "status": "final",
                "code": { "text": "Glucose" }, "subject": { "reference": format!("Patient/{stranger}") } });
            vec![(FhirFault::Extra(json!({ "resource": resource })), 1)]
        }
        FarSide::Endless => vec![(FhirFault::NextEndless, 5_000)],
        FarSide::BusyMidway => vec![(status(503, Some("page")), 2)],
        FarSide::Busy => vec![(status(429, None), 5_000)],
        FarSide::Locked => vec![(status(401, None), 5_000)],
        FarSide::Forbidding => vec![(status(403, Some("Observation")), 1)],
        FarSide::Babbling => vec![(FhirFault::WebPage, 5_000)],
    }
}

#[async_trait]
impl Harness for Servers {
    fn category(&self) -> Category {
        Category::LabResults
    }

    async fn stage(&self, far_side: FarSide) -> Option<Stage> {
        let clock = ManualClock::default();
        let store = FhirStore::sample(9, 2, 10, clock.now());
        let [one, other] = <[String; 2]>::try_from(store.patients()).ok()?;
        let simulated = Arc::new(SimulatedFhir::start(store, clock.clone()).await.ok()?);
        for (fault, times) in faults(far_side, &other) {
            simulated.arm(fault, times);
        }
        let (base, port_clock) = (simulated.base(), clock.clone());
        let reopen = move || -> Arc<dyn RecordSource> {
            let mut settings = FhirSettings::new(base.clone());
            (settings.page_size, settings.pages_a_call, settings.pages_a_pass) = (3, 2, 50);
            let entropy = Arc::new(SeededEntropy::new(1));
            Arc::new(FhirServer::new(settings, Arc::new(port_clock.clone()), entropy).unwrap())
        };
        let id = one.clone();
        let holder = simulated.clone();
        let holds = move || -> BTreeSet<String> {
            let store = holder.store();
            store.of(&id, "Observation").iter().map(|found| found["id"].as_str().unwrap().to_owned()).collect()
        };
        let (id, secrets) = (one.clone(), vec![simulated.base(), "127.0.0.1".to_owned()]);
        let source = reopen();
        // Nobody is at the port of a server that is over.
        let simulated = if far_side == FarSide::Absent { None } else { Some(simulated) };
        let change = move || {
            clock.advance(chrono::Duration::hours(1));
            let simulated = simulated.as_ref().unwrap();
            let changed = simulated.store().of(&id, "Observation")[2].clone();
            let name = changed["id"].as_str().unwrap().to_owned();
            simulated.change(|store| store.put(changed, clock.now()));
            name
        };
        let holds: Box<dyn Fn() -> BTreeSet<String> + Send + Sync> =
            if far_side == FarSide::Absent { Box::new(BTreeSet::new) } else { Box::new(holds) };
        Some(Stage {
            source,
            patient: patient(&one),
            stranger: patient(&other),
            holds,
            change: Box::new(change),
            reopen: Box::new(reopen),
            secrets,
        })
    }
}

#[tokio::test]
async fn a_fhir_server_keeps_all_promises() {
    run_all(&Servers).await.assert_passed();
}
